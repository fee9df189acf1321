"""The admin pages of the audit trail."""
