"""Sets of keys as numbers: bit n stands for the key n. They are cut and counted in no time."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import compress
from operator import or_

# Sets by facet and value.
Values = dict[str, dict[str, int]]

WORD = 8
# So many bits of a set are cut in the time in which a key is looked for.
LOOKING = 1500

_AS_FLAGS = bytes.maketrans(b"01", b"\x00\x01")
_PLACES = [[place for place in range(8) if byte >> place & 1] for byte in range(256)]


def keyset(keys: Collection[int]) -> int:
    bits = bytearray(max(keys, default=0) // 8 + 1)
    for key in keys:
        bits[key >> 3] |= 1 << (key & 7)
    return int.from_bytes(bits, "little")


def are_few(found: int) -> bool:
    """Whether its keys are sooner looked for one by one than cut out of a set."""
    return found.bit_count() * LOOKING < found.bit_length()


def union(sets: Iterable[int]) -> int:
    return reduce(or_, sets, 0)


def keys_of(found: int) -> list[int]:
    """The keys of the set, from the least to the greatest."""
    data = found.to_bytes(-(-found.bit_length() // (8 * WORD)) * WORD, "little")
    # Of few keys most words are empty, and passed over eight bytes at a time.
    words = compress(range(0, len(data), WORD), memoryview(data).cast("Q"))
    return [
        (at << 3) + place
        for word in words
        for at, byte in enumerate(data[word : word + WORD], word)
        if byte
        for place in _PLACES[byte]
    ]


def flags_of(found: int, size: int) -> bytes:
    """For each key below `size`, and perhaps for more, whether it is in the set: 1 or 0."""
    return f"{found:0{size}b}"[::-1].encode().translate(_AS_FLAGS)


def sizes(sets: Mapping[str, int], within: int) -> dict[str, int]:
    """How many keys each of the sets has within another; those without any are left out."""
    return {
        value: shared for value, keys in sets.items() if (shared := (keys & within).bit_count())
    }


def sizes_of_few(sets: Mapping[str, bytes], keys: Sequence[int]) -> dict[str, int]:
    """What `sizes()` tells, of sets that are given as bytes, each longer than any of the keys."""
    places = [(key >> 3, 1 << (key & 7)) for key in keys]
    return {
        value: shared
        for value, data in sets.items()
        if (shared := len([1 for at, bit in places if data[at] & bit]))
    }


def merged(old: Values, gone: int, new: Values) -> Values:
    """The sets without the keys that are gone, and with those that are new."""
    found = {}
    for name, sets in new.items():
        left = {value: keys for value, each in old[name].items() if (keys := each & ~gone)}
        found[name] = left | {value: left.get(value, 0) | keys for value, keys in sets.items()}
    return found


@dataclass(frozen=True)
class GreatestFirst:
    """A set as groups of keys with the same number, that of the greatest number first.

    `digits` has, by the place of a binary digit from the last one on, the keys in whose number it
    is 1: a number for each key takes no more than a few sets.
    """

    keys: int
    digits: Mapping[str, int]

    def __iter__(self) -> Iterator[int]:
        return _apart(self.keys, [self.digits[place] for place in sorted(self.digits, key=int)])


def digits_of(number: int) -> list[str]:
    """The places of the binary digits of a number that are 1."""
    return [str(place) for place in range(number.bit_length()) if number >> place & 1]


def _apart(keys: int, digits: Sequence[int]) -> Iterator[int]:
    if not keys:
        return
    if not digits:
        yield keys
        return
    *lower, highest = digits
    yield from _apart(keys & highest, lower)
    yield from _apart(keys & ~highest, lower)
