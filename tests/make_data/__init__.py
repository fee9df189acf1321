"""Synthetic calls and projects, to measure a large site: `python -m tests.make_data`."""
