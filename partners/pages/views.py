from datetime import date
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from partners.models import Country, Membership, Merger, Partner
from partners.pages.countries import by_standing, public_countries
from partners.pages.filters import CountryFilter, LeadPartnerFilter, PartnerFilter
from partners.pages.partner_detail import public_partner
from partners.participation import NEWEST_PROJECTS, ProjectRow, participation
from psf.caching.memo import cached_until_change
from psf.charts.baltic_map import BalticMap, baltic_map
from psf.lists.views import FilteredList
from psf.text.dates import Precision, describe_period
from psf.text.urls import slug_url

ROWS_ON_A_COUNTRY = 10


class PartnerList(FilteredList):
    model = Partner
    filterset_class = PartnerFilter
    template_name = "partners/partner_list.html"

    def rows(self) -> Any:
        """Nothing that a list begins with: its sets tell which organisations it has."""
        return Partner.objects.none()


class LeadPartnerList(PartnerList):
    filterset_class = LeadPartnerFilter
    template_name = "partners/leadpartner_list.html"


def partner_context(partner: Partner) -> dict[str, Any]:
    """What the page of an organisation shows, for readers and for the preview of staff.

    `partner` comes from `for_page()`; it need not take part in anything public.
    """
    parts, are_all = participation().newest_projects(partner.pk)
    return {
        "partner": partner,
        "calls": _by_call(parts, partner),
        "are_all": are_all,
        "shown": NEWEST_PROJECTS,
        "network": participation().neighbours(partner),
    }


def _by_call(parts: list[ProjectRow], partner: Partner) -> list[dict[str, Any]]:
    """Its parts in projects, call by call, as their rows show them."""
    return [
        {
            "title": title,
            "url": slug_url("projects:call-detail", slug),
            "parts": [_part_row(part, partner) for part in rows],
        }
        for (title, slug), rows in groupby(parts, lambda part: (part.call, part.call_slug))
    ]


class PartRow(NamedTuple):
    """A part in a project as its row shows it.

    `published_as` and `country` stand where they are not the organisation's own.
    """

    url: str
    project: str
    reference: str
    published_as: str
    country: str
    role: str
    joined_on: date | None
    left_on: date | None


def _part_row(part: ProjectRow, partner: Partner) -> PartRow:
    return PartRow(
        slug_url("projects:project-detail", part.slug),
        part.title,
        part.reference,
        part.name_as_published if part.name_as_published != partner.name else "",
        part.country if part.country_code != partner.country_id else "",
        part.role,
        part.joined_on,
        part.left_on,
    )


@require_safe
def partner_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a public organisation; of one that was merged, the way to where it went."""
    partner = public_partner(slug)
    if partner:
        return render(request, "partners/partner_detail.html", partner_context(partner))
    merged = Merger.objects.in_force().filter(slug=slug)
    winner = get_object_or_404(Partner.objects.public(), mergers__in=merged)
    return redirect(winner, permanent=True)


def worth_a_row(countries: list[Country], drawn: BalticMap) -> list[Country]:
    """The countries of the table beside a map: those on it, and all with a public project."""
    codes = {country.code for country in drawn}
    return [row for row in countries if row.number_of_projects or row.code in codes]


def map_of(countries: list[Country]) -> BalticMap:
    """The map shaded by the numbers of public projects that `for_list()` counted."""
    return baltic_map({country.code: country.number_of_projects for country in countries})


class CountryList(FilteredList):
    model = Country
    filterset_class = CountryFilter
    context_object_name = "countries"
    paginate_by = 300  # more than there are: all on one page

    def rows(self) -> Any:
        return Country.objects.public()

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        """What a row shows is the same for every reader, and remembered."""
        paginator, page, rows, is_paginated = super().paginate_queryset(queryset, page_size)
        found = {*cast(Any, rows).values_list("pk", flat=True)}
        countries = [country for country in self.filterset.countries if country.pk in found]
        return paginator, page, countries, is_paginated

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, today = super().get_context_data(**kwargs), timezone.localdate()
        return context | {
            "groups": by_standing(context["countries"], today),
            "organisations": list(Membership.objects.on(today).filter(country__isnull=True)),
            "map": map_of(self.filterset.countries),
        }


def country_context(country: Country, countries: list[Country]) -> dict[str, Any]:
    """What the page of a country shows, for readers and for the preview of staff.

    `country` comes from `for_page()` and need not have a page for readers; the others do.
    """
    baltic = map_of(countries)
    return {
        "country": country,
        "kicker": _standing_in_words(country),
        "figures": _figures(country),
        "memberships": _timeline(country),
        "map": baltic,
        "countries": worth_a_row(countries, baltic),
        **cached_until_change(("country", country.slug), partial(_rows_of, country)),
    }


@require_safe
def country_detail(request: HttpRequest, slug: str) -> HttpResponse:
    countries = public_countries()
    country = next((country for country in countries if country.slug == slug), None)
    if country is None:
        raise Http404
    return render(request, "partners/country_detail.html", country_context(country, countries))


def _standing_in_words(country: Country) -> str:
    """What the country is in the CBSS today, and since when: "Member, from 1992"."""
    standing = country.membership_on(timezone.localdate())
    if standing is None:
        return _("Not in the CBSS today")
    return ", ".join(filter(None, [capfirst(standing.get_status_display()), _when(standing)]))


def _when(row: Membership) -> str:
    return describe_period(row.valid_from, row.from_precision, row.valid_to, Precision.DAY)


def _figures(country: Country) -> list[dict[str, Any]]:
    """Its key figures; the counts are those of `for_list()`."""
    return [
        {"label": _("Projects"), "value": country.number_of_projects},
        {"label": _("Projects led"), "value": country.number_led},
        {"label": _("Organisations"), "value": country.number_of_partners},
    ]


def _timeline(country: Country) -> list[dict[str, Any]]:
    """What the country was in the CBSS, from first to last."""
    today = timezone.localdate()
    return [
        {
            "when": _when(row) or _("not known since when"),
            "what": row.get_status_display(),
            "note": row.source,
            "now": row.holds_on(today),
        }
        for row in country.memberships.all()
    ]


def _rows_of(country: Country) -> dict[str, list[Any]]:
    """The newest public projects that it leads and that it joined; its busiest organisations."""
    parts = participation().public_participations().filter(country=country)
    listings = participation().public_projects()
    led = parts.leading().values("project")
    joined = listings.filter(project__in=parts.for_countries().values("project"))
    partners: Any = Partner.objects.public().for_list().filter(country=country)
    return {
        "led": listings.filter(project__in=led).newest(ROWS_ON_A_COUNTRY),
        "joined": joined.exclude(project__in=led).newest(ROWS_ON_A_COUNTRY),
        "partners": list(
            partners.order_by("-number_of_projects", "folded", "slug")[:ROWS_ON_A_COUNTRY]
        ),
    }
