"""The changes in the history since a position."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, F, QuerySet

from psf.database.dialects import DIALECTS
from psf.database.parameters import Parameter
from psf.database.prepared import Prepared
from psf.database.sql import fetch_all
from psf.history.models import Change

# With more changes a value is made from the beginning.
MAX_CHANGES = 1000
FLOOR = Parameter("floor", BigIntegerField())


# Names of columns by kind of record, such as "projects.call".
Columns = Mapping[str, Collection[str]]


class ChangedRow(NamedTuple):
    """A change of the history."""

    pk: int
    change_set: int
    made_at: datetime
    kind: str
    key: str
    record_kind: str
    record_key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    def columns(self) -> set[str]:
        """The changed columns; all columns of an added or deleted row."""
        return {*(self.before or {}), *(self.after or {})}


class Position(NamedTuple):
    """A place in the history.

    All changes up to `floor` were committed when the place was read; None if no such change is
    known. `newest` was the last change then. A transaction may commit an earlier number later. All
    transactions before `running` had ended, and those from `horizon` on had not begun.
    """

    floor: ChangedRow | None
    newest: ChangedRow | None
    running: int
    horizon: int


class Changes(NamedTuple):
    """The changed rows since a position."""

    rows: list[ChangedRow]

    def keys_of(self, kind: str) -> set[str]:
        """The keys of the changed rows of a kind, such as "projects.call"."""
        return {row.key for row in self.rows if row.kind == kind}

    def records_of(self, kind: str) -> set[str]:
        """The keys of the records of a kind with a changed row or part."""
        return {row.record_key for row in self.rows if row.record_kind == kind}

    def values_of(self, kind: str, column: str) -> set[Any]:
        """The old and new values of a column in the changed rows of a kind, without None."""
        changed = [row for row in self.rows if row.kind == kind]
        values = {(side or {}).get(column) for row in changed for side in (row.before, row.after)}
        return values - {None}

    def besides(self, columns: Columns) -> "Changes":
        """The changes without the rows of which only these columns changed."""
        return Changes(
            [row for row in self.rows if not row.columns() <= {*columns.get(row.kind, [])}]
        )

    def touch(self, columns: Columns) -> bool:
        """Whether one of these columns changed. An added or deleted row changes all of its own."""
        return any(not row.columns().isdisjoint(columns.get(row.kind, [])) for row in self.rows)


def current_position() -> Position:
    """The end of the history."""
    running, _begun = _transactions()
    newest = next(iter(map(ChangedRow._make, _last_row())), None)
    _running, begun = _transactions()
    return Position(newest if running >= begun else None, newest, running, begun)


def read_changes(position: Position) -> tuple[Position, list[ChangedRow] | None]:
    """The end of the history and the rows since a position, some of them for a second time.

    None instead of rows if the changes are not known or too many.
    """
    end, floor = current_position(), position.floor
    if end.running < position.horizon:
        end = position
    elif end.floor is None:
        end = end._replace(floor=position.newest)
    rows = list(map(ChangedRow._make, _rows_from(floor=floor.pk))) if floor else []
    # After a backup was restored, the history does not contain the floor.
    if rows[:1] != [floor] or len(rows) > MAX_CHANGES:
        return end, None
    return end, rows[1:]


def _transactions() -> tuple[int, int]:
    """The first transaction that may be running, and the next one.

    All transactions before the first number have ended, those from the second on have not begun.
    """
    sql = DIALECTS[connection.vendor].running_transactions
    [(running, begun)] = fetch_all(sql, []) if sql else [(0, 0)]
    return running, begun


def _rows() -> QuerySet[Any]:
    changes = Change.objects.annotate(made_at=F("change_set__made_at"))
    return changes.values_list(*ChangedRow._fields)


@Prepared
def _last_row() -> QuerySet[Any]:
    return _rows().order_by("-pk")[:1]


@Prepared
def _rows_from() -> QuerySet[Any]:
    return _rows().filter(pk__gte=FLOOR).order_by("pk")[: MAX_CHANGES + 1]
