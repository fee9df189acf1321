from . import countries, organisations

__all__ = ["countries", "organisations"]
