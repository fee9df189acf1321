from unittest import mock

import pytest
from django.core import mail
from django.core.management import CommandError, call_command


def test_the_mail_names_the_job(settings):
    settings.ERROR_MAIL_TO = ["operator@example.org"]
    call_command("report_failed_job", "psf-backup")
    [message] = mail.outbox
    assert message.to == ["operator@example.org"]
    assert message.subject == f"[{settings.SITE_URL}] psf-backup failed"
    assert "journalctl -u psf-backup" in message.body


def test_a_site_without_addresses_says_so(settings, capsys):
    settings.ERROR_MAIL_TO = []
    call_command("report_failed_job", "psf-backup")
    assert mail.outbox == []
    assert "ERROR_MAIL_TO" in capsys.readouterr().out


def test_a_mail_that_is_refused_fails_the_command(settings):
    settings.ERROR_MAIL_TO = ["operator@example.org"]
    target = "psf.management.commands.report_failed_job.send_mail"
    with (
        mock.patch(target, side_effect=ConnectionRefusedError("refused")),
        pytest.raises(CommandError, match="psf-backup failed was not sent: refused"),
    ):
        call_command("report_failed_job", "psf-backup")
