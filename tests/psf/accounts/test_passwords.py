"""Rules for passwords, one-time passwords, invitations, and links for a forgotten password."""

import re
import smtplib
import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
    validate_password as validate,
)
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from psf.accounts import passwords
from psf.accounts.models import CalendarAddress, OneTimePassword
from psf.site.account_pages import deliver
from tests.support.accounts import OWN_PASSWORD, client_of, make_account, save, sign_in

pytestmark = pytest.mark.django_db


def codes(password):
    """The reasons for which the password is refused."""
    try:
        validate(password, User(username="anna-andersson"))
    except ValidationError as error:
        return [row.code for row in error.error_list]
    return []


@pytest.mark.parametrize(
    ("weak", "code"),
    [
        ("short", "password_too_short"),
        ("hm4 eleven!", "password_too_short"),
        ("123456789012345", "password_entirely_numeric"),
        ("anna-andersson", "password_too_similar"),
        ("aaaaaaaaaaaa", "password_repeats"),
        (" " * 14, "password_repeats"),
        ("ab12ab12ab12ab12", "password_repeats"),
        ("hungry7hungry7", "password_repeats"),
        ("PSF-cbss-2026!!", "password_local_word"),
        ("Baltic.Project.1", "password_local_word"),
        ("QWERTYuiop123", "password_too_common"),
        ("1qaz2wsx3edc4rfv", "password_too_common"),
        ("needforspeed", "password_too_common"),
        ("**Liverpool-2026", "password_too_common"),
        ("Winter2026!Winter", "password_too_common"),
        ("2027.Spring-2026.Autumn", "password_too_common"),
        ("Liver2026pool!", "password_too_common"),
        ("Kołobrzeg2026!kołobrzeg", "password_repeats"),
    ],
)
def test_weak_password_is_refused(weak, code):
    assert code in codes(weak)


@pytest.mark.parametrize(
    "strong",
    [
        "a calm sea at dawn",
        "the baltic herring swims",
        "kx7-Qm2 rl9&vT",
        "ł" * 60 + "żółć ąę rz",
        "Winter2026!Visby.Kalmar",
        "8473-x293-4857-x12",
    ],
)
def test_long_password_in_any_script_is_accepted(strong):
    assert codes(strong) == []


def test_password_of_thousands_of_characters_is_checked_quickly():
    assert codes("ab" * 100_000 + "cdefgh x") == []


def test_rules_are_explained_beside_the_field():
    text = " ".join(password_validators_help_texts())
    assert "at least 12 characters" in text
    assert "same few characters" in text
    assert "PSF, CBSS or Baltic" in text
    assert "can’t be the one-time password" in text


class TestOneTimePassword:
    def test_one_time_password_opens_only_the_password_form(self, client, anna):
        password = passwords.give_one_time_password(anna)
        assert sign_in(client, password=password).status_code == 302

        for address in ["/admin/", "/admin/auth/user/", "/admin/password_change/done/"]:
            response = client.get(address)
            assert (response.status_code, response.url) == (302, "/admin/password_change/")
        assert client.get("/admin/password_change/").status_code == 200

    def test_new_password_opens_the_staff_pages(self, client, anna):
        password = passwords.give_one_time_password(anna)
        sign_in(client, password=password)
        response = client.post(
            "/admin/password_change/",
            {
                "old_password": password,
                "new_password1": OWN_PASSWORD,
                "new_password2": OWN_PASSWORD,
            },
        )

        assert response.url == "/admin/password_change/done/"
        assert not passwords.has_one_time_password(anna)
        assert client.get("/admin/").status_code == 200

    def test_one_time_password_is_valid_for_seven_days(self, client, anna):
        password = passwords.give_one_time_password(anna)
        rows = OneTimePassword.objects.filter(user=anna)
        rows.update(created_at=timezone.now() - timedelta(days=7))
        assert "has expired" in sign_in(client, password=password).text
        assert "has expired" not in sign_in(client, password="wrong").text
        rows.update(created_at=timezone.now() - timedelta(days=6))
        assert sign_in(client, password=password).status_code == 302
        rows.update(created_at=timezone.now() - timedelta(days=7))
        password = passwords.give_one_time_password(anna)
        assert sign_in(client, password=password).status_code == 302

    def test_a_new_password_ends_the_private_calendar_address(self, anna):
        CalendarAddress.objects.create(user=anna, fingerprint="x", made_at=timezone.now())
        anna.set_password("another long password")
        anna.save()
        assert not CalendarAddress.objects.exists()

    def test_one_time_password_must_be_changed(self, client, anna):
        password = passwords.give_one_time_password(anna)
        sign_in(client, password=password)
        response = client.post(
            "/admin/password_change/",
            {"old_password": password, "new_password1": password, "new_password2": password},
        )

        assert "You cannot keep the one-time password" in response.text
        assert passwords.has_one_time_password(anna)

    def test_signing_out_is_possible(self, client, anna):
        sign_in(client, password=passwords.give_one_time_password(anna))
        assert client.post("/admin/logout/").status_code == 200

    def test_new_one_time_password_replaces_the_earlier_one(self, anna):
        first = passwords.give_one_time_password(anna)
        second = passwords.give_one_time_password(anna)

        assert first != second
        assert anna.check_password(second)
        assert OneTimePassword.objects.count() == 1

    def test_password_is_validated_without_an_account(self):
        assert validate_password(OWN_PASSWORD) is None
        assert validate_password(OWN_PASSWORD, User(username="anna")) is None
        passwords.OneTimePasswordValidator().password_changed(OWN_PASSWORD)

    def test_one_time_password_has_128_random_bits_and_the_name_of_the_account(self, anna):
        assert len(passwords.give_one_time_password(anna)) == 22  # base64
        assert str(anna.one_time_password) == "anna"


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
    assert "at least 12 characters" in form.text
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
