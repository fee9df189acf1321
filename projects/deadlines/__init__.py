"""What is due when, in all calls: for the staff's calendar, for calendar programs and reminders."""

from .base import Deadline, Source
from .sources import SOURCES, deadlines_for, may_see_any

__all__ = ["SOURCES", "Deadline", "Source", "deadlines_for", "may_see_any"]
