"""Texts of announcements: read into drafts, saved, and written from the records."""
