from functools import partial
from typing import Any

import django_filters
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from psf.facets import Group, told_apart
from psf.lists import AnyOf, ListFilter
from psf.memory import remembered
from psf.search.asking import understand
from psf.sql import compiled, fetched

from .countries import NO_STANDING, NUMBERS, groups_of, public_countries, size_of
from .models import Country, MembershipStatus, Partner, PartnerKind
from .models.countries import public_parts

SIZES = [("one", _("one")), ("few", _("two to four")), ("many", _("five or more"))]
GROUPS = """
SELECT seat_id, kind, led > 0, joined > 0, CASE WHEN number < 5 THEN number ELSE 5 END, COUNT(*)
FROM ({partners}) AS each_partner GROUP BY 1, 2, 3, 4, 5
"""


class LeadPartnerFilter(ListFilter):
    """What the list of lead partners can be narrowed by."""

    country = AnyOf(field_name="country__slug", label=_("Country"))
    kind = AnyOf(choices=PartnerKind.choices, label=_("Kind"))
    projects = AnyOf(
        choices=SIZES,
        method="filter_projects",
        label=_("Number of projects"),
    )
    sort = django_filters.ChoiceFilter(
        label=_("Order"),
        choices=[("name", _("by name")), ("projects", _("most projects first"))],
        empty_label=None,
        method="filter_order",
    )
    facet_names = ["country", "kind", "projects"]
    in_order = ["projects"]
    leading = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.countries = remembered("seats", country_names)
        self.whole = remembered(("partners", self.leading), partial(self._grouped, ""))
        seats = {value for group in self.whole for value in group.values["country"]}
        self.filters["country"].extra["choices"] = [
            (slug, name) for slug, name in self.countries.values() if slug in seats
        ]
        self.filters.move_to_end("sort")  # after what a subclass adds

    def filter_order(self, rows: QuerySet, name: str, order: str) -> QuerySet:
        return {
            "best": rows,  # as it was found
            "name": rows.order_by("folded", "slug"),
            "projects": rows.order_by("-number_of_projects", "folded", "slug"),
        }[order]

    def filter_projects(self, rows: QuerySet, name: str, values: list[str]) -> QuerySet:
        wanted = Q()
        for least, most in [NUMBERS[value] for value in values]:
            number = Q(number_of_projects__gte=least)
            wanted |= number & Q(number_of_projects__lte=most) if most else number
        return rows.filter(wanted)

    def total(self) -> int:
        return sum(group.number for group in self.whole)

    def counts(self) -> dict[str, dict[str, int]]:
        chosen = self.chosen_values()
        text = " ".join(chosen.get("q", []))
        key = ("partners", self.leading, text)
        groups = remembered(key, partial(self._grouped, text)) if text else self.whole
        return dict(told_apart(groups, self.facet_names, chosen))

    def _grouped(self, text: str) -> list[Group]:
        return grouped(self.leading, text, self.countries)


class PartnerFilter(LeadPartnerFilter):
    """What the list of all partners can be narrowed by: also by whether they lead."""

    role = AnyOf(
        choices=[("lead", _("leads a project")), ("partner", _("takes part in a project"))],
        method="filter_role",
        label=_("Role"),
    )
    facet_names = ["country", "kind", "role", "projects"]
    leading = False

    def filter_role(self, rows: QuerySet, name: str, roles: list[str]) -> QuerySet:
        leads = [role == "lead" for role in roles]
        parts = public_parts().filter(leads__in=leads, partner=OuterRef("pk"))
        return rows.filter(Exists(parts)) if roles else rows


def country_names() -> dict[str, tuple[str, str]]:
    """The address and name of each country by its code, in the order of names."""
    return {
        code: (slug, name)
        for code, slug, name in Country.objects.values_list("code", "slug", "name")
    }


def grouped(leading: bool, text: str, countries: dict[str, tuple[str, str]]) -> list[Group]:
    """How many organisations in public projects there are of each country, kind, role and number.

    Only those that lead, if wanted; only those found by the text, if there is one: the list
    itself has brought the index up to date.
    """
    parts = public_parts().filter(partner__isnull=False)
    if text:
        partners = Partner.objects.order_by()
        found = partners.index.matching(partners, understand(text))
        parts = parts.filter(partner__in=found.values("pk"))
    partners = parts.values("partner", "seat_id", "kind").annotate(
        led=Count("pk", filter=Q(leads=True)),
        joined=Count("pk", filter=Q(leads=False)),
        number=Count("project", distinct=True),
    )
    sql, params = compiled(partners.filter(led__gt=0) if leading else partners)
    return [
        Group(_values(countries[seat][0], kind, bool(led), bool(joined), number), count)
        for seat, kind, led, joined, number, count in fetched(GROUPS.format(partners=sql), params)
    ]


def _values(seat: str, kind: str, led: bool, joined: bool, number: int) -> dict[str, list[str]]:
    roles = [role for role, has in [("lead", led), ("partner", joined)] if has]
    return {"country": [seat], "kind": [kind], "role": roles, "projects": [size_of(number)]}


class ByCountry(AnyOf):
    """Countries that have any of the values. They are few, and Python knows what each has."""

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        groups = self.parent.groups.items()
        found = [code for code, group in groups if {*group.values[self.field_name]} & {*value}]
        return qs.filter(pk__in=found) if value else qs


STANDINGS = [*MembershipStatus.choices, (NO_STANDING, _("not in the CBSS"))]


class CountryFilter(ListFilter):
    """What the list of countries can be narrowed by."""

    q = None  # they stand in the order of the alphabet, on one page
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
        self.groups = remembered("facets of countries", partial(groups_of, self.countries))

    def total(self) -> int:
        return len(self.groups)

    def counts(self) -> dict[str, dict[str, int]]:
        return dict(told_apart(self.groups.values(), self.facet_names, self.chosen_values()))
