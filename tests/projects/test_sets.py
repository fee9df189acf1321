"""Sets of projects, by which facets are counted: made of keys, renewed, and never ahead of time."""

from array import array
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from projects import sets
from projects.listed import InOrder, Order
from projects.models import Project
from psf.bits import flags_of, keys_in, set_of, union
from tests.factories import make_call, make_public_project

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = AT.date()
KEYS = st.sets(st.integers(0, 300))


@given(keys=KEYS, others=KEYS)
def test_a_set_is_what_python_says_it_is(keys, others):
    one, other = set_of(keys), set_of(others)

    assert (one & other).bit_count() == len(keys & others)
    assert union([one, other]) == set_of(keys | others)
    assert [*keys_in(one)] == sorted(keys)


@given(keys=KEYS)
def test_the_flags_of_a_set_say_of_every_key_whether_it_is_in_it(keys):
    assert [*flags_of(set_of(keys), 301)] == [key in keys for key in range(301)]


def test_only_the_groups_of_a_page_are_put_in_order():
    order = Order(array("I", [5, 4, 3, 2, 1]), array("I", [0, 4, 3, 2, 1, 0]))
    rows = InOrder([set_of([1, 2]), 0, set_of([3, 4, 5]), set_of([9, 8])], order)

    assert rows[0:2].keys == [2, 1]
    assert rows[1:4].keys == [1, 5, 4]
    assert rows[4:9].keys == [3, 8, 9]  # what has no place yet stands last
    assert rows[7:9].keys == []


@given(
    in_order=st.permutations(range(60)),
    groups=st.lists(st.sets(st.integers(0, 59)), max_size=3),
    first=st.integers(0, 70),
    number=st.integers(1, 25),
)
def test_a_page_is_what_sorting_everything_gives(in_order, groups, first, number):
    places = array("I", [in_order.index(key) for key in range(60)])
    apart = [group - set().union(*groups[:at]) for at, group in enumerate(groups)]
    rows = InOrder([*map(set_of, apart)], Order(array("I", in_order), places))

    everything = [key for group in apart for key in sorted(group, key=in_order.index)]
    assert rows[first : first + number].keys == everything[first : first + number]


def only(found, project):
    return found.everything() == set_of([project.pk])


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
        set_of([left.pk])
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
