from . import sets

__all__ = ["sets"]
