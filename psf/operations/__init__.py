"""Readiness, backup and restore: what the operator of a server needs."""
