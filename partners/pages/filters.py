from functools import partial
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from partners.models import MembershipStatus, PartnerKind
from partners.pages.countries import NO_STANDING, groups_of, public_countries
from partners.pages.list_index import by_name, whole_list
from partners.pages.partner_detail import partners_of
from partners.search import PARTNERS
from psf.caching.memo import cached_until_change
from psf.database.keysets import GreatestFirst
from psf.lists.bitset_filterset import BitsetFilterSet, FacetSnapshot
from psf.lists.facets import count_facets
from psf.lists.filterset import AnyOf, ListFilter
from psf.lists.ordering import OrderedPages

SIZES = [("one", _("one")), ("few", _("two to four")), ("many", _("five or more"))]


class LeadPartnerFilter(BitsetFilterSet):
    """What the list of lead partners can be narrowed by.

    Every filter leaves a set of organisations (`partners.pages.list_index`).
    """

    index = PARTNERS
    first_order = "name"
    leading = True

    country = AnyOf(label=_("Country"))
    kind = AnyOf(choices=PartnerKind.choices, label=_("Kind"))
    projects = AnyOf(choices=SIZES, label=_("Number of projects"))
    sort = django_filters.ChoiceFilter(
        label=_("Order"),
        choices=[("name", _("by name")), ("projects", _("most projects first"))],
        empty_label=None,
    )
    facet_names = ["country", "kind", "projects"]
    in_order = ["projects"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters.move_to_end("sort")  # after what a subclass adds

    def whole_list(self) -> FacetSnapshot:
        return cached_until_change(("partners", self.leading), partial(whole_list, self.leading))

    def listed(self) -> OrderedPages:
        """The organisations that the filters leave; as many projects or as good matches by name."""
        by_number = GreatestFirst(self.left, self.whole.sets["digits"])
        groups = by_number if self.order() == "projects" else self.groups()
        return OrderedPages(groups, by_name(), partners_of)


class PartnerFilter(LeadPartnerFilter):
    """What the list of all partners can be narrowed by: also by whether they lead."""

    leading = False

    role = AnyOf(
        choices=[("lead", _("leads a project")), ("partner", _("takes part in a project"))],
        label=_("Role"),
    )
    facet_names = ["country", "kind", "role", "projects"]


class ByCountry(AnyOf):
    """Countries that have any of the values. They are few, and Python knows what each has."""

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        groups = self.parent.groups.items()
        found = [code for code, group in groups if {*group.values[self.field_name]} & {*value}]
        return qs.filter(pk__in=found) if value else qs


STANDINGS = [*MembershipStatus.choices, (NO_STANDING, _("not in the CBSS"))]


class CountryFilter(ListFilter):
    """What the list of countries can be narrowed by."""

    standing = ByCountry(choices=STANDINGS, label=_("In the CBSS today"))
    standing_then = ByCountry(
        choices=STANDINGS, label=_("In the CBSS when a call closed in which it takes part")
    )
    role = ByCountry(
        choices=[("lead", _("leads a project")), ("partner", _("joins a project of others"))],
        label=_("Role"),
    )
    projects = ByCountry(choices=[("none", _("none")), *SIZES], label=_("Number of projects"))
    facet_names = ["standing", "standing_then", "role", "projects"]
    in_order = facet_names

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.countries = public_countries()
        self.groups = cached_until_change("facets of countries", partial(groups_of, self.countries))

    def total(self) -> int:
        return len(self.groups)

    def counts(self) -> dict[str, dict[str, int]]:
        return dict(count_facets(self.groups.values(), self.facet_names, self.chosen_values()))
