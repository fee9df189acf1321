"""Speed and resources of the site, and how both grow with the number of projects.

    .venv/bin/python -m tests.benchmarks --projects 1000 30000 --database sqlite postgresql

makes the data in a temporary database, starts the server as in `make run`, and prints a table
in Markdown. It uses wrk and nginx where they are installed (`apt install wrk nginx`).
"""
