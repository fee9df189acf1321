"""What each field of a record is and who may see it, declared once in a line."""
