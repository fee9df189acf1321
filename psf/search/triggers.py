"""Triggers that note the records with stale documents.

Triggers also see changes by `update()`, `psql` or a restored table. A note is written in the
transaction of the change, and the next search updates the document.
"""

from collections.abc import Iterable
from typing import NamedTuple

EVENTS = {"INSERT": ["new"], "UPDATE": ["old", "new"], "DELETE": ["old"]}


class Watch(NamedTuple):
    """A table whose rows are part of documents, and the columns that matter.

    `records` is a query for the affected records, in the column `record`. In the query, `{row}`
    stands for the changed row.
    """

    table: str
    columns: list[str]
    records: str

    def name(self, kind: str) -> str:
        return f"psf_{kind}_search_{self.table}"


def search_trigger_names(kind: str, watches: Iterable[Watch]) -> list[str]:
    return [f"{watch.name(kind)}_{event.lower()}" for watch in watches for event in EVENTS]
