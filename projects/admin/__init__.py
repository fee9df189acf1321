from . import assessments, calls, projects, terms

__all__ = ["assessments", "calls", "projects", "terms"]
