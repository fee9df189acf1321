"""Copying rules, criteria and texts from an earlier call into a new call."""
