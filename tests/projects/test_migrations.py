"""The migration that renames `Ground` and `GroundGiven`, where it changes rows."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from psf.history.models import Change
from psf.history.wording import sentences_by_change_set
from tests.support.factories import make_ineligibility_finding, make_project

migration = import_module("projects.migrations.0023_ineligibility")

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
