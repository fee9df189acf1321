"""The migrations that change rows."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from projects.models import Decision, Letter
from psf.history.models import Change
from psf.history.wording import sentences_by_change_set
from tests.support.cases import soon
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_decision,
    make_ineligibility_finding,
    make_letter,
    make_project,
)

migration = import_module("projects.migrations.0023_ineligibility")
sent_by_mail = import_module("projects.migrations.0025_sent_by_mail")
unknown_decisions = import_module("projects.migrations.0026_unknown_decisions")

pytestmark = pytest.mark.django_db


def test_groups_keep_the_permissions_of_the_renamed_model():
    group = Group.objects.create(name="Setup of calls")
    permission = Permission.objects.get(codename="change_ineligibilityreason")
    group.permissions.add(permission)
    migration.restore_stored(apps, None)
    assert [row.codename for row in group.permissions.all()] == ["change_ground"]
    migration.rename_stored(apps, None)
    [row] = group.permissions.all()
    assert (row.pk, row.codename) == (permission.pk, permission.codename)


def stored(kind):
    return list(Change.objects.filter(kind=kind).values())


def test_history_of_renamed_models_stays_readable():
    make_ineligibility_finding(make_project()).delete()
    kinds = ["projects.ineligibilityfinding", "projects.ineligibilityreason"]
    before = [stored(kind) for kind in kinds]
    sentences = sentences_by_change_set(list(Change.objects.filter(kind=kinds[0])))
    assert "The lead partner is missing." in str(sentences)

    migration.restore_stored(apps, None)
    assert [stored(kind) for kind in kinds] == [[], []]
    added = stored("projects.groundgiven")[0]
    assert set(added["after"]) == {"id", "project_id", "ground_id"}

    migration.rename_stored(apps, None)
    assert [stored(kind) for kind in kinds] == before


def test_letters_record_the_way_of_sending_as_far_as_known():
    sent = {"sent_at": LONG_AGO}
    waiting = make_letter()
    mailed, by_hand = make_letter(**sent, address="ada@example.org"), make_letter(**sent)
    purged = make_letter(**sent, text="[…]")
    sent_by_mail.record_ways(apps, None)
    ways = Letter.objects.in_bulk()
    rows = [waiting, mailed, by_hand, purged]
    assert [ways[row.pk].sent_by_mail for row in rows] == [None, True, False, None]


def test_addresses_of_letters_leave_the_history():
    make_letter().delete()
    changes = Change.objects.filter(kind="projects.letter").order_by("pk")
    added, deleted = changes
    added.after["address"] = deleted.before["address"] = "ada@example.org"
    added.save()
    deleted.save()
    address = {"before": {"address": ""}, "after": {"address": "ada@example.org"}}
    values = {"kind": added.kind, "key": added.key, "change_set": added.change_set}
    values |= {"record_kind": added.record_kind, "record_key": added.record_key}
    Change.objects.create(**values, **address, action="~")
    Change.objects.create(**values, action="~", before={"text": "A"}, after={"text": "B"})
    address["after"] |= {"text": "C"}
    address["before"] |= {"text": "B"}
    Change.objects.create(**values, **address, action="~")
    sent_by_mail.delete_addresses(apps, None)
    rows = list(changes.values_list("before", "after"))
    assert "address" not in str(rows)
    assert rows[2:] == [({"text": "A"}, {"text": "B"}), ({"text": "B"}, {"text": "C"})]
    assert rows[0][1]["text"] == rows[1][0]["text"] == "It is funded."


@pytest.mark.parametrize(
    ("call_fields", "decision_fields", "is_deleted"),
    [
        ({}, {}, True),
        ({"slug": "psf-2026"}, {}, False),
        ({"funded_count": 5}, {}, False),
        ({}, {"body": "Committee of Senior Officials"}, False),
        ({}, {"published_at": soon()}, False),
    ],
)
def test_only_decisions_of_which_nothing_is_known_are_deleted(
    call_fields, decision_fields, is_deleted
):
    call = make_call(**{"slug": "psf-2017"} | call_fields)
    make_decision(call, **{"body": ""} | decision_fields)
    unknown_decisions.delete_unknown_decisions(apps, None)
    assert Decision.objects.exists() is not is_deleted
    version = call.version
    call.refresh_from_db()
    assert (call.version > version) is is_deleted
