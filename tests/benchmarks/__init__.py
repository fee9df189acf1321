"""Speed and memory of the site, and how both grow with the number of projects.

    .venv/bin/python -m tests.benchmarks --projects 1000 30000 --database sqlite postgresql

makes the data in a temporary database, serves them as `make run` does, and prints one table in
Markdown. Django's admin, Datasette and nginx serve the same records beside it where they are
installed: `apt install nginx`, and Datasette on the path.
"""
