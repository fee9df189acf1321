import logging

CONTROL_CHARACTERS = {
    code: repr(chr(code))[1:-1] for code in [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029]
}


class OneLineFormatter(logging.Formatter):
    """One line an event, tracebacks included, so that no request can forge a line of the log."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).translate(CONTROL_CHARACTERS)


class RefusedInOneLine(logging.Filter):
    """Passes every event, and of a request that was refused only what was wrong with it.

    The fault is not ours, so it is a warning and has no traceback.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        if record.name.startswith("django.") and record.levelno <= logging.WARNING:
            record.exc_info = None
        return True
