"""Lookup of organisations and countries by name, duplicates, and mergers with preview and undo."""
