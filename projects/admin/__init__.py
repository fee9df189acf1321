from . import calls, projects, terms

__all__ = ["calls", "projects", "terms"]
