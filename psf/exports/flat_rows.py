"""Rows of cells for CSV and XLSX, made from records."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from psf.exports.fields import FieldKind, PublicField, Record

Cell = Any  # str, int, Decimal, date, datetime or None

BETWEEN_ITEMS, BETWEEN_VALUES = "; ", ", "


def flat_rows(records: Iterable[Record], fields: Sequence[PublicField]) -> Iterator[list[Cell]]:
    """Yield a row of cells for each record. A list becomes one text."""
    keys = [field.key for field in fields]
    changed = [
        (place, CHANGES[field.kind]) for place, field in enumerate(fields) if field.kind in CHANGES
    ]
    for record in records:
        row = [record[key] for key in keys]
        for place, change in changed:
            if row[place] is not None:
                row[place] = change(row[place])
        yield row


def _text_of_records(records: list[Record]) -> str:
    # Lists, because `join()` is slower with generators.
    return BETWEEN_ITEMS.join(
        [
            BETWEEN_VALUES.join(
                [str(value) for value in record.values() if value is not None and value != ""]
            )
            for record in records
        ]
    )


def _in_utc(moment: datetime) -> datetime:
    """The second in UTC without a zone, because cells of spreadsheets have none."""
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)


CHANGES: dict[FieldKind, Callable[[Any], Cell]] = {
    FieldKind.LIST: BETWEEN_ITEMS.join,
    FieldKind.RECORDS: _text_of_records,
    FieldKind.YES_NO: lambda value: "yes" if value else "no",
    FieldKind.MOMENT: _in_utc,
}
