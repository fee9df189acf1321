import logging

CONTROL_CHARACTERS = {
    code: repr(chr(code))[1:-1] for code in [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029]
}


class OneLineFormatter(logging.Formatter):
    """One line for each event with its traceback, so that no request can forge a log line."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).translate(CONTROL_CHARACTERS)


class RefusedInOneLine(logging.Filter):
    """Passes every event; a rejected request becomes a warning without a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        if record.name.startswith("django.") and record.levelno <= logging.WARNING:
            record.exc_info = None
        return True
