"""The key sets of public projects: renewed after changes, only with committed data."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from projects.list_index.facet_sets import public_sets, read_sets, renew_sets
from projects.models import Project
from projects.models.amount_sums import Money
from psf.database.keysets import keyset
from tests.support.factories import make_call, make_public_project
from tests.support.history_changes import changes_after, last_change

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def only(sets, project):
    return sets.everything == keyset([project.pk])


@pytest.mark.django_db
def test_project_is_in_the_sets_from_its_publication():
    later = AT + timedelta(minutes=1)
    early = make_public_project(call=make_call(published_at=AT))
    make_public_project(call=early.call, published_at=later)
    before, key = read_sets(AT), last_change()
    after = renew_sets(before, changes_after(key, AT, later))

    assert only(before, early)
    assert after.everything.bit_count() == 2
    assert only(renew_sets(after, changes_after(key, later, AT)), early)
    assert renew_sets(after, changes_after(key, later, AT + timedelta(minutes=2))) is after


@pytest.mark.django_db
def test_call_without_projects_is_removed_from_all_sets():
    make_public_project()
    before, key = read_sets(AT), last_change()
    remaining = make_public_project(call=make_call(published_at=AT))
    Project.objects.exclude(pk=remaining.pk).delete()
    after = renew_sets(before, changes_after(key, AT))

    assert only(after, remaining)
    assert {keys for values in after.values.values() for keys in values.values()} == {
        keyset([remaining.pk])
    }


@pytest.mark.django_db
def test_sets_of_another_day_are_read_again():
    make_public_project(call=make_call(published_at=AT, closes_at=None))
    sets = read_sets(AT)

    assert sets.values["members_then"] == {}  # no known closing day
    assert renew_sets(sets, changes_after(last_change(), AT, AT + timedelta(1))) is None


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
    after = renew_sets(before, changes_after(key, AT))

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
