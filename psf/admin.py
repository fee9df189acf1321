"""Loads the staff pages of accounts and of the history."""

from psf.staff import accounts
from psf.staff.history import change_sets

__all__ = ["accounts", "change_sets"]
