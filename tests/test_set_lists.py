"""Lists of keys count the same whether keys are looked for or sets are cut."""

from hypothesis import given
from hypothesis import strategies as st

from psf.bits import sizes
from psf.set_lists import ListOfKeys

# Keys of a long list, of which a few are soon looked for.
KEYS = st.sets(st.integers(0, 9_000), max_size=12).map(lambda keys: sum(1 << key for key in keys))


@given(everything=KEYS, country=st.dictionaries(st.text(max_size=2), KEYS), part=KEYS)
def test_a_part_of_any_size_is_counted_as_its_sets_say(everything, country, part):
    listed = ListOfKeys(everything | part, {"country": country, "kind": {"ngo": everything}}, {})
    assert listed.sizes(part, ["country", "kind"]) == {
        "country": sizes(country, part),
        "kind": sizes({"ngo": everything}, part),
    }
