"""Changes to the British formats of Django: 24 hours, and groups of digits."""

DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"
# A number such as 30 000 stays on one line.
THOUSAND_SEPARATOR = "\N{NO-BREAK SPACE}"
