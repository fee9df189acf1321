"""Matching keys, and key sets (`psf.database.keysets`) grouped by rank."""

from collections.abc import Iterable, Iterator, Sequence

from psf.database.keysets import KeySet
from psf.database.sql import aggregate_keys, fetch_all, parse_keys
from psf.search.document import Field

# The fields that contain all terms, and whether whole words must match.
Rank = tuple[list[Field], bool]
ALL_MATCHES: Rank = ([*Field], False)
# The ranks before all other matches, best first.
RANKS: list[Rank] = [
    ([Field.TITLE], True),
    ([Field.TITLE], False),
    ([Field.TITLE, Field.NAMES], True),
    ([Field.TITLE, Field.NAMES], False),
    ([Field.TITLE, Field.NAMES, Field.SUMMARY], False),
]


def read_matching_keys(keys_sql: str, condition: str) -> Sequence[int]:
    """Return the keys that meet a condition, the parameter of the SQL for these keys."""
    sql = f"SELECT {aggregate_keys('record')} FROM ({keys_sql}) AS records"
    [(text,)] = fetch_all(sql, [condition])
    return parse_keys(text)


def split(keys: KeySet, ranks: Iterable[KeySet]) -> Iterator[KeySet]:
    """Yield the keys of each rank that are in no better rank."""
    for matching_keys in ranks:
        yield keys & matching_keys
        keys &= ~matching_keys
