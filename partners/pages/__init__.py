"""Public lists and pages of partners, lead partners and countries."""
