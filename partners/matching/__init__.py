"""The record that a name means; duplicates; merging organisations, with preview and undo."""
