"""Bars, matrix, network, map, and tables of figures with their CSV."""
