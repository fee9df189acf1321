"""Values in memory that follow the records: the history tells which records changed."""
