"""A database of an earlier version keeps its data."""

import json

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from partners.models import Merger
from projects.models import Import
from psf.accounts.roles import ADMINISTRATOR, PUBLISHER
from psf.history.models import ChangeSet, Channel
from tests.support.factories import make_call, make_partner, make_project

PAIR = {"model": "partners.duplicatecandidate", "pk": 3, "fields": {"first": 1, "second": 7}}
DELETED = [{"model": "partners.partner", "pk": 7, "fields": {}}, PAIR]


@pytest.mark.django_db(transaction=True)
def test_earlier_mergers_keep_the_key_of_the_loser_and_decided_pairs():
    winner = make_partner()
    call_command("migrate", "partners", "0001", verbosity=0)
    with connection.cursor() as cursor:
        for slug, before in [("loser", DELETED), ("imported", [])]:
            cursor.execute(
                "INSERT INTO partners_merger (winner_id, name, slug, before, moved, merged_at)"
                " VALUES (%s, %s, %s, %s, '{}', '2026-11-30')",
                [winner.pk, slug, slug, json.dumps(before)],
            )
    call_command("migrate", verbosity=0)
    assert {row.slug: (row.loser_key, json.loads(row.pairs)) for row in Merger.objects.all()} == {
        "loser": (7, [PAIR]),
        "imported": (None, []),
    }


@pytest.mark.django_db(transaction=True)
def test_channels_permissions_and_imports_are_renamed():
    """Triggers of the history name the renamed column."""
    channels = [Channel.STATUS, Channel.AWARD, Channel.FORM]
    keys = [ChangeSet.objects.create(channel=channel).pk for channel in channels]
    group = Group.objects.create(name="Project officers")
    group.permissions.set(Permission.objects.filter(codename="manage_awards"))
    kept = {"call": make_call()}
    Import.objects.create(**kept, file_name="saved.csv", saved_at=timezone.now())
    Import.objects.create(**kept, file_name="waiting.csv")

    for app, earlier in [("psf", "0018"), ("projects", "0055"), ("history", "0001")]:
        call_command("migrate", app, earlier, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT door FROM history_changeset WHERE id >= %s ORDER BY id", keys[:1])
        assert [row[0] for row in cursor.fetchall()][:3] == ["step", "following", "form"]
    assert [row.codename for row in group.permissions.all()] == ["follow_project"]

    call_command("migrate", verbosity=0)
    sets = ChangeSet.objects.in_bulk(keys)
    assert [sets[key].channel for key in keys] == channels
    assert [row.codename for row in group.permissions.all()] == ["manage_awards"]
    roles = Group.objects.filter(name__in=[PUBLISHER, ADMINISTRATOR])
    assert roles.filter(permissions__codename="manage_awards").count() == 2
    assert [row.file_name for row in Import.objects.all()] == ["saved.csv"]
    make_project()
    assert ChangeSet.objects.latest("pk").channel == Channel.UNKNOWN
