"""British formats of dates and times in forms."""
