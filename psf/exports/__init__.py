"""Data for programs and spreadsheets: CSV, XLSX and JSON, their errors, page tokens and limits."""
