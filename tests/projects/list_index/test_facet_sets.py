"""The key sets of public projects: renewed after changes, only with committed data."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from projects.list_index.facet_sets import public_sets, read_sets, renew_sets
from projects.models import Project
from projects.models.amount_sums import Money
from psf.database.keysets import keyset
from tests.support.factories import make_call, make_public_project
from tests.support.history_changes import changes_after, last_change

AT, TICK = datetime(2026, 3, 2, 12, tzinfo=UTC), timedelta(microseconds=1)


def only(sets, project):
    return sets.everything == keyset([project.pk])


@pytest.mark.parametrize("later", ["project", "call"])
@pytest.mark.django_db(transaction=True)
def test_project_is_in_the_sets_from_its_publication(monkeypatch, later):
    moments = {"project": AT, "call": AT} | {later: AT + TICK}
    call = make_call(published_at=moments["call"])
    project = make_public_project(call=call, published_at=moments["project"])
    for now, is_public in [(AT, False), (AT + TICK, True), (AT + 2 * TICK, True), (AT, False)]:
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        assert only(public_sets.current(), project) is is_public


@pytest.mark.django_db
def test_call_without_projects_is_removed_from_all_sets():
    make_public_project()
    before, key = read_sets(AT), last_change()
    remaining = make_public_project(call=make_call(published_at=AT))
    Project.objects.exclude(pk=remaining.pk).delete()
    after = renew_sets(before, changes_after(key), AT)

    assert only(after, remaining)
    assert {keys for values in after.values.values() for keys in values.values()} == {
        keyset([remaining.pk])
    }


@pytest.mark.django_db
def test_project_without_a_closing_day_is_in_no_facet_of_its_members_then():
    make_public_project(call=make_call(published_at=AT, closes_at=None))
    assert read_sets(AT).values["members_then"] == {}


@pytest.mark.django_db
def test_money_is_summed_by_kind_to_the_cent():
    call = make_call(published_at=AT)
    for cents in [10, 30, 999_999_999_999]:
        amount = Decimal(cents) / 100
        make_public_project(call=call, amount_eur=amount, amount_kind="awarded", status="funded")
    make_public_project(call=call, amount_eur=None, amount_kind="not_published")
    sets = read_sets(AT)

    assert sets.money(sets.everything) == Project.objects.money()
    assert sets.money(sets.everything)[1] == Money("not_published", 1, None, None, None)
    assert sets.money(0) == []


@pytest.mark.django_db
def test_sums_follow_an_amount():
    project = make_public_project(amount_eur=1, amount_kind="ceiling")
    before, key = read_sets(AT), last_change()
    assert before.money(before.everything) == [Money("ceiling", 1, *[Decimal(1)] * 3)]
    Project.objects.filter(pk=project.pk).update(amount_eur=2)
    after = renew_sets(before, changes_after(key), AT)

    assert after.money(after.everything) == [Money("ceiling", 1, *[Decimal(2)] * 3)]


@pytest.mark.django_db(transaction=True)
def test_uncommitted_changes_stay_in_their_transaction():
    project = make_public_project()
    committed = public_sets()
    with transaction.atomic():
        make_public_project(call=project.call)
        inside = public_sets()
        transaction.set_rollback(True)

    assert inside.everything.bit_count() == 2
    assert only(committed, project)
    assert public_sets() is committed
