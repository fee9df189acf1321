"""The calendar of deadlines, its feed and reminders by mail."""
