"""Everything public as data: the dictionary of fields, tables and records in each format."""
