"""The day has 24 hours; the rest is as Django writes British English."""

DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"
