"""Bars, matrix, map, and tables of figures with their CSV."""
