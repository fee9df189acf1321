"""Lines of the log, and mails about errors."""

import logging
import re
import traceback
from threading import Thread
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.mail import send_mail

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


SECONDS_BETWEEN_MAILS = 600
logger = logging.getLogger(__name__)


class ErrorMail(logging.Handler):
    """Mails errors to the operators: the kind of the error and the places in the code.

    A mail holds no data of the request and no text of the error, which may quote personal data.
    """

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._sent_at = float(-SECONDS_BETWEEN_MAILS)
        self._unsent = 0

    def emit(self, record: logging.LogRecord) -> None:
        if monotonic() - self._sent_at < SECONDS_BETWEEN_MAILS:
            self._unsent += 1
            return
        self._sent_at, unsent, self._unsent = monotonic(), self._unsent, 0
        kind, _error, trace = record.exc_info or (None, None, None)
        name = kind.__name__ if kind else record.levelname
        lines = [f"{name} in {record.name}.", f"{unsent} more errors since the last mail.", ""]
        lines += traceback.format_tb(trace)
        # Other threads that log an error wait for this method, but not for the mail server.
        Thread(target=self._send, args=(name, "\n".join(lines))).start()

    def _send(self, name: str, text: str) -> None:
        try:
            send_mail(f"[{settings.SITE_URL}] {name}", text, None, settings.ERROR_MAIL_TO)
        except Exception as error:  # the error itself is in the log
            logger.warning("The mail about an error was not sent: %s", error)
