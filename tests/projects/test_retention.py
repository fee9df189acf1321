"""Contact persons: who sees them, and that nothing of them is left once their time is over."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.urls import reverse
from django.utils import timezone

from projects import letters
from projects.models import Contact, Letter
from psf.history import recording
from psf.history.models import Change, ChangeSet, Channel
from psf.history.wording import sentences_by_change_set
from psf.text.dates import months_before
from tests.support.accounts import client_of, filled_in, make_account, new_row, save
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


def tables_holding_the_canary():
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            if CANARY in str(cursor.fetchall()).upper():
                found.add(table)
    return found


def form_of(project):
    return reverse("admin:projects_project_change", args=[project.pk])


def purged(*args, capsys):
    call_command("purge_contacts", *args)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("role", "sees"),
    [("Viewer", False), ("Editor", True), ("Publisher", True), ("Administrator", True)],
)
def test_only_who_may_edit_sees_them(role, sees):
    project = make_project()
    make_contact(project, **FIELDS)
    client = client_of(role)
    pages = [form_of(project), form_of(project).replace("change", "history")]
    pages += [reverse("admin:projects_project_preview", args=[project.pk]), "/admin/"]
    shown = [url for url in pages if CANARY.lower() in client.get(url).content.decode().lower()]
    assert shown == ([form_of(project)] if sees else [])


def test_whoever_may_not_see_them_cannot_send_any():
    client, project = client_of("Viewer"), make_project()
    data = new_row("contacts", 0, **FIELDS, purpose="questions", keep_until="2099-01-01")
    assert client.post(form_of(project), data).status_code == 403
    assert not Contact.objects.exists()


def test_readers_never_see_them(client):
    project = make_public_project()
    make_contact(project, **FIELDS, purpose=CANARY)
    page = project.get_absolute_url()
    for url in [page, "/", "/projects/", f"/projects/?q={CANARY}", "/partners/", "/figures/"]:
        found = client.get(url).content.decode().replace(f"q={CANARY}", "")
        assert EMAIL not in found.lower(), url
        assert f"{CANARY} chief" not in found, url
    assert client.get(f"/projects/?q={CANARY}").context["paginator"].count == 0


def test_what_staff_typed_is_in_one_table_and_after_the_purge_in_none(capsys, caplog):
    client, project = client_of("Editor"), make_project()
    today = timezone.localdate()
    row = FIELDS | {"purpose": f"{CANARY} purpose", "keep_until": today - timedelta(days=1)}
    other = {"name": "Bertil", "purpose": "reports", "keep_until": today}

    save(client, form_of(project), **new_row("contacts", 0, **row), why="a new one")
    save(client, form_of(project), **new_row("contacts", 1, **other))
    gone = make_contact(project, name=f"{CANARY} deleted by hand")
    save(client, form_of(project), **{"contacts-1-name": f"{CANARY} changed"})
    sent = filled_in(client, form_of(project))
    number = next(n for n in range(3) if sent[f"contacts-{n}-id"] == [str(gone.pk)])
    client.post(form_of(project), sent | {f"contacts-{number}-DELETE": "on"})
    client.post(form_of(project), sent | {"contacts-0-email": f"no address {CANARY}"})
    assert Contact.objects.count() == 2
    assert tables_holding_the_canary() == {"projects_contact"}

    Contact.objects.exclude(email=EMAIL).update(name="Bertil")
    assert purged("--dry-run", capsys=capsys).startswith(
        f"{project.reference}: 1\n1 contact persons would be deleted"
    )
    assert Contact.objects.count() == 2
    said = purged(capsys=capsys)
    assert said.startswith(f"{project.reference}: 1\n1 contact persons deleted")
    assert Contact.objects.get().name == "Bertil"
    assert tables_holding_the_canary() == set()
    assert CANARY not in (said + caplog.text).upper()


def test_letters_stay_and_no_longer_say_to_whom_they_went(capsys):
    project, past = make_project(), timezone.localdate() - timedelta(days=1)
    sent = {"sent_at": LONG_AGO, "address": EMAIL.title()}
    letter = make_letter(project)
    Letter.objects.filter(pk=letter.pk).update(**sent)
    deleted = make_letter(project, corrects=letter, correction="A slip.", **sent)
    deleted.delete()
    other = make_letter(**sent)
    make_contact(project, email=EMAIL, keep_until=past)
    make_contact(project, email="kept@example.org", keep_until=past)
    make_contact(project, email="kept@example.org")
    kept = make_letter(
        project, corrects=letter, correction="Why.", address="kept@example.org", sent_at=LONG_AGO
    )

    purged(capsys=capsys)
    letter.refresh_from_db()
    assert (letter.address, letter.sent_at) == ("", LONG_AGO)
    assert Letter.objects.get(pk=kept.pk).address == "kept@example.org"
    of_project = Change.objects.filter(record_key=str(project.pk))
    assert CANARY.lower() not in str(list(of_project.values("before", "after"))).lower()
    assert not ChangeSet.objects.filter(door=Channel.COMMAND).exists()
    told = sentences_by_change_set(list(of_project))
    assert "Sent set to" in str(told)
    assert Letter.objects.get(pk=other.pk).address == EMAIL.title()


def test_letters_no_longer_name_whom_a_purge_deletes(capsys):
    project, past = make_project(status="rejected"), timezone.localdate() - timedelta(days=1)
    by, name = make_account("Publisher"), f"Anna {CANARY.title()}"
    words = {"text": f"Dear {name}, {CANARY}s and {EMAIL.upper()}.", "subject": f"To {name}"}
    first = make_letter(project, sent_at=LONG_AGO, **words)
    with recording.change_set(by, channel=Channel.LETTERS, reason=f"{name} asked."):
        second = make_letter(project, corrects=first, correction=f"{name} asked.", **words)
    letters.cancel(second, by, f"{name} knows.")
    other = make_letter(**words)
    make_contact(project, name=name, email=EMAIL, telephone="12", keep_until=past)
    make_contact(project, name="Kept Person", telephone="12")

    purged("--dry-run", capsys=capsys)
    assert name in Letter.objects.get(pk=first.pk).text
    purged(capsys=capsys)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.subject, first.text) == ("To […]", f"Dear […], {CANARY}s and […].")
    assert (second.correction, second.cancelled_why) == ("[…] asked.", "[…] knows.")
    assert Letter.objects.get(pk=other.pk).text == words["text"]
    of_project = Change.objects.filter(record_key=str(project.pk))
    assert name not in str(list(of_project.values("before", "after", "change_set__reason")))
    assert {"[…] asked.", "[…] knows."} <= set(ChangeSet.objects.values_list("reason", flat=True))
    assert not ChangeSet.objects.filter(door=Channel.COMMAND).exists()


def noon(days):
    """So many days ago, at an hour that is of that day in summer time and out of it."""
    day = timezone.localdate() - timedelta(days=days)
    return datetime.combine(day, time(12), timezone.get_current_timezone())


class TestLettersAreKeptForATime:
    def letters_of(self, status, age, **fields):
        """Two letters in a row to an applicant, the later one so many days old."""
        project, by = make_project(status=status), make_account("Publisher")
        fields = {"text": CANARY, "sent_at": LONG_AGO, "address": EMAIL} | fields
        first = make_letter(project, **fields)
        with recording.change_set(by, channel=Channel.LETTERS, reason=f"{CANARY} asked."):
            make_letter(project, corrects=first, correction=f"{CANARY} asked.", **fields)
        Letter.objects.filter(project=project).update(made_at=noon(age))
        return project

    def test_to_whom_was_not_funded_nothing_is_left_of_what_they_said(self, capsys):
        for status in ["rejected", "not_eligible", "reserve", "withdrawn", "eligible"]:
            self.letters_of(status, 100)
        make_letter(text=CANARY).project.delete()
        ChangeSet.objects.update(made_at=noon(100))
        assert "projects_letter" in tables_holding_the_canary()
        said = purged("--letters-older-than", "99days", "--dry-run", capsys=capsys)
        assert "10 letters would be forgotten" in said
        assert Letter.objects.filter(text=CANARY).count() == 10
        said = purged("--letters-older-than", "99days", capsys=capsys)
        assert "10 letters forgotten" in said
        assert tables_holding_the_canary() == set()
        # That they were written stays known, so nobody writes them again.
        assert Letter.objects.filter(text="[…]", address="").count() == 10
        assert "0 letters" in purged("--letters-older-than", "99days", capsys=capsys)

    def test_those_that_are_younger_stay(self, capsys):
        project = self.letters_of("rejected", 98)
        deleted = make_letter(text=CANARY).project
        key = str(deleted.pk)
        deleted.delete()
        first = project.letters.order_by("pk")[0]
        Letter.objects.filter(pk=first.pk).update(made_at=LONG_AGO)
        purged(capsys=capsys)
        assert "0 letters" in purged("--letters-older-than", "99days", capsys=capsys)
        assert project.letters.filter(text=CANARY, address=EMAIL).count() == 2
        told = Change.objects.filter(kind="projects.letter", record_key=key)
        assert CANARY in str(list(told.values("before", "after")))

    def test_to_a_funded_project_they_stay_without_their_address(self, capsys):
        project = self.letters_of("completed", 100, text="Good news")
        said = purged("--letters-older-than", "3months", capsys=capsys)
        assert f"{project.reference}: 2\n2 letters forgotten" in said
        assert project.letters.filter(text="Good news", address="").count() == 2
        told = Change.objects.filter(kind="projects.letter")
        assert EMAIL not in str(list(told.values("before", "after")))
        assert "Good news" in str(list(told.values("before", "after")))


@pytest.mark.parametrize(
    ("age", "left"),
    [("0days", 1), ("10 days", 2), ("9", 1), ("1month", 2), ("0months", 1)],
)
def test_older_than_counts_from_the_last_day(age, left, capsys):
    project, today = make_project(), timezone.localdate()
    make_contact(project, keep_until=today)
    make_contact(project, keep_until=today - timedelta(days=10))
    purged("--older-than", age, capsys=capsys)
    assert Contact.objects.count() == left


@pytest.mark.parametrize("age", ["soon", "-3days", "3 years", "99999"])
def test_an_age_that_says_nothing_is_refused(age):
    with pytest.raises(CommandError, match="say how long, as in 30days"):
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
def test_months_before(day, months, expected):
    assert months_before(day, months) == expected


@pytest.mark.parametrize("field", ["name", "purpose"])
def test_each_has_a_name_and_a_purpose(field):
    constraint = "contact_has_a_name_and_a_purpose"
    with pytest.raises(IntegrityError, match=constraint):
        make_contact(make_project(), **{field: ""})
