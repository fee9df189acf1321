"""Squares, a map, and tables of figures with their CSV."""
