"""Squares, dots on an axis of time, map, and tables of figures with their CSV."""
