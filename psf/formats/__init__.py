"""Formats of dates and numbers in the forms of staff."""
