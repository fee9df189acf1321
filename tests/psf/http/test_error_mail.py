import logging
import sys
from threading import Event, Thread

import pytest
from django.core import mail

from psf.http.logs import ErrorMail


def record_of(error):
    try:
        raise error
    except Exception:
        return logging.LogRecord("django.request", 40, "", 0, "%s", ("/x/",), sys.exc_info())


@pytest.fixture
def mails_at_once(monkeypatch):
    monkeypatch.setattr(Thread, "start", Thread.run)


@pytest.mark.usefixtures("mails_at_once")
def test_an_error_is_mailed_without_its_text(settings, monkeypatch):
    settings.ERROR_MAIL_TO = ["operator@example.org"]
    handler = ErrorMail()
    for _time in range(3):
        handler.emit(record_of(ValueError("Anna Secret")))
    monkeypatch.setattr("psf.http.logs.SECONDS_BETWEEN_MAILS", -1)
    for _time in range(2):
        handler.emit(logging.LogRecord("psf", 40, "", 0, "Anna Secret", None, None))

    first, second, third = mail.outbox
    assert first.to == ["operator@example.org"]
    assert first.subject == "[http://127.0.0.1:8000] ValueError"
    assert "in record_of" in first.body
    assert "2 more errors" in second.body
    assert "0 more errors" in third.body
    assert "Secret" not in first.body + second.body


@pytest.mark.usefixtures("mails_at_once")
def test_a_mail_server_that_is_away_raises_nothing(settings, monkeypatch, caplog):
    def fail(*args):
        raise OSError("refused")

    monkeypatch.setattr("psf.http.logs.send_mail", fail)
    ErrorMail().emit(record_of(ValueError()))
    assert caplog.messages == ["The mail about an error was not sent: refused"]


def test_nobody_waits_for_a_mail_server_that_is_slow(monkeypatch):
    answer, sent = Event(), Event()

    def send_mail(*args):
        answer.wait(60)
        sent.set()

    monkeypatch.setattr("psf.http.logs.send_mail", send_mail)
    ErrorMail().handle(record_of(ValueError()))
    assert not sent.is_set()
    answer.set()
    assert sent.wait(60)
