"""Uploaded files: which kinds are taken, and where they are kept.

A file is written before the row that names it, and stays when the row goes: whatever is
interrupted leaves a file too many and never one too few. `check_files` tells and clears them.
"""
