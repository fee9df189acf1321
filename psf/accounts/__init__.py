"""Accounts of staff, their roles, one-time passwords and the limits on signing in."""
