"""Contact persons: who sees them, and that nothing of them is left once their time is over."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.urls import reverse
from django.utils import timezone

from projects.models import Contact, Letter
from psf.dates import months_before
from psf.history.models import Change, ChangeSet, Door
from psf.history.words import in_sentences
from tests.factories import (
    LONG_AGO,
    make_contact,
    make_letter,
    make_project,
    make_public_project,
)
from tests.staff import client_of, filled_in, new_row, save

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
    assert not ChangeSet.objects.filter(door=Door.COMMAND).exists()
    told = in_sentences(list(of_project))
    assert "Sent set to" in str(told)
    assert Letter.objects.get(pk=other.pk).address == EMAIL.title()


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
