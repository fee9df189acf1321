"""The day has 24 hours, numbers are in groups; the rest is as Django writes British English."""

DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"
# 30 000 stays on one line, as amounts do.
THOUSAND_SEPARATOR = "\N{NO-BREAK SPACE}"
