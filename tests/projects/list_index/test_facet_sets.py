"""The key sets of public projects: refreshed after changes, only with committed data."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from projects.list_index.facet_sets import current_sets, refresh_sets
from projects.models import Project
from psf.database.keysets import keyset
from tests.support.factories import make_call, make_public_project

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = AT.date()


def only(sets, project):
    return sets.everything() == keyset([project.pk])


@pytest.mark.django_db
def test_project_is_in_the_sets_from_its_publication():
    early = make_public_project(call=make_call(published_at=AT))
    make_public_project(call=early.call, published_at=AT + timedelta(1))
    before = refresh_sets(None, AT, {}, TODAY)
    later = refresh_sets(before, AT + timedelta(1), {}, TODAY)

    assert only(before, early)
    assert only(refresh_sets(later, AT, {}, TODAY), early)
    assert later.everything().bit_count() == 2


@pytest.mark.django_db
def test_call_without_projects_is_removed_from_all_sets():
    make_public_project()
    before = refresh_sets(None, AT, {}, TODAY)
    remaining = make_public_project(call=make_call(published_at=AT))
    Project.objects.exclude(pk=remaining.pk).delete()
    after = refresh_sets(before, AT, {}, TODAY)

    assert only(after, remaining)
    assert {keys for values in after.values.values() for keys in values.values()} == {
        keyset([remaining.pk])
    }


@pytest.mark.django_db
def test_membership_facets_are_read_again_on_another_day():
    project = make_public_project()
    call = str(project.call_id)
    before = refresh_sets(None, AT, {call: None}, TODAY)
    after = refresh_sets(before, AT, {call: None}, date(2026, 3, 3))

    assert before.values["members_then"] == {}  # no known closing day
    assert before.values["members_now"] == after.values["members_now"]
    assert after.today == date(2026, 3, 3)


@pytest.mark.django_db(transaction=True)
def test_uncommitted_changes_stay_in_their_transaction():
    project = make_public_project()
    committed = current_sets(AT, {}, TODAY)
    with transaction.atomic():
        make_public_project(call=project.call)
        inside = current_sets(AT, {}, TODAY)
        transaction.set_rollback(True)

    assert inside.everything().bit_count() == 2
    assert only(committed, project)
    assert current_sets(AT, {}, TODAY) is committed
