"""Values of records, read from JSON."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime

from psf.exports.fields import Record


def read_day(text: str | None) -> date | None:
    return parse_date(text) if text else None


def read_moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def picked(record: Mapping[str, Any], names: Iterable[str]) -> Record:
    """The values that are not blank: a blank field keeps the default of its model."""
    return {name: record[name] for name in names if record[name] is not None}
