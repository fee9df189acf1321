"""Invitations, and links for a forgotten password."""

import re
import smtplib
import threading

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from psf.accounts.password_rules import MIN_LENGTH
from psf.site.forgotten_password_page import deliver
from tests.support.accounts import client_of, make_account, save

pytestmark = pytest.mark.django_db
PASSWORD = "a calm sea at dawn"
FORGOTTEN = "/admin/account/password/"


@pytest.fixture(autouse=True)
def mail_server(settings):
    settings.EMAIL_HOST = "mail.example.org"


def wait_for_mail():
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and "deliver" in thread.name:
            thread.join()
    return mail.outbox


def choose_password(client, message):
    """Follow the link of the mail."""
    link = re.search(r"http://127.0.0.1:8000(\S+)", message.body)[1]
    form = client.get(link, follow=True)
    assert f"at least {MIN_LENGTH} characters" in form.text
    data = dict.fromkeys(["new_password1", "new_password2"], PASSWORD)
    return client.post(form.redirect_chain[-1][0], data, follow=True)


def test_new_account_with_an_address_gets_an_invitation(client):
    save(
        client_of("Administrator"),
        "/admin/auth/user/add/",
        username="edda",
        email="edda@example.org",
        groups=[],
    )
    (message,) = mail.outbox
    assert message.to == ["edda@example.org"]
    assert message.subject == "Your account for the Project Support Facility"
    assert "“edda”" in message.body
    page = choose_password(client, message)
    assert page.status_code == 200
    assert User.objects.get(username="edda").check_password(PASSWORD)


def test_invitation_is_sent_again():
    client, account = client_of("Administrator"), make_account("Viewer", email="edda@example.org")
    address = f"/admin/auth/user/{account.pk}/invite/"
    page = client.post(address, {"post": "yes"}, follow=True)
    assert "An invitation was sent to edda@example.org." in page.content.decode()
    assert len(mail.outbox) == 1
    User.objects.update(email="")
    page = client.post(address, {"post": "yes"})
    assert "No e-mail address is recorded" in page.content.decode()


def test_account_is_saved_and_staff_are_told_if_the_mail_server_is_away(monkeypatch, caplog):
    def refuse(*args):
        raise smtplib.SMTPRecipientsRefused({"edda@example.org": (550, b"unknown")})

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    client = client_of("Administrator")
    data = {"username": "edda", "email": "edda@example.org", "groups": []}
    page = client.get(save(client, "/admin/auth/user/add/", **data).url)
    assert "The mail server refused the invitation to edda@example.org." in page.text
    account = User.objects.get(username="edda")
    page = client.post(f"/admin/auth/user/{account.pk}/invite/", {"post": "yes"})
    assert "The mail server refused the invitation to edda@example.org." in page.text
    assert caplog.messages.count("An invitation was not sent: SMTPRecipientsRefused") == 2


def test_link_for_a_forgotten_password_works_once(client):
    account = make_account("Viewer", password="the present password", email="anna@example.org")
    known = client.post(FORGOTTEN, {"email": "anna@example.org"})
    unknown = client.post(FORGOTTEN, {"email": "nobody@example.org"})
    assert known.url == unknown.url
    assert "no-store" in client.get(known.url).headers["Cache-Control"]
    (message,) = wait_for_mail()
    choose_password(client, message)
    account.refresh_from_db()
    assert account.check_password(PASSWORD)
    link = re.search(r"http://127.0.0.1:8000(\S+)", message.body)[1]
    assert "form" not in str(client.get(link, follow=True).context.get("form") or "")


def test_mails_to_one_address_are_limited(client):
    make_account("Viewer", password="the present password", email="anna@example.org")
    answers = {client.post(FORGOTTEN, {"email": "anna@example.org"}).url for _ in range(5)}
    assert len(answers) == 1
    assert len(wait_for_mail()) == 3


def test_without_a_mail_server_no_link_is_made(client, settings, caplog, capfd):
    settings.EMAIL_HOST = ""
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    make_account("Viewer", password="the present password", email="anna@example.org")
    for page in [client.get(FORGOTTEN), client.post(FORGOTTEN, {"email": "anna@example.org"})]:
        assert page.status_code == 200
        assert "Ask an administrator" in page.text and settings.DEFAULT_FROM_EMAIL in page.text
    wait_for_mail()
    assert FORGOTTEN not in caplog.text + capfd.readouterr().out


def test_failed_mail_is_logged(caplog, monkeypatch):
    account = make_account("Viewer", email="anna@example.org")

    def refuse(*args, **kwargs):
        raise smtplib.SMTPConnectError(421, "busy")

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    deliver(account)
    assert "The mail for a new password was not sent: " in caplog.text
