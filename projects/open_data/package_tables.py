"""The tables of the whole data set."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from projects.facts import DECLARED
from projects.models import Call, Decision, Project
from projects.open_data.call_table import CALLS
from projects.open_data.country_table import COUNTRIES, MEMBERSHIPS
from projects.open_data.partner_table import PARTNERS, PARTNERSHIPS
from projects.open_data.project_table import PROJECTS
from psf.exports.fields import PublicField, Record
from psf.exports.tables import PublicTable
from psf.facts.facts import Facts


class PackageTable(NamedTuple):
    """A table of the data set: its description, its fields, and a function for its records."""

    name: str
    title: str
    meaning: str
    fields: tuple[PublicField, ...]
    records: Callable[[], Iterator[Record]]


def withdrawn_records() -> Iterator[Record]:
    """The withdrawn pages of calls, results and projects."""
    for call in Call.objects.unpublished().order_by("slug"):
        yield _withdrawn("call", "", call.slug, call.slug, call)
    for decision in Decision.objects.unpublished().select_related("call").order_by("call__slug"):
        yield _withdrawn("results", "", decision.call.slug, decision.call.slug, decision)
    for project in Project.objects.unpublished().select_related("call").order_by("reference"):
        yield _withdrawn("project", project.reference, project.call.slug, project.slug, project)


def _withdrawn(
    kind: str, reference: str, call_slug: str, slug: str, record: Call | Decision | Project
) -> Record:
    return {
        "kind": kind,
        "reference": reference,
        "call_slug": call_slug,
        "slug": slug,
        "unpublished_at": record.unpublished_at,
        "reason": record.unpublished_reason,
    }


def _of_table(table: PublicTable) -> PackageTable:
    def records() -> Iterator[Record]:
        return table.records(table.all_keys(), table.fields)

    return PackageTable(table.name, table.title, table.meaning, table.fields, records)


def _withdrawn_table() -> PackageTable:
    fields = Facts(DECLARED.facts["withdrawn"]).data_fields({}, {})
    return PackageTable(
        "withdrawn", **DECLARED.tables["withdrawn"], fields=fields, records=withdrawn_records
    )


PACKAGE_TABLES = [
    *map(_of_table, [PROJECTS, PARTNERSHIPS, PARTNERS, CALLS, COUNTRIES, MEMBERSHIPS]),
    _withdrawn_table(),
]
