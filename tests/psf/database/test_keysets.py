"""Key sets equal the sets of Python."""

from hypothesis import given, strategies as st

from psf.database.keysets import (
    collect,
    keys_of,
    keyset,
    newest_keys,
    sizes,
    union,
    within,
)

KEYS = st.sets(st.integers(0, 300))


@given(keys=KEYS, others=KEYS)
def test_a_key_set_equals_a_set_of_python(keys, others):
    one, other = keyset(keys), keyset(others)

    assert (one & other).bit_count() == len(keys & others)
    assert union([one, other]) == keyset(keys | others)
    assert [*keys_of(one)] == sorted(keys)


@given(keys=KEYS, number=st.integers(0, 5))
def test_the_newest_keys_are_the_greatest(keys, number):
    assert newest_keys(keyset(keys), number) == sorted(keys, reverse=True)[:number]


@given(sets=st.dictionaries(st.text(max_size=2), KEYS), among=KEYS)
def test_a_size_counts_shared_keys(sets, among):
    counted = {value: len(keys & among) for value, keys in sets.items() if keys & among}
    assert sizes({value: keyset(keys) for value, keys in sets.items()}, keyset(among)) == counted


def test_groups_of_one_value_share_a_set():
    groups = [("letter", "a", [1, 3]), ("letter", "b", [2]), ("letter", "a", [3, 9])]

    sets = {"a": keyset([1, 3, 9]), "b": keyset([2])}
    assert collect(["letter", "digit"], groups) == {"letter": sets, "digit": {}}


def test_sets_within_keys_have_no_other_keys_and_are_not_empty():
    values = {"letter": {"a": keyset([1, 2]), "b": keyset([3])}, "digit": {}}
    assert within(values, keyset([2])) == {"letter": {"a": keyset([2])}, "digit": {}}
