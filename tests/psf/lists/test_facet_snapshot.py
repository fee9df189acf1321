"""Counting few keys one by one gives the same result as intersecting sets."""

from hypothesis import given, strategies as st

from psf.database.keysets import keyset, sizes
from psf.lists.facet_snapshot import FacetSnapshot


def test_keys_of_long_and_short_lists_are_counted():
    for last in [9_000, 9]:
        countries = {"lv": keyset([1, last]), "ee": keyset([2]), "fi": 0}
        snapshot = FacetSnapshot(keyset([1, 2, last]), {"country": countries}, {})
        assert snapshot.sizes(keyset([1, last]), ["country"]) == {"country": {"lv": 2}}


# Key sets with a few keys of a long list.
KEYS = st.sets(st.integers(0, 9_000), max_size=12).map(lambda keys: sum(1 << key for key in keys))


@given(everything=KEYS, country=st.dictionaries(st.text(max_size=2), KEYS), part=KEYS)
def test_counts_are_the_sizes_of_the_intersections(everything, country, part):
    snapshot = FacetSnapshot(
        everything | part, {"country": country, "kind": {"ngo": everything}}, {}
    )
    assert snapshot.sizes(part, ["country", "kind"]) == {
        "country": sizes(country, part),
        "kind": sizes({"ngo": everything}, part),
    }
