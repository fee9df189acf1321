"""A database of an earlier version keeps its data."""

import json

import pytest
from django.core.management import call_command
from django.db import connection

from partners.models import Merger
from tests.support.factories import make_partner

PAIR = {"model": "partners.duplicatecandidate", "pk": 3, "fields": {"first": 1, "second": 7}}
DELETED = [{"model": "partners.partner", "pk": 7, "fields": {}}, PAIR]


@pytest.mark.django_db(transaction=True)
def test_earlier_mergers_keep_the_key_of_the_loser_and_decided_pairs():
    winner = make_partner()
    call_command("migrate", "partners", "0016", verbosity=0)
    with connection.cursor() as cursor:
        for slug, before in [("loser", DELETED), ("imported", [])]:
            cursor.execute(
                "INSERT INTO partners_merger (winner_id, name, slug, before, moved, merged_at)"
                " VALUES (%s, %s, %s, %s, '{}', '2026-11-30')",
                [winner.pk, slug, slug, json.dumps(before)],
            )
    call_command("migrate", "partners", verbosity=0)
    assert {row.slug: (row.loser_key, json.loads(row.pairs)) for row in Merger.objects.all()} == {
        "loser": (7, [PAIR]),
        "imported": (None, []),
    }
