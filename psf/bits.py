"""Sets of keys as numbers: bit n stands for the key n. They are cut and counted in no time."""

from collections.abc import Collection, Iterable
from functools import reduce
from itertools import compress, count
from operator import or_

_AS_FLAGS = bytes.maketrans(b"01", b"\x00\x01")


def set_of(keys: Collection[int]) -> int:
    bits = bytearray(max(keys, default=0) // 8 + 1)
    for key in keys:
        bits[key >> 3] |= 1 << (key & 7)
    return int.from_bytes(bits, "little")


def union(sets: Iterable[int]) -> int:
    return reduce(or_, sets, 0)


def keys_in(found: int) -> Iterable[int]:
    """The keys of the set, from the least to the greatest."""
    return compress(count(), f"{found:b}"[::-1].encode().translate(_AS_FLAGS))
