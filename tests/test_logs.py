import logging

from psf.logs import OneLineFormatter


def test_an_event_is_one_line_whatever_it_holds():
    record = logging.LogRecord(
        "psf", logging.INFO, "", 0, "a\nforged\r\x1b[31m\u2028line ł", None, None
    )

    assert OneLineFormatter("%(name)s: %(message)s").format(record) == (
        "psf: a\\nforged\\r\\x1b[31m\\u2028line ł"
    )
