"""Sets of projects, by which facets are counted: renewed, and never ahead of time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from projects.list_index import facet_sets as sets
from projects.models import Project
from psf.database.keysets import keyset
from tests.support.factories import make_call, make_public_project

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = AT.date()


def only(found, project):
    return found.everything() == keyset([project.pk])


@pytest.mark.django_db
def test_what_becomes_public_is_in_the_sets_from_then_on():
    early = make_public_project(call=make_call(published_at=AT))
    make_public_project(call=early.call, published_at=AT + timedelta(1))
    before = sets.renewed(None, AT, {}, TODAY)
    later = sets.renewed(before, AT + timedelta(1), {}, TODAY)

    assert only(before, early)
    assert only(sets.renewed(later, AT, {}, TODAY), early)
    assert later.everything().bit_count() == 2


@pytest.mark.django_db
def test_a_call_that_loses_all_its_projects_is_gone_from_every_set():
    make_public_project()
    before = sets.renewed(None, AT, {}, TODAY)
    left = make_public_project(call=make_call(published_at=AT))
    Project.objects.exclude(pk=left.pk).delete()
    after = sets.renewed(before, AT, {}, TODAY)

    assert only(after, left)
    assert {keys for values in after.values.values() for keys in values.values()} == {
        keyset([left.pk])
    }


@pytest.mark.django_db
def test_another_day_judges_all_countries_anew():
    project = make_public_project()
    call = str(project.call_id)
    before = sets.renewed(None, AT, {call: None}, TODAY)
    after = sets.renewed(before, AT, {call: None}, date(2026, 3, 3))

    assert before.values["members_then"] == {}  # the day of closing is not known
    assert before.values["members_now"] == after.values["members_now"]
    assert after.today == date(2026, 3, 3)


@pytest.mark.django_db(transaction=True)
def test_what_is_not_committed_is_in_nobody_elses_sets():
    project = make_public_project()
    kept = sets.latest(AT, {}, TODAY)
    with transaction.atomic():
        make_public_project(call=project.call)
        inside = sets.latest(AT, {}, TODAY)
        transaction.set_rollback(True)

    assert inside.everything().bit_count() == 2
    assert only(kept, project)
    assert sets.latest(AT, {}, TODAY) is kept
