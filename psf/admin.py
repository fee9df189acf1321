"""Loads the staff pages of accounts, of the audit log and of the history."""

from psf.staff import accounts, audit
from psf.staff.history import change_sets

__all__ = ["accounts", "audit", "change_sets"]
