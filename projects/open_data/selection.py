"""The rows that the parameters of an address select, with the filters of the page."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from partners.models import LeadPartner
from partners.pages.filters import CountryFilterSet, LeadPartnerFilterSet, PartnerFilterSet
from projects.models import Partnership, Project
from projects.open_data.table_rows import CALLS, COUNTRIES, PARTNERS, PARTNERSHIPS, PROJECTS
from projects.pages.filters import CallFilterSet, ProjectFilterSet
from psf.caching.values import at_each_version
from psf.database.sql import in_keys
from psf.exports.responses import Refusal
from psf.exports.tables import Key, PublicTable, in_parts
from psf.lists.filterset import ListFilterSet


class Dataset(NamedTuple):
    """A table with an address, and the filters of its page."""

    name: str
    table: PublicTable
    filterset: type[ListFilterSet]

    def select(self, filters: ListFilterSet) -> tuple[Iterable[Key], int | None]:
        """The keys of the rows in the order of the page, and the number of rows if known.

        Raises a Refusal for a wrong value.
        """
        if sentence := filters.form.error_sentence():
            raise Refusal(400, sentence)
        if self.table is PARTNERSHIPS:
            return _partnerships_of(filters.result_keys()), None
        return filters.result_keys(), filters.remaining.bit_count()


def _partnerships_of(projects: Iterable[int]) -> Iterator[int]:
    """The public partnerships of the projects in this order, in the published order."""
    for part in in_parts(projects):
        rows = Partnership.objects.filter(project__in=in_keys(Project, part))
        keys: dict[int, list[int]] = {key: [] for key in part}
        for key, project in rows.order_by("role", "position", "pk").values_list("pk", "project"):
            keys[project].append(key)
        for partnerships in keys.values():
            yield from partnerships


DATASETS = {
    dataset.name: dataset
    for dataset in [
        Dataset("projects", PROJECTS, ProjectFilterSet),
        Dataset("partnerships", PARTNERSHIPS, ProjectFilterSet),
        Dataset("partners", PARTNERS, PartnerFilterSet),
        Dataset("lead-partners", PARTNERS, LeadPartnerFilterSet),
        Dataset("calls", CALLS, CallFilterSet),
        Dataset("countries", COUNTRIES, CountryFilterSet),
    ]
}
# The tables whose records have a page of their own.
TABLES_OF_RECORDS = ["projects", "partners", "calls", "countries"]


@at_each_version
def row_numbers() -> dict[str, int]:
    """The number of rows of each dataset without filters."""
    rows = {name: dataset.table.rows() for name, dataset in DATASETS.items()}
    rows["lead-partners"] = LeadPartner.objects.public()
    return {name: queryset.count() for name, queryset in rows.items()}
