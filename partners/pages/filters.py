from collections.abc import Iterator
from functools import partial
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from partners.models import MembershipStatus, PartnerKind
from partners.pages.countries import NOT_IN_CBSS, facet_groups, public_countries
from partners.pages.list_index import load_partner_snapshot, partners_by_name
from partners.pages.partner_detail import load_partner_rows
from partners.search import PARTNERS
from psf.caching.memo import cached_until_change
from psf.database.keysets import GreatestFirst
from psf.lists.bitset_filterset import BitsetFilterSet, FacetSnapshot
from psf.lists.facets import count_facets
from psf.lists.filterset import AnyOf, ListFilterSet
from psf.lists.ordering import OrderedPages

SIZES = [("one", _("one")), ("few", _("two to four")), ("many", _("five or more"))]


class LeadPartnerFilterSet(BitsetFilterSet):
    """The filters of the list of lead partners: sets of keys from `partners.pages.list_index`."""

    index = PARTNERS
    first_order = "name"
    leading = True

    country = AnyOf(label=_("Country"))
    kind = AnyOf(choices=PartnerKind.choices, label=_("Kind"))
    projects = AnyOf(choices=SIZES, label=_("Number of projects"))
    sort = django_filters.ChoiceFilter(
        label=_("Sort by"),
        choices=[("name", _("by name")), ("projects", _("most projects first"))],
        empty_label=None,
    )
    facet_names = ["country", "kind", "projects"]
    fixed_order = ["projects"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters.move_to_end("sort")  # after the filters of a subclass

    def load_snapshot(self) -> FacetSnapshot:
        return cached_until_change(
            ("partners", self.leading), partial(load_partner_snapshot, self.leading)
        )

    def result_rows(self) -> OrderedPages:
        """The selected organisations in the chosen order, and by name within each group."""
        digits = self.snapshot.sets["digits"]
        by_number = GreatestFirst(self.remaining, digits)
        groups = by_number if self.order() == "projects" else self.groups()
        return OrderedPages(groups, partners_by_name(), partial(load_partner_rows, digits))

    def result_keys(self) -> Iterator[int]:
        return self.result_rows().keys()


class PartnerFilterSet(LeadPartnerFilterSet):
    """The filters of the list of all partners: also by role."""

    leading = False

    role = AnyOf(
        choices=[("lead", _("leads a project")), ("partner", _("is a partner in a project"))],
        label=_("Role"),
    )
    facet_names = ["country", "kind", "role", "projects"]


class ByCountry(AnyOf):
    """Countries with any of the values. Python selects them: there are few countries."""

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        codes = [
            code
            for code, group in self.parent.facet_groups.items()
            if {*group.values[self.field_name]} & {*value}
        ]
        return qs.filter(pk__in=codes) if value else qs


STATUSES = [*MembershipStatus.choices, (NOT_IN_CBSS, _("not in the CBSS"))]


class CountryFilterSet(ListFilterSet):
    """The filters of the list of countries."""

    standing = ByCountry(choices=STATUSES, label=_("Membership today"))
    standing_then = ByCountry(choices=STATUSES, label=_("Membership when its calls closed"))
    role = ByCountry(
        choices=[("lead", _("leads a project")), ("partner", _("is a partner in a project"))],
        label=_("Role"),
    )
    projects = ByCountry(choices=[("none", _("none")), *SIZES], label=_("Number of projects"))
    facet_names = ["standing", "standing_then", "role", "projects"]
    fixed_order = facet_names

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.countries = public_countries()
        self.facet_groups = cached_until_change(
            "facets of countries", partial(facet_groups, self.countries)
        )

    def total(self) -> int:
        return len(self.facet_groups)

    def counts(self) -> dict[str, dict[str, int]]:
        groups = self.facet_groups.values()
        return dict(count_facets(groups, self.facet_names, self.chosen_values()))
