"""Loads the staff pages of accounts, of the audit log and of the history."""

from django.contrib import admin

from psf.staff import accounts, logs

__all__ = ["accounts", "logs"]

admin.site.disable_action("delete_selected")  # a deletion is of one record, with its reasons
