"""The dictionary of the public data, read from its file."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from psf.exports.fields import FieldSource, Key, Make, PublicField, Record, blanks_of, build_fields
from psf.exports.tables import PublicTable
from psf.text.urls import slug_url

DICTIONARY = tomllib.loads(
    (Path(__file__).parent / "data" / "dictionary.toml").read_text(encoding="utf-8")
)


def build_table(
    name: str,
    rows: Callable[[], QuerySet],
    sources: Mapping[str, FieldSource],
    base: Callable[[QuerySet], Mapping[Key, Record]] | None = None,
) -> PublicTable:
    """The table with the definitions of the dictionary and the sources of its fields."""
    definition = DICTIONARY["tables"][name]
    if "blanks" in definition["fields"]:
        sources = {**sources, "blanks": blanks_of(definition["fields"])}
    fields: tuple[PublicField, ...] = build_fields(
        definition["fields"], sources, DICTIONARY["records"], DICTIONARY["since"]
    )
    return PublicTable(name, definition["title"], definition["meaning"], rows, fields, base)


def read_records(rows: QuerySet) -> Mapping[Key, Record]:
    """The columns of each row, and the row itself as `_record`, by its key."""
    return {row.pk: {**vars(row), "_record": row} for row in rows}


def of_record(make: Make) -> FieldSource:
    """A value made from the row that `read_records()` keeps."""
    return FieldSource(of=lambda record: make(record["_record"]))


def address_maker(name: str) -> Make:
    """Return a function from the slug of a record to the permanent address of its page."""
    site = settings.SITE_URL
    return lambda slug: f"{site}{slug_url(name, slug)}"


call_address = address_maker("projects:call-detail")
project_address = address_maker("projects:project-detail")
partner_address = address_maker("partners:partner-detail")
country_address = address_maker("partners:country-detail")
