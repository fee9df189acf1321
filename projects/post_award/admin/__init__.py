"""The admin pages of agreements, payments, reports, amendments and documents."""
