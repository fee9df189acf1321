"""Sets of primary keys as the bits of a number: bit n represents the key n."""

import re
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, MutableSequence, Sequence
from functools import partial, reduce
from itertools import islice
from operator import or_

KeySet = int
# Key sets by facet and value.
Values = dict[str, dict[str, KeySet]]


def keyset(keys: Collection[int]) -> KeySet:
    bits = bytearray(max(keys, default=0) // 8 + 1)
    for key in keys:
        bits[key >> 3] |= 1 << (key & 7)
    return int.from_bytes(bits, "little")


def collect(names: Iterable[str], groups: Iterable[tuple[str, str, Sequence[int]]]) -> Values:
    """The key sets of groups of keys, each with a name and a value. Each name has an entry."""
    # Each set is made once: a set for each of many small groups takes seconds.
    keys: dict[str, dict[str, MutableSequence[int]]] = {
        name: defaultdict(partial(array, "I")) for name in names
    }
    for name, value, group in groups:
        keys[name][value].extend(group)
    return {
        name: {value: keyset(found) for value, found in by_value.items()}
        for name, by_value in keys.items()
    }


def union(sets: Iterable[KeySet]) -> KeySet:
    return reduce(or_, sets, 0)


def keys_of(keys: KeySet) -> list[int]:
    """The keys in ascending order."""
    return [digit.start() for digit in re.finditer("1", f"{keys:b}"[::-1])]


def newest_keys(keys: KeySet, number: int) -> list[int]:
    """The greatest keys, the greatest first."""
    digits = f"{keys:b}"
    return [len(digits) - 1 - digit.start() for digit in islice(re.finditer("1", digits), number)]


def sizes(sets: Mapping[str, KeySet], within: KeySet) -> dict[str, int]:
    """The number of keys that each set shares with `within`, without zeros."""
    return {
        value: shared for value, keys in sets.items() if (shared := (keys & within).bit_count())
    }


def within(values: Values, keys: KeySet) -> Values:
    """The sets without other keys than these, and without empty sets."""
    return {
        name: {value: shared for value, value_keys in sets.items() if (shared := value_keys & keys)}
        for name, sets in values.items()
    }
