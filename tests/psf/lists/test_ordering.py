"""Pages of lists that are key sets, sorted by the order of the full list."""

from array import array

import pytest
from hypothesis import given, strategies as st

from partners.models import Partner
from psf.database.keysets import keyset
from psf.lists.ordering import Order, OrderedPages, read_order
from tests.support.factories import make_partner


def limited_groups(*groups):
    """Yield these groups, and fail if more groups are requested."""
    yield from map(keyset, groups)
    raise AssertionError


def test_only_the_groups_of_a_page_are_sorted():
    order = Order(array("I", [5, 4, 3, 2, 1]), array("I", [0, 4, 3, 2, 1, 0]))
    groups = [[1, 2], [], [3, 4, 5]]
    rows = OrderedPages([*map(keyset, groups)], order, list)

    assert rows[0:2] == [2, 1]
    assert rows[1:4] == [1, 5, 4]
    assert rows[4:9] == [3]
    assert rows[7:9] == []
    assert OrderedPages(limited_groups([1, 2], [], [3, 4, 5]), order, list)[1:5] == [1, 5, 4, 3]


def test_key_without_place_is_last_in_a_small_group_and_omitted_from_a_large_one():
    order = Order(range(1000), range(1000))

    assert OrderedPages([keyset([3001, 5, 3000])], order, list)[0:3] == [5, 3000, 3001]
    assert OrderedPages([keyset([*range(100), 3000])], order, list)[99:101] == [99]


@given(
    in_order=st.permutations(range(60)),
    groups=st.lists(st.sets(st.integers(0, 59)), max_size=3),
    first=st.integers(0, 70),
    number=st.integers(1, 25),
)
def test_page_is_a_slice_of_the_sorted_list(in_order, groups, first, number):
    places = array("I", [in_order.index(key) for key in range(60)])
    disjoint = [group - set().union(*groups[:index]) for index, group in enumerate(groups)]
    rows = OrderedPages([*map(keyset, disjoint)], Order(array("I", in_order), places), list)

    everything = [key for group in disjoint for key in sorted(group, key=in_order.index)]
    assert rows[first : first + number] == everything[first : first + number]


@pytest.mark.django_db
def test_order_follows_the_query():
    rows = Partner.objects.order_by("folded", "slug")
    assert [*read_order(rows).keys] == []
    c, a, b = (make_partner(name) for name in ["C", "a", "Á b"])
    order = read_order(rows)

    assert [*order.keys] == [a.pk, b.pk, c.pk]
    assert [order.places[key] for key in order.keys] == [0, 1, 2]
