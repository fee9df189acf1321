"""The committee's decision on a call: draft, apply, reverse and the reserve list."""
