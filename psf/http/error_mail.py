import logging
import traceback
from threading import Thread
from time import monotonic

from django.conf import settings
from django.core.mail import send_mail

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
