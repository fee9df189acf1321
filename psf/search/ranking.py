"""The matches of a text as key sets (`psf.database.keysets`), in groups: the best first."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from psf.database.keysets import keyset
from psf.database.sql import fetch_all, joined, split
from psf.search.document import Field

from .models import SearchNote

# Where all that was asked for stands, and whether as words or beginnings.
RANKS: list[tuple[list[Field], bool]] = [
    ([Field.TITLE], True),
    ([Field.TITLE], False),
    ([Field.TITLE, Field.NAMES], True),
    ([Field.TITLE, Field.NAMES], False),
    ([Field.TITLE, Field.NAMES, Field.SUMMARY], False),
]

# How well so few match is asked together with what they are: asking again would take longer.
FEW = 1000

NOTES = SearchNote._meta.db_table
# Besides the places of ranks: all that matches, and whether documents are old.
ALL, OLD = -2, -1


class Found:
    """Keys of what was found, and in groups, those first that match best.

    `ranks` give what matches as well as each of them, or better. Of very many they are asked when
    the group is wanted: the first page needs but the first.
    """

    def __init__(self, keys: int, ranks: Sequence[Callable[[], int]] = ()) -> None:
        self.keys, self._ranks = keys, ranks

    def within(self, keys: int) -> "Found":
        return Found(self.keys & keys, self._ranks)

    def __iter__(self) -> Iterator[int]:
        """Every key stands in one of the groups."""
        left = self.keys
        for matching in self._ranks:
            if not left:
                return
            yield (group := left & matching())
            left ^= group
        yield left


class Question(NamedTuple):
    """A question for the keys of what meets a condition, and of what meets that of each rank.

    `finding` says the query for the records of that kind, given where it has the condition.
    """

    kind: str
    finding: Callable[[str], str]
    condition: str
    ranks: list[str]

    def answer(self) -> tuple[Found, bool]:
        """What is found, and whether documents are old."""
        rows = dict(fetch_all(self._all_at_once(), [self.condition, *self.ranks, self.kind]))
        is_old = bool(rows.pop(OLD))
        known = {place: keyset(split(keys)) for place, keys in rows.items()}
        if known[ALL].bit_count() > FEW:
            known = {place: keys for place, keys in known.items() if place <= 0}

        def matching(rank: int) -> int:
            if rank not in known:
                [(keys,)] = fetch_all(self._keys("%s"), [self.ranks[rank]])
                known[rank] = keyset(split(keys))
            return known[rank]

        ranks = [partial(matching, rank) for rank in range(len(self.ranks))]
        return Found(known[ALL], ranks), is_old

    def _all_at_once(self) -> str:
        """Rows of a place and keys; but for the first, ranks only have keys if few are found."""
        if_few = f"(CASE WHEN (SELECT number FROM found) <= {FEW} THEN %s END)"
        places = range(len(self.ranks))
        parts = [
            f"SELECT {ALL}, keys FROM found",
            *(f"SELECT {rank}, ({self._keys(if_few if rank else '%s')})" for rank in places),
            f"SELECT {OLD}, (SELECT kind FROM {NOTES} WHERE kind = %s LIMIT 1)",
        ]
        found = self._keys("%s", "COUNT(*) AS number")
        return f"WITH found AS MATERIALIZED ({found}) {' UNION ALL '.join(parts)}"

    def _keys(self, wanted: str, *also: str) -> str:
        columns = ", ".join([f"{joined('record')} AS keys", *also])
        return f"SELECT {columns} FROM ({self.finding(wanted)}) AS records"
