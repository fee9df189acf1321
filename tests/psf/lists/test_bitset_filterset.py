"""Lists of keys count the same whether keys are looked for or sets are cut."""

from hypothesis import given
from hypothesis import strategies as st

from psf.database.keysets import keyset, sizes
from psf.lists.bitset_filterset import FacetSnapshot


def test_few_keys_of_a_long_list_and_many_of_a_short_one_are_counted():
    for last in [9_000, 9]:
        countries = {"lv": keyset([1, last]), "ee": keyset([2]), "fi": 0}
        listed = FacetSnapshot(keyset([1, 2, last]), {"country": countries}, {})
        assert listed.sizes(keyset([1, last]), ["country"]) == {"country": {"lv": 2}}


# Keys of a long list, of which a few are soon looked for.
KEYS = st.sets(st.integers(0, 9_000), max_size=12).map(lambda keys: sum(1 << key for key in keys))


@given(everything=KEYS, country=st.dictionaries(st.text(max_size=2), KEYS), part=KEYS)
def test_a_part_of_any_size_is_counted_as_its_sets_say(everything, country, part):
    listed = FacetSnapshot(everything | part, {"country": country, "kind": {"ngo": everything}}, {})
    assert listed.sizes(part, ["country", "kind"]) == {
        "country": sizes(country, part),
        "kind": sizes({"ngo": everything}, part),
    }
