"""Sets of keys as numbers: bit n stands for the key n. They are cut and counted in no time."""

import re
from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_

_AS_FLAGS = bytes.maketrans(b"01", b"\x00\x01")
_NOT_EMPTY = re.compile(rb"[^\0]+")
_PLACES = [[place for place in range(8) if byte >> place & 1] for byte in range(256)]


def set_of(keys: Collection[int]) -> int:
    bits = bytearray(max(keys, default=0) // 8 + 1)
    for key in keys:
        bits[key >> 3] |= 1 << (key & 7)
    return int.from_bytes(bits, "little")


def union(sets: Iterable[int]) -> int:
    return reduce(or_, sets, 0)


def keys_in(found: int) -> list[int]:
    """The keys of the set, from the least to the greatest."""
    data = found.to_bytes(found.bit_length() // 8 + 1, "little")
    return [
        (at << 3) + place
        for some in _NOT_EMPTY.finditer(data)
        for at, byte in enumerate(some.group(), some.start())
        for place in _PLACES[byte]
    ]


def flags_of(found: int, size: int) -> bytes:
    """For each key below `size`, and perhaps for more, whether it is in the set: 1 or 0."""
    return f"{found:0{size}b}"[::-1].encode().translate(_AS_FLAGS)
