"""Changes of rows by the migration from `Resemblance` to `DuplicateCandidate`."""

import json
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from tests.support.factories import make_merger, make_partner

migration = import_module("partners.migrations.0011_duplicate_candidate")

pytestmark = pytest.mark.django_db


def test_groups_keep_the_permissions_of_the_renamed_model():
    group = Group.objects.create(name="Data cleaning")
    permission = Permission.objects.get(codename="change_duplicatecandidate")
    group.permissions.add(permission)
    migration.restore_stored(apps, None)
    assert [row.codename for row in group.permissions.all()] == ["change_resemblance"]
    migration.rename_stored(apps, None)
    [row] = group.permissions.all()
    assert (row.pk, row.codename) == (permission.pk, permission.codename)
    assert row.name == "Can change possible duplicate"


def test_mergers_keep_deleted_pairs_under_the_new_name():
    rows = [
        {"model": "partners.partner", "pk": 1},
        {"model": "partners.duplicatecandidate", "pk": 2},
    ]
    merger = make_merger(make_partner(), before=json.dumps(rows))
    migration.restore_stored(apps, None)
    merger.refresh_from_db()
    assert [row["model"] for row in json.loads(merger.before)] == [
        "partners.partner",
        "partners.resemblance",
    ]
    migration.rename_stored(apps, None)
    merger.refresh_from_db()
    assert json.loads(merger.before) == rows
