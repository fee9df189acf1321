"""Public versions of records, rebuilt from the history, and sentences about their differences."""
