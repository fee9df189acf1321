"""One mail when the next call opens: confirmed by a link, sent once, and then forgotten."""

import re
import smtplib
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone

from projects.models import CallSubscription
from projects.pages import call_mail
from projects.personal_data.mentions import erase_person, find_mentions
from projects.personal_data.retention import KEEP_ADDRESSES
from psf.accounts.sign_in import MAX_MAILS
from psf.history.models import Change
from psf.text.dates import months_before
from tests.support.accounts import make_account
from tests.support.factories import make_call, make_contact, make_project
from tests.support.hidden_records import words

pytestmark = pytest.mark.django_db
ASK, ADDRESS = "/apply/mail/", "ada@example.org"


@pytest.fixture(autouse=True)
def mail_server(settings):
    settings.EMAIL_HOST = "mail.example.org"
    cache.clear()


def ask(client, address=ADDRESS):
    response = client.post(ASK, {"address": address})
    for thread in threading.enumerate():
        if "deliver" in thread.name:
            thread.join()
    return response


def link_to(client, address=ADDRESS):
    ask(client, address)
    return re.search(r"http://127.0.0.1:8000(\S+)", mail.outbox[-1].body)[1]


def subscribe(address=ADDRESS, months=0):
    row = CallSubscription.objects.create(address=address)
    day = months_before(timezone.localdate(), months) - timedelta(days=bool(months))
    confirmed_at = timezone.now() - (timezone.localdate() - day)
    CallSubscription.objects.filter(pk=row.pk).update(confirmed_at=confirmed_at)


def waiting():
    return [*CallSubscription.objects.values_list("address", flat=True)]


def open_a_call(**fields):
    return make_call(title="PSF 2101", closes_at=timezone.now() + timedelta(days=30), **fields)


def run():
    call_command("send_reminders", stdout=(output := StringIO()))
    return output.getvalue()


def test_an_address_waits_from_its_confirmation_to_the_one_mail(client):
    assert 'action="/apply/mail/"' in words(client.get("/apply/"))
    assert "Get one e-mail when the next call opens" in words(client.get("/"))
    link = link_to(client, "Ada@Example.org")
    assert waiting() == []
    assert "within 3 days" in mail.outbox[0].body
    page = client.get(link)
    assert "no-store" in page["Cache-Control"] and not page.cookies
    assert waiting() == []  # programs of mail servers open links too
    for _twice in range(2):
        assert "You get one e-mail" in words(client.post(link, {"act": "confirm"}))
    assert waiting() == [ADDRESS]
    assert run() == "Reminders sent: 0.\n"
    open_a_call(closes_precision="minute")
    for told in ["Readers told of the open call: 1.\n", ""]:
        assert run() == f"Reminders sent: 0.\n{told}"
    [_link, message] = mail.outbox
    assert message.to == [ADDRESS] and message.subject == "PSF 2101 is open"
    assert "is open until " in message.body and " in Stockholm." in message.body
    assert "http://127.0.0.1:8000/apply/" in message.body
    assert waiting() == []
    assert not Change.objects.filter(kind__contains="subscription").exists()


@pytest.mark.parametrize("days", [0, 400])
def test_the_link_takes_the_address_back_at_any_time(client, monkeypatch, days):
    link = link_to(client)
    subscribe()
    later = call_mail.signing.time.time() + days * 24 * 60 * 60
    monkeypatch.setattr(call_mail.signing.time, "time", lambda: later)
    assert ("too old to confirm" in words(client.get(link))) == bool(days)
    assert "Your address is deleted" in words(client.post(link, {"act": "take-back"}))
    assert waiting() == []
    client.post(link, {"act": "confirm"})
    assert waiting() == ([] if days else [ADDRESS])


@pytest.mark.parametrize("link", ["", "?link=", "?link=forged"])
def test_a_wrong_link_changes_nothing(client, link):
    response = client.post(f"{ASK}confirm/{link}", {"act": "confirm"})
    assert response.status_code == 400
    assert "Copy the whole link from the e-mail." in words(response)


def test_known_and_unknown_addresses_get_the_same_answer_also_beyond_the_limits(client):
    subscribe("known@example.org")
    addresses = ["known@example.org", "new@example.org", "known@example.org"]
    answers = {words(ask(client, row)).replace(row, "ADDRESS") for row in addresses}
    assert [row.to for row in mail.outbox] == [["known@example.org"], ["new@example.org"]]
    for number in range(MAX_MAILS[1]):
        row = f"{number}@example.org"
        answers.add(words(ask(client, row)).replace(row, "ADDRESS"))
    assert len(answers) == 1
    assert len(mail.outbox) == MAX_MAILS[1] - 1  # one was beyond the limit of its address


def test_a_wrong_address_is_an_explained_error(client):
    response = ask(client, "ada")
    assert response.status_code == 400
    assert 'role="alert"' in words(response) and 'value="ada"' in words(response)


@pytest.mark.parametrize("is_open", [True, False])
def test_nothing_is_offered_while_a_call_is_open_or_without_a_mail_server(
    client, settings, is_open
):
    if is_open:
        open_a_call()
    else:
        settings.EMAIL_HOST = ""
    assert ASK not in words(client.get("/apply/"))
    assert "one e-mail" not in words(client.get("/"))
    assert ask(client).headers["Location"] == "/apply/#mail"
    assert mail.outbox == []
    if not is_open:
        subscribe()
        open_a_call()
        run()
        assert waiting() == [ADDRESS]


def test_a_mail_that_is_refused_leaves_its_address_and_no_trace_in_the_log(
    client, monkeypatch, caplog
):
    subscribe()
    subscribe("bea@example.org")
    open_a_call(closes_precision="day")
    send = mail.EmailMessage.send

    def refuse(message):
        if message.to == [ADDRESS]:
            raise smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"no such mailbox")})
        return send(message)

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    with pytest.raises(CommandError, match="Not sent: a reader"):
        run()
    assert waiting() == [ADDRESS]
    assert [row.to for row in mail.outbox] == [["bea@example.org"]]
    assert "SMTPRecipientsRefused" in caplog.text and ADDRESS not in caplog.text


def test_addresses_are_deleted_on_time_and_on_request(client):
    assert f"or after {KEEP_ADDRESSES} months" in words(client.get("/privacy/"))
    subscribe("old@example.org", months=KEEP_ADDRESSES)
    subscribe()
    call_command("purge_contacts", "--dry-run", stdout=StringIO())
    assert len(waiting()) == 2
    call_command("purge_contacts", stdout=(output := StringIO()))
    assert "Addresses of readers deleted: 1" in output.getvalue()
    assert waiting() == [ADDRESS]
    assert ADDRESS not in str(CallSubscription.objects.get())
    assert [mention.is_erased for mention in find_mentions(ADDRESS)] == [True]
    erase_person("ADA@example.org", make_account())
    assert waiting() == []
    subscribe()
    make_contact(make_project(), name="Ada Berg", email=ADDRESS)
    erase_person("Ada Berg", make_account())
    assert waiting() == []
