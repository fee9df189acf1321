"""The admin forms and lists of calls, projects, priorities and topics."""

from projects.admin import calls, projects, terms
from projects.assessment.admin import assessor_pages as assessments

__all__ = ["assessments", "calls", "projects", "terms"]
