"""British formats of days and moments in forms."""
