"""Faults of processes, databases and disks under traffic: `python -m tests.faults`."""
