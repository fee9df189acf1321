"""Spreadsheets of projects: read, compared with the records, previewed, then saved as a whole.

`parser` reads the projects of a file, `plan` compares the projects with the records, and `apply`
saves the plan. A file with a `Problem` saves nothing.
"""
