"""Sets of keys as numbers are what Python's own sets would be."""

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from psf.database.keysets import (
    GreatestFirst,
    are_few,
    digits_of,
    flags_of,
    keys_in,
    merged,
    set_of,
    sizes,
    sizes_of_few,
    union,
)

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


def test_a_size_counts_what_is_shared_if_anything_is():
    sets = {"a": set_of([1, 2, 3]), "b": set_of([4])}
    assert sizes(sets, set_of([2, 3, 5])) == {"a": 2}


@given(sets=st.dictionaries(st.text(max_size=3), KEYS), some=KEYS)
def test_keys_that_are_looked_for_one_by_one_are_counted_alike(sets, some):
    as_bytes = {value: set_of(keys).to_bytes(38, "little") for value, keys in sets.items()}
    cut = sizes({value: set_of(keys) for value, keys in sets.items()}, set_of(some))
    assert sizes_of_few(as_bytes, sorted(some)) == cut


def test_few_are_those_that_are_found_sooner_than_a_long_set_is_cut():
    assert are_few(set_of([30_000, 1]))
    assert not are_few(set_of(range(30_000)))
    assert not are_few(set_of([1]))


def test_what_is_gone_leaves_every_set_and_what_is_new_joins_its_own():
    old = {"letter": {"a": set_of([1, 2]), "b": set_of([3])}, "digit": {"1": set_of([1, 2, 3])}}
    new = {"letter": {"a": set_of([4]), "c": set_of([3])}, "digit": {}}

    assert merged(old, gone=set_of([2, 3]), new=new) == {
        "letter": {"a": set_of([1, 4]), "c": set_of([3])},
        "digit": {"1": set_of([1])},
    }


@given(numbers=st.dictionaries(st.integers(0, 60), st.integers(0, 40)), some=KEYS)
def test_keys_stand_apart_by_their_numbers_the_greatest_first(numbers, some):
    places = {place for number in numbers.values() for place in digits_of(number)}
    digits = {
        place: set_of([key for key, number in numbers.items() if place in digits_of(number)])
        for place in places
    }

    in_order = sorted(some & {*numbers}, key=numbers.__getitem__, reverse=True)
    groups = [set_of([*keys]) for _number, keys in groupby(in_order, key=numbers.__getitem__)]
    assert [*GreatestFirst(set_of(some & {*numbers}), digits)] == groups
