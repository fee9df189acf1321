"""Public tables made from the declared facts of their rows."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.db.models import QuerySet

from partners.facts import DECLARED as DECLARED_OF_PARTNERS
from projects.facts import DECLARED, LISTED
from psf.exports.fields import FieldSource, Key, Make, Record
from psf.exports.tables import PublicTable
from psf.facts.facts import Facts
from psf.text.slugs import slug_url

TABLES = DECLARED.tables | DECLARED_OF_PARTNERS.tables


def build_table(
    name: str,
    facts: Facts,
    rows: Callable[[], QuerySet],
    sources: Mapping[str, FieldSource],
    base: Callable[[QuerySet], Mapping[Key, Record]] | None = None,
) -> PublicTable:
    """The table of the facts with a meaning. Facts without a source are columns of the rows."""
    return PublicTable(
        name, **TABLES[name], rows=rows, fields=facts.data_fields(sources, LISTED), base=base
    )


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
