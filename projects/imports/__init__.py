"""Spreadsheets of projects: read, compared with the records, previewed, then saved as a whole.

`parser` makes projects of the rows of a file, `plan` compares them with the records, and `apply`
saves them. A file with a `Problem` saves nothing.
"""
