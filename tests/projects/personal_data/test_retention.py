"""Contact persons: access, and complete deletion after the last day."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.urls import reverse
from django.utils import timezone

from projects.letters.outbox import cancel_letter
from projects.models import Contact, Import, Letter
from psf.history import recording
from psf.history.models import Change, ChangeSet, Channel
from psf.history.words import sentences_by_change_set
from psf.text.dates import months_before
from tests.support.accounts import client_of, filled_in, make_account, new_row, save, url_of
from tests.support.factories import (
    LONG_AGO,
    make_contact,
    make_letter,
    make_project,
    make_public_project,
)

pytestmark = pytest.mark.django_db

CANARY = "CANARYPERSON"
EMAIL = f"{CANARY.lower()}@example.org"
FIELDS = {"name": CANARY, "function": f"{CANARY} chief", "email": EMAIL, "telephone": CANARY}


def tables_with_canary():
    tables = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            if CANARY in str(cursor.fetchall()).upper():
                tables.add(table)
    return tables


def purge_output(*args, capsys):
    call_command("purge_contacts", *args)
    return capsys.readouterr().out


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("role", "sees"),
    [("Viewer", False), ("Editor", True), ("Publisher", True), ("Administrator", True)],
)
def test_only_editors_see_contact_persons(role, sees):
    project = make_project()
    make_contact(project, **FIELDS)
    client = client_of(role)
    pages = [url_of(project), url_of(project).replace("change", "history")]
    pages += [reverse("admin:projects_project_preview", args=[project.pk]), "/admin/"]
    visible = [url for url in pages if CANARY.lower() in client.get(url).content.decode().lower()]
    assert visible == ([url_of(project)] if sees else [])


def test_readers_never_see_contact_persons(client):
    project = make_public_project()
    make_contact(project, **FIELDS, purpose=CANARY)
    page = project.get_absolute_url()
    for url in [page, "/", "/projects/", f"/projects/?q={CANARY}", "/partners/", "/figures/"]:
        page = client.get(url).content.decode().replace(f"q={CANARY}", "")
        assert EMAIL not in page.lower(), url
        assert f"{CANARY} chief" not in page, url
    assert client.get(f"/projects/?q={CANARY}").context["paginator"].count == 0


def test_purge_removes_contact_persons_from_all_tables(capsys, caplog):
    client, project = client_of("Editor"), make_project()
    today = timezone.localdate()
    row = FIELDS | {"purpose": f"{CANARY} purpose", "keep_until": today}
    current = {"name": "Bertil", "purpose": "reports", "keep_until": today}

    save(client, url_of(project), **new_row("contacts", 0, **row), why="a new one")
    save(client, url_of(project), **new_row("contacts", 1, **current))
    gone = make_contact(project, name=f"{CANARY} deleted by hand")
    save(client, url_of(project), **{"contacts-1-name": f"{CANARY} changed"})
    sent = filled_in(client, url_of(project))
    number = next(n for n in range(3) if sent[f"contacts-{n}-id"] == [str(gone.pk)])
    client.post(url_of(project), sent | {f"contacts-{number}-DELETE": "on"})
    client.post(url_of(project), sent | {"contacts-0-email": f"no address {CANARY}"})
    assert Contact.objects.count() == 2
    assert tables_with_canary() == {"projects_contact"}

    Contact.objects.exclude(email=EMAIL).update(name="Bertil")
    Contact.objects.filter(email=EMAIL).update(keep_until=today - timedelta(days=1))
    assert purge_output("--dry-run", capsys=capsys).startswith(
        f"{project.reference}: 1\n1 contact person would be deleted"
    )
    assert Contact.objects.count() == 2
    output = purge_output(capsys=capsys)
    assert output.startswith(f"{project.reference}: 1\n1 contact person deleted")
    assert Contact.objects.get().name == "Bertil"
    assert tables_with_canary() == set()
    assert CANARY not in (output + caplog.text).upper()


def test_purge_removes_uploads_that_nobody_confirmed():
    """Filled forms hold contact persons. A saved upload has no content any more."""
    call, now = make_project().call, timezone.now()
    uploads = {
        name: Import.objects.create(call=call, file_name=name, **fields)
        for name, fields in {"old": {}, "new": {}, "saved": {"saved_at": now}}.items()
    }
    old = [uploads["old"].pk, uploads["saved"].pk]
    Import.objects.filter(pk__in=old).update(uploaded_at=now - timedelta(hours=25))
    call_command("purge_contacts", "--dry-run")
    assert Import.objects.count() == 3
    call_command("purge_contacts")
    assert {row.file_name for row in Import.objects.all()} == {"new", "saved"}


def test_purge_removes_addresses_from_letters(capsys):
    project, past = make_project(), timezone.localdate() - timedelta(days=1)
    sent = {"sent_at": LONG_AGO, "sent_by_mail": True, "address": EMAIL.title()}
    letter = make_letter(project)
    Letter.objects.filter(pk=letter.pk).update(**sent)
    deleted = make_letter(project, corrects=letter, correction="A slip.", **sent)
    deleted.delete()
    unrelated = make_letter(**sent)
    make_contact(project, email=EMAIL, keep_until=past)
    make_contact(project, email="kept@example.org", keep_until=past)
    make_contact(project, email="kept@example.org")
    later = make_letter(
        project, corrects=letter, correction="Why.", address="kept@example.org", sent_at=LONG_AGO
    )

    purge_output(capsys=capsys)
    letter.refresh_from_db()
    assert (letter.address, letter.sent_at, letter.sent_by_mail) == ("", LONG_AGO, True)
    page = client_of("Publisher").get(
        reverse("admin:projects_call_outbox", args=[project.call_id]), {"letter": letter.pk}
    )
    assert ", by e-mail." in page.content.decode()
    assert Letter.objects.get(pk=later.pk).address == "kept@example.org"
    of_project = Change.objects.filter(record_key=str(project.pk))
    assert CANARY.lower() not in str(list(of_project.values("before", "after"))).lower()
    assert not ChangeSet.objects.filter(channel=Channel.COMMAND).exists()
    sentences = sentences_by_change_set(list(of_project))
    assert "Sent set to" in str(sentences)
    assert Letter.objects.get(pk=unrelated.pk).address == EMAIL.title()


def test_purge_removes_names_from_letters(capsys):
    project, past = make_project(status="rejected"), timezone.localdate() - timedelta(days=1)
    by, name = make_account("Publisher"), f"Anna {CANARY.title()}"
    words = {"text": f"Dear {name}, {CANARY}s and {EMAIL.upper()}.", "subject": f"To {name}"}
    first = make_letter(project, sent_at=LONG_AGO, **words)
    with recording.change_set(by, channel=Channel.LETTERS, reason=f"{name} asked."):
        second = make_letter(project, corrects=first, correction=f"{name} asked.", **words)
    cancel_letter(second, by, f"{name} knows.")
    unrelated = make_letter(**words)
    make_contact(project, name=name, email=EMAIL, telephone="12", keep_until=past)
    make_contact(project, name="Anna", keep_until=past)
    make_contact(project, name="Kept Person", telephone="12")

    purge_output("--dry-run", capsys=capsys)
    assert name in Letter.objects.get(pk=first.pk).text
    purge_output(capsys=capsys)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.subject, first.text) == ("To […]", f"Dear […], {CANARY}s and […].")
    assert (second.correction, second.cancelled_why) == ("[…] asked.", "[…] knows.")
    assert Letter.objects.get(pk=unrelated.pk).text == words["text"]
    assert name in str(Change.objects.filter(record_key=str(unrelated.project_id)).values())
    of_project = Change.objects.filter(record_key=str(project.pk))
    assert name not in str(list(of_project.values("before", "after", "change_set__reason")))
    assert {"[…] asked.", "[…] knows."} <= set(ChangeSet.objects.values_list("reason", flat=True))
    assert not ChangeSet.objects.filter(channel=Channel.COMMAND).exists()


def noon(days):
    """Noon of the day this many days ago, in local time."""
    day = timezone.localdate() - timedelta(days=days)
    return datetime.combine(day, time(12), timezone.get_current_timezone())


class TestRetentionOfLetters:
    def letters_of(self, status, age, **fields):
        """A project with two letters, the later letter `age` days old."""
        project, by = make_project(status=status), make_account("Publisher")
        fields = {"text": CANARY, "sent_at": LONG_AGO, "address": EMAIL} | fields
        first = make_letter(project, **fields)
        with recording.change_set(by, channel=Channel.LETTERS, reason=f"{CANARY} asked."):
            make_letter(project, corrects=first, correction=f"{CANARY} asked.", **fields)
        Letter.objects.filter(project=project).update(made_at=noon(age))
        return project

    def test_old_letters_to_unsuccessful_applicants_lose_their_text(self, capsys):
        for status in ["rejected", "not_eligible", "reserve", "withdrawn", "eligible"]:
            self.letters_of(status, 100)
        make_letter(text=CANARY).project.delete()
        ChangeSet.objects.update(made_at=noon(100))
        assert "projects_letter" in tables_with_canary()
        output = purge_output("--letters-older-than", "99days", "--dry-run", capsys=capsys)
        assert "10 letters would be deleted" in output
        assert Letter.objects.filter(text=CANARY).count() == 10
        output = purge_output("--letters-older-than", "99days", capsys=capsys)
        assert "10 letters deleted" in output
        assert tables_with_canary() == set()
        # The rows stay, so nobody writes the letters again, and with the rows the way of sending.
        assert Letter.objects.filter(text="[…]", address="", sent_by_mail=True).count() == 10
        assert "0 letters" in purge_output("--letters-older-than", "99days", capsys=capsys)

    def test_younger_letters_stay(self, capsys):
        project = self.letters_of("rejected", 98)
        deleted = make_letter(text=CANARY).project
        key = str(deleted.pk)
        deleted.delete()
        first = project.letters.order_by("pk")[0]
        Letter.objects.filter(pk=first.pk).update(made_at=LONG_AGO)
        purge_output(capsys=capsys)
        assert "0 letters" in purge_output("--letters-older-than", "99days", capsys=capsys)
        assert project.letters.filter(text=CANARY, address=EMAIL).count() == 2
        changes = Change.objects.filter(kind="projects.letter", record_key=key)
        assert CANARY in str(list(changes.values("before", "after")))

    def test_letters_to_funded_projects_lose_only_the_address(self, capsys):
        project = self.letters_of("completed", 100, text="Good news")
        ChangeSet.objects.update(made_at=noon(100))
        output = purge_output("--letters-older-than", "3months", capsys=capsys)
        assert f"{project.reference}: 2\n2 letters deleted" in output
        assert project.letters.filter(text="Good news", address="").count() == 2
        changes = Change.objects.filter(kind="projects.letter")
        assert EMAIL not in str(list(changes.values("before", "after")))
        assert "Good news" in str(list(changes.values("before", "after")))


@pytest.mark.parametrize(
    ("age", "remaining"),
    [("0days", 1), ("10 days", 2), ("9days", 1), ("1month", 2), ("0months", 1)],
)
def test_older_than_counts_from_the_last_day(age, remaining, capsys):
    project, today = make_project(), timezone.localdate()
    make_contact(project, keep_until=today)
    make_contact(project, keep_until=today - timedelta(days=10))
    purge_output("--older-than", age, capsys=capsys)
    assert Contact.objects.count() == remaining


@pytest.mark.parametrize("age", ["soon", "-3days", "3 years", "99999", "60"])
def test_unreadable_age_is_refused(age):
    with pytest.raises(CommandError, match="write a period such as 30days"):
        call_command("purge_contacts", f"--older-than={age}")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
        (date(2026, 5, 4), 0, date(2026, 5, 4)),
    ],
)
def test_a_day_some_months_earlier_is_at_most_the_last_day_of_its_month(day, months, expected):
    assert months_before(day, months) == expected


@pytest.mark.parametrize("field", ["name", "purpose"])
def test_contact_person_needs_name_and_purpose(field):
    constraint = "contact_has_a_name_and_a_purpose"
    with pytest.raises(IntegrityError, match=constraint):
        make_contact(make_project(), **{field: ""})
