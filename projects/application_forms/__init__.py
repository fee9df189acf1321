"""The application form of a call as a workbook: made from its rules, read back by staff."""
