"""Uploaded files: accepted types, storage and download.

A file is written before the database row that names the file, and stays when the row is deleted.
An interruption can leave an unused file, and never a row without a file. The command `check_files`
lists and deletes unused files.
"""
