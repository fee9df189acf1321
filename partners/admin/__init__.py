"""The admin pages of countries and organisations, with duplicates and mergers."""

from . import countries, organisations

__all__ = ["countries", "organisations"]
