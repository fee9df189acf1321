"""Everything about one project in one archive, for auditors."""
