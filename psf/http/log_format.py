import json
import logging
import re
from typing import Any

# The longest message and the longest line with its traceback, in characters.
MAX_MESSAGE, MAX_LINE = 1_000, 20_000
# Private calendar addresses, and links for a new password.
SECRET_PATH = re.compile(r"(/calendar/)[^/\s]+(?=\.ics)|(/account/password/[^/\s]+/)[^/\s]+")
# Where PostgreSQL quotes the row that it refuses.
DETAIL = re.compile(r"^DETAIL:.*?(?=^\n(?:The above|During handling)|\Z)", re.DOTALL | re.MULTILINE)
CONTROL_CHARACTERS = {
    code: repr(chr(code))[1:-1] for code in [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029]
}


class OneLineFormatter(logging.Formatter):
    """One line of bounded length for each event with its traceback.

    No request can forge a line or fill the disk. Secrets in addresses are left out, and rows in
    errors of the database. Times have their distance from UTC.
    """

    default_time_format = "%Y-%m-%dT%H:%M:%S%z"
    default_msec_format = None

    def format(self, record: logging.LogRecord) -> str:
        text = SECRET_PATH.sub(r"\1\2…", super().format(record).translate(CONTROL_CHARACTERS))
        return shorten(text, MAX_LINE)

    def formatException(self, ei: Any) -> str:
        return DETAIL.sub("DETAIL: …\n", super().formatException(ei))

    def formatMessage(self, record: logging.LogRecord) -> str:
        return shorten(super().formatMessage(record), MAX_MESSAGE)


class JsonFormatter(OneLineFormatter):
    """The same event as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": super().format(record),
        }
        return json.dumps(event, ensure_ascii=False)


def shorten(text: str, length: int) -> str:
    """The text without its middle, if it is longer than the length."""
    half = length // 2
    return text if len(text) <= length else f"{text[:half]} … {text[-half:]}"


class RefusedInOneLine(logging.Filter):
    """Passes every event; a rejected request becomes a warning without a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        if record.name.startswith("django.") and record.levelno <= logging.WARNING:
            record.exc_info = None
        return True
