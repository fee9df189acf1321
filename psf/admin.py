"""Loads the staff pages of accounts, of the audit log and of the history."""

from psf.staff import accounts, logs

__all__ = ["accounts", "logs"]
