"""Matching keys as key sets (`psf.database.keysets`), grouped by rank."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from psf.database.keysets import keyset
from psf.database.sql import aggregate_keys, fetch_all, parse_keys
from psf.search.document import Field

# The ranks, best first: the fields that contain all terms, and whether whole words must match.
RANKS: list[tuple[list[Field], bool]] = [
    ([Field.TITLE], True),
    ([Field.TITLE], False),
    ([Field.TITLE, Field.NAMES], True),
    ([Field.TITLE, Field.NAMES], False),
    ([Field.TITLE, Field.NAMES, Field.SUMMARY], False),
]

# Up to this number of matches, one query finds the matches and all ranks.
FEW = 1000

# The row of all matches, beside the numbers of the ranks.
ALL = -1


class RankedKeys:
    """A key set of matches, which can be split into groups by rank.

    Each of `ranks` returns the keys with this rank or a better rank. A rank is only called when
    the group is needed, because the first page seldom needs more than the first group.
    """

    def __init__(self, keys: int, ranks: Sequence[Callable[[], int]] = ()) -> None:
        self.keys, self._ranks = keys, ranks

    def within(self, keys: int) -> "RankedKeys":
        return RankedKeys(self.keys & keys, self._ranks)

    def __iter__(self) -> Iterator[int]:
        """Yield the groups, best first. Together they contain every key once."""
        remaining = self.keys
        for matching_keys in self._ranks:
            if not remaining:
                return
            yield (group := remaining & matching_keys())
            remaining ^= group
        yield remaining


class KeyQuery(NamedTuple):
    """A query for the keys that meet a condition, and for those that meet each rank.

    `keys_sql` returns the SQL for the matching keys, given SQL for the condition.
    """

    keys_sql: Callable[[str], str]
    condition: str
    ranks: Sequence[str]

    def run(self) -> RankedKeys:
        rows = dict(fetch_all(self._sql(), [self.condition, *self.ranks]))
        keys_by_rank = {rank: keyset(parse_keys(keys)) for rank, keys in rows.items()}
        if keys_by_rank[ALL].bit_count() > FEW:
            keys_by_rank = {rank: keys for rank, keys in keys_by_rank.items() if rank <= 0}

        def matching_keys(rank: int) -> int:
            if rank not in keys_by_rank:
                [(keys,)] = fetch_all(self._joined_keys("%s"), [self.ranks[rank]])
                keys_by_rank[rank] = keyset(parse_keys(keys))
            return keys_by_rank[rank]

        ranks = [partial(matching_keys, rank) for rank in range(len(self.ranks))]
        return RankedKeys(keys_by_rank[ALL], ranks)

    def _sql(self) -> str:
        """Return SQL for rows of rank and keys. Ranks after the first are NULL for many matches."""
        if_few = f"(CASE WHEN (SELECT number FROM matches) <= {FEW} THEN %s END)"
        numbers = range(len(self.ranks))
        parts = [
            f"SELECT {ALL}, keys FROM matches",
            *(f"SELECT {n}, ({self._joined_keys(if_few if n else '%s')})" for n in numbers),
        ]
        matches = self._joined_keys("%s", "COUNT(*) AS number")
        return f"WITH matches AS MATERIALIZED ({matches}) {' UNION ALL '.join(parts)}"

    def _joined_keys(self, condition: str, *columns: str) -> str:
        selected = ", ".join([f"{aggregate_keys('record')} AS keys", *columns])
        return f"SELECT {selected} FROM ({self.keys_sql(condition)}) AS records"
