"""Spreadsheets of projects: read, compared with the records, and written all or not at all.

`files` finds the rows of a file, `reading` makes projects of them, `plan` says what would
change, `apply` writes it. Whatever cannot be read is a `Problem`, and then nothing is written.
"""
