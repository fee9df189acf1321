"""The admin forms and lists of calls, projects, priorities and topics."""

from projects.admin import calls, projects
from projects.assessment.admin import assessment_admin

__all__ = ["assessment_admin", "calls", "priorities_and_topics", "projects"]
