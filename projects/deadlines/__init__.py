"""The calendar of deadlines, its feed and reminders by mail."""

from .base import Deadline, DeadlineSource
from .sources import SOURCES, deadlines_for, may_see_any

__all__ = ["SOURCES", "Deadline", "DeadlineSource", "deadlines_for", "may_see_any"]
