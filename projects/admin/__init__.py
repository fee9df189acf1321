"""The admin forms and lists of calls, projects, priorities and topics."""

from projects.admin import calls, projects
from projects.assessment.admin import assessor_pages

__all__ = ["assessor_pages", "calls", "priorities_and_topics", "projects"]
