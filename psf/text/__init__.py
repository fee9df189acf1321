"""Folding, slugs, dates, numbers, languages and phrases."""
