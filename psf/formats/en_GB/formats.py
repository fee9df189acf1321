"""Changes to the British formats of Django: 24 hours, groups of digits, and dots."""

DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"
# A number such as 30 000 stays on one line.
THOUSAND_SEPARATOR = "\N{NO-BREAK SPACE}"
# As most countries around the Baltic Sea write days and times: 31.03.2027, 23.59.
DATE_INPUT_FORMATS = ["%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y"]
TIME_INPUT_FORMATS = ["%H:%M:%S", "%H:%M:%S.%f", "%H:%M", "%H.%M"]
