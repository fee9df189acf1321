from datetime import date
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from partners.models import Country, Membership, Merger, Partner
from partners.pages.countries import group_by_membership, public_countries
from partners.pages.filters import CountryFilterSet, LeadPartnerFilterSet, PartnerFilterSet
from partners.pages.list_index import partners_by_name, public_partner_sets
from partners.pages.partner_detail import load_partner_rows, load_public_partner
from partners.participation import NEWEST_PROJECTS, ProjectRow, participation
from psf.caching.memo import cached_until_change
from psf.charts.baltic_map import BalticMap, baltic_map
from psf.database.keysets import GreatestFirst
from psf.lists.ordering import OrderedPages
from psf.lists.public_list import FilteredList
from psf.public_changes.versions import load_record_versions
from psf.public_changes.views import version_page
from psf.text.urls import slug_url

ROWS_OF_COUNTRY = 10
PARTNER = "partners.partner"


class PartnerList(FilteredList):
    model = Partner
    filterset_class = PartnerFilterSet
    feed = "/partners.atom"
    template_name = "partners/partner_list.html"

    def rows(self) -> QuerySet[Partner]:
        """Empty: the key sets of the filters say which organisations are in the list."""
        return Partner.objects.none()


class LeadPartnerList(PartnerList):
    filterset_class = LeadPartnerFilterSet
    feed = ""
    template_name = "partners/leadpartner_list.html"


def partner_context(partner: Partner) -> dict[str, Any]:
    """The context of the page of an organisation, for readers and for the preview of staff.

    `partner` comes from `for_page()` and may be without public projects.
    """
    rows, are_all = participation().newest_projects(partner.pk)
    return {
        "partner": partner,
        "calls": _rows_by_call(rows, partner),
        "are_all": are_all,
        "shown": NEWEST_PROJECTS,
        "network": participation().neighbours(partner),
    }


def _rows_by_call(rows: list[ProjectRow], partner: Partner) -> list[dict[str, object]]:
    """The calls, newest first, each with the projects of the organisation."""
    return [
        {
            "title": title,
            "url": slug_url("projects:call-detail", slug),
            "projects": [_participation_row(row, partner) for row in group],
        }
        for (title, slug), group in groupby(rows, lambda row: (row.call, row.call_slug))
    ]


class ParticipationRow(NamedTuple):
    """A project on the page of an organisation.

    `published_as` and `country` are empty if equal to the name and country of the organisation.
    """

    url: str
    project: str
    reference: str
    published_as: str
    country: str
    role: str
    joined_on: date | None
    left_on: date | None


def _participation_row(row: ProjectRow, partner: Partner) -> ParticipationRow:
    return ParticipationRow(
        slug_url("projects:project-detail", row.slug),
        row.title,
        row.reference,
        row.name_as_published if row.name_as_published != partner.name else "",
        row.country if row.country_code != partner.country_id else "",
        row.role,
        row.joined_on,
        row.left_on,
    )


@require_safe
def partner_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a public organisation; a merged record redirects to the winner."""
    partner = load_public_partner(slug)
    if partner:
        context = partner_context(partner) | {"versions": load_record_versions(PARTNER, partner.pk)}
        return render(request, "partners/partner_detail.html", context)
    return redirect(winner_of(slug), permanent=True)


def winner_of(slug: str) -> Partner:
    """The public organisation into which the organisation with this address was merged."""
    merged = Merger.objects.in_force().filter(slug=slug)
    return get_object_or_404(Partner.objects.public(), mergers__in=merged)


@require_safe
def partner_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """An earlier public version of the page of an organisation."""
    partner = Partner.objects.public().filter(slug=slug).first()
    if partner is None:
        return redirect(winner_of(slug), permanent=True)
    return version_page(request, partner, number)


def countries_beside_map(countries: list[Country], baltic: BalticMap) -> list[Country]:
    """The rows of the table beside a map: countries on the map, or with a public project."""
    codes = {country.code for country in baltic}
    return [row for row in countries if row.number_of_projects or row.code in codes]


def country_map(countries: list[Country]) -> BalticMap:
    """The map, shaded by numbers of public projects. The countries come from `for_list()`."""
    return baltic_map({country.code: country.number_of_projects for country in countries})


class CountryList(FilteredList):
    model = Country
    filterset_class = CountryFilterSet
    context_object_name = "countries"
    template_name = "partners/country_list.html"
    paginate_by = 300  # all countries on one page

    def rows(self) -> QuerySet[Country]:
        """Empty: the filter set has the countries with their numbers."""
        return Country.objects.none()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, today = super().get_context_data(**kwargs), timezone.localdate()
        return context | {
            "coverage": participation().coverage(),
            "groups": group_by_membership(context["countries"], today),
            "organisations": list(Membership.objects.on(today).filter(country__isnull=True)),
            "map": country_map(self.filterset.snapshot.countries),
        }


def country_context(country: Country, countries: list[Country]) -> dict[str, Any]:
    """The context of the page of a country, for readers and for the preview of staff.

    `country` comes from `for_page()` and may be without a public page. `countries` are the
    countries with a public page.
    """
    baltic = country_map(countries)
    return {
        "country": country,
        "kicker": _membership_label(country),
        "figures": _figures(country),
        "amounts": participation().amounts_led(country.code),
        "coverage": participation().coverage(),
        "memberships": _timeline(country),
        "map": baltic,
        "countries": countries_beside_map(countries, baltic),
        **cached_until_change(("country", country.slug), partial(_lists_of_country, country)),
    }


@require_safe
def country_detail(request: HttpRequest, slug: str) -> HttpResponse:
    countries = public_countries()
    country = next((country for country in countries if country.slug == slug), None)
    if country is None:
        raise Http404
    return render(request, "partners/country_detail.html", country_context(country, countries))


def _membership_label(country: Country) -> str:
    """The membership today with the period: "Member, from 1992"."""
    membership = country.membership_on(timezone.localdate())
    if membership is None:
        return _("Not in the CBSS today")
    return ", ".join(filter(None, [capfirst(membership.get_status_display()), membership.period()]))


def _figures(country: Country) -> list[dict[str, object]]:
    """The key figures of a country from `for_list()`."""
    return [
        {"label": _("Projects"), "value": country.number_of_projects},
        {"label": _("Projects led"), "value": country.number_led},
        {
            "label": _("Named organisations"),
            "value": country.named_partners(),
            "unknown": _("not named"),
            "note": _("Some partners are not named.") if country.has_unnamed else "",
        },
    ]


def _timeline(country: Country) -> list[dict[str, object]]:
    """The memberships of the country, oldest first."""
    today = timezone.localdate()
    return [
        {
            "when": row.period() or _("start unknown"),
            "what": row.get_status_display(),
            "note": row.source,
            "now": row.holds_on(today),
        }
        for row in country.memberships.all()
    ]


def _lists_of_country(country: Country) -> dict[str, list[Any]]:
    """The newest public projects led and joined; the organisations with most projects."""
    led, joined = participation().newest_of_country(country.code, ROWS_OF_COUNTRY)
    sets = public_partner_sets()
    most_first = GreatestFirst(sets["country"].get(country.code, 0), sets["digits"])
    load = partial(load_partner_rows, sets["digits"])
    partners: Any = OrderedPages(most_first, partners_by_name(), load)
    return {"led": led, "joined": joined, "partners": partners[0:ROWS_OF_COUNTRY]}
