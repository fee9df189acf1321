"""Filters and tags for Django templates."""
