"""Lookup of organisations by name, duplicates, and mergers with preview and undo."""
