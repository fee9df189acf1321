from collections.abc import Mapping
from copy import deepcopy
from functools import cached_property, partial
from typing import Any, ClassVar

import django_filters
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from partners.models import Country, PartnerKind
from partners.pages.countries import public_countries
from partners.pages.list_index import (
    load_partner_snapshot,
    most_projects_first,
    partners_by_name,
)
from partners.pages.partner_detail import load_partner_rows
from partners.participation import participation
from partners.search import PARTNERS
from partners.slugs import with_winners
from psf.database.keysets import KeySet
from psf.lists.facets import FacetSnapshot
from psf.lists.filterset import AnyOf, ListFilterSet, SearchFilterSet
from psf.lists.ordering import OrderedPages

# Begins the filters of projects that lists of organisations have too, with another meaning.
PREFIX = "project_"
SIZES = [("one", _("one")), ("few", _("two to four")), ("many", _("five or more"))]


class LeadPartnerFilterSet(SearchFilterSet):
    """The filters of the list of lead partners: sets of keys from `partners.pages.list_index`.

    The filters of projects, hidden in the form, select the organisations in these projects.
    """

    # The names of the filters of projects by the names of their parameters.
    project_filters: ClassVar[Mapping[str, str]]

    index = PARTNERS
    first_order = "name"
    leading = True

    country = AnyOf(label=_("Country"))
    kind = AnyOf(choices=PartnerKind.choices, label=_("Kind"))
    projects = AnyOf(choices=SIZES, label=_("Number of projects"))
    sort = django_filters.ChoiceFilter(
        label=_("Sort by"),
        choices=[("name", _("name")), ("projects", _("most projects first"))],
        empty_label=None,
    )
    facet_names = ["country", "kind", "projects"]
    fixed_order = ["projects"]
    title_parts = SearchFilterSet.title_parts | {"country": _("from %(values)s")}

    def __init__(self, query: QueryDict) -> None:
        super().__init__(with_winners(query))
        self.filters.move_to_end("sort")  # after the filters of a subclass
        for parameter, name in self.project_filters.items():
            if parameter in self.selected_values:
                self.filters[parameter].extra |= self.projects_filterset.filters[name].extra

    @classmethod
    def get_filters(cls) -> dict[str, Any]:
        own = super().get_filters()
        of_projects = deepcopy({**participation().project_filterset().base_filters})
        del of_projects["sort"]
        of_projects["q"].label = _("Search for projects")
        cls.project_filters = {PREFIX + name if name in own else name: name for name in of_projects}
        return own | {
            parameter: of_projects[name] for parameter, name in cls.project_filters.items()
        }

    @cached_property
    def projects_filterset(self) -> Any:
        """The filter set of the list of projects with the filters of projects."""
        query = QueryDict(mutable=True)
        for parameter, name in self.project_filters.items():
            query.setlist(name, self.data.getlist(parameter))
        return participation().project_filterset()(query)

    def load_snapshot(self) -> FacetSnapshot:
        return load_partner_snapshot(self.leading)

    def filter_keys(self, name: str, values: list[str]) -> KeySet:
        return self._behind if name in self.project_filters else super().filter_keys(name, values)

    @cached_property
    def _behind(self) -> KeySet:
        return participation().partners_in(self.projects_filterset.remaining, self.leading)

    def result_rows(self) -> OrderedPages:
        """The selected organisations in the chosen order, and by name within each group."""
        numbers = self.snapshot.sets["number"]
        by_number = most_projects_first(self.remaining, numbers)
        groups = by_number if self.order() == "projects" else self.groups()
        return OrderedPages(groups, partners_by_name(), partial(load_partner_rows, numbers))


class PartnerFilterSet(LeadPartnerFilterSet):
    """The filters of the list of all partners: also by role."""

    leading = False

    role = AnyOf(
        choices=[("lead", _("leads a project")), ("partner", _("is a partner in a project"))],
        label=_("Role"),
    )
    facet_names = ["country", "kind", "role", "projects"]


class CountryFilterSet(ListFilterSet):
    """All countries with a public page, which are grouped and not filtered."""

    def load_snapshot(self) -> FacetSnapshot:
        self.countries = public_countries()
        return FacetSnapshot((1 << len(self.countries)) - 1, {}, {})

    def result_rows(self) -> list[Country]:
        return self.countries
