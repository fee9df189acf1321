"""Two web nodes with a replica: starts every part on loopback and stops each part in turn.

`python -m tests.scale` as root on Debian with postgresql, pgbouncer and nginx. It prints a table.
"""
