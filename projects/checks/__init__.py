"""Wrong or missing facts in the records, and the work list."""
