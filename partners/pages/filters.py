from functools import partial

import django_filters
from django.utils.translation import gettext_lazy as _

from partners.models import Country, PartnerKind
from partners.pages.countries import public_countries
from partners.pages.list_index import (
    load_partner_rows,
    load_partner_snapshot,
    most_projects_first,
    partners_by_name,
)
from partners.search import PARTNERS
from psf.lists.facets import FacetSnapshot
from psf.lists.filterset import AnyOf, ListFilterSet, SearchFilterSet
from psf.lists.ordering import OrderedPages

SIZES = [("one", _("one")), ("few", _("two to four")), ("many", _("five or more"))]


class LeadPartnerFilterSet(SearchFilterSet):
    """The filters of the list of lead partners: sets of keys from `partners.pages.list_index`."""

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

    def load_snapshot(self) -> FacetSnapshot:
        return load_partner_snapshot(self.leading)

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
