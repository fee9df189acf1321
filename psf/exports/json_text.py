"""JSON for programs: amounts are numbers, days and moments are texts of ISO 8601."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal


def plain_number(amount: Decimal) -> int | float:
    """The amount as a number of JSON, whole if possible."""
    return int(amount) if amount == int(amount) else float(amount)


def json_text(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)  # a translated text
