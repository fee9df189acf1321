"""Full-text search with the same results on SQLite and PostgreSQL."""
