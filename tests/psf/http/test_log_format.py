import logging
import sys
from datetime import datetime

import pytest

from psf.http.logs import OneLineFormatter, RefusedInOneLine
from tests.support.accounts import client_of


def test_an_event_is_one_line_whatever_it_holds():
    record = logging.LogRecord(
        "psf", logging.INFO, "", 0, "a\nforged\r\x1b[31m\u2028line ł", None, None
    )

    assert OneLineFormatter("%(name)s: %(message)s").format(record) == (
        "psf: a\\nforged\\r\\x1b[31m\\u2028line ł"
    )


def test_a_line_begins_with_its_time_and_the_distance_from_utc():
    record = logging.LogRecord("psf", logging.INFO, "", 0, "a message", None, None)
    record.created = 1_793_577_599.0
    line = OneLineFormatter("{asctime} {message}", style="{").format(record)
    assert datetime.strptime(line.split()[0], "%Y-%m-%dT%H:%M:%S%z").timestamp() == record.created


def test_a_line_has_a_bounded_length_and_no_private_address():
    def line(message, error=None):
        record = logging.LogRecord("psf", logging.INFO, "", 0, message, None, error)
        return OneLineFormatter("%(name)s: %(message)s").format(record)

    assert len(line("Not Found: /" + "é\n" * 30_000)) < 2_000
    error = (ValueError, ValueError("x" * 90_000), None)
    assert len(line("a fault", error)) < 20_100
    assert line("Not Found: /admin/calendar/se-cr_et.ics") == (
        "psf: Not Found: /admin/calendar/….ics"
    )
    assert line("Service Unavailable: /admin/account/password/MQ/d2x9-0a1b/") == (
        "psf: Service Unavailable: /admin/account/password/MQ/…/"
    )


def test_a_refused_row_of_postgresql_is_not_quoted():
    text = "null value in column\nDETAIL:  Failing row contains (1, Anna Aalto,\n+46 70).\n"
    try:
        try:
            raise ValueError(text)
        except ValueError as error:
            raise RuntimeError(text) from error
    except RuntimeError:
        record = logging.LogRecord("psf", logging.ERROR, "", 0, "", None, sys.exc_info())
    line = OneLineFormatter().format(record)
    assert line.count("null value in column") == 2
    assert "RuntimeError" in line
    assert "Anna" not in line
    assert "+46" not in line


@pytest.mark.django_db
def test_a_refused_question_of_a_list_is_answered_400_and_logged_in_one_line(caplog):
    caplog.handler.addFilter(RefusedInOneLine())
    response = client_of("Viewer").get(
        "/admin/projects/project/", {"internal_note__startswith": "a"}
    )

    assert response.status_code == 400
    events = [event for event in caplog.records if event.name.startswith("django")]
    assert [(event.levelname, event.getMessage()) for event in events] == [
        ("WARNING", "Filtering by internal_note__startswith not allowed")
    ]
    assert "Traceback" not in caplog.text


@pytest.mark.django_db
def test_who_may_not_do_something_is_logged_in_one_line(caplog):
    caplog.handler.addFilter(RefusedInOneLine())
    assert client_of("Viewer").get("/admin/projects/call/add/").status_code == 403
    assert "Forbidden (Permission denied): /admin/projects/call/add/" in caplog.text
    assert "Traceback" not in caplog.text


def test_our_own_faults_keep_their_traceback(caplog):
    caplog.handler.addFilter(RefusedInOneLine())
    try:
        raise RuntimeError
    except RuntimeError:
        logging.getLogger("django.request").exception("a fault")

    assert "Traceback" in caplog.text
    assert caplog.records[0].levelname == "ERROR"
