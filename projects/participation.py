"""The answers of projects to the questions of `partners.participation`."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from partners.models import Country, Partner
from partners.participation import CountryProjects
from projects.figures import country_sheet
from projects.figures.records import load_records
from projects.list_index import index
from projects.list_index.facet_sets import public_sets
from projects.models import Partnership, Project
from projects.models.post_award import is_extended
from projects.models.publication import is_public, public_since
from projects.publication.previews import moment_of
from psf.database.record_version import bump_version
from psf.database.sql import in_keys
from psf.public_changes.versions import Publication

NEAREST = 20  # organisations on the page of an organisation


def partnerships() -> QuerySet[Partnership]:
    """All participations, public or not. `leading()` keeps the participations as lead."""
    return Partnership.objects.all()


def public_participations(at: datetime | None = None) -> QuerySet[Partnership]:
    """The public participations at a moment (default: now).

    Columns: project, country, partner, role. `leading()` keeps the participations as lead.
    `leading_for_country()` leaves out projects that the secretariat of the CBSS leads.
    """
    return Partnership.objects.public(at)


def hidden_projects(at: datetime) -> QuerySet[Project]:
    """The projects that are not public at a moment."""
    return Project.objects.exclude(is_public(at)).order_by()


def country_projects() -> dict[str, CountryProjects]:
    """The numbers of each country with a public project, by code."""
    sets = public_sets()
    return {
        code: CountryProjects(
            keys.bit_count(),
            sets.of("lead", code).bit_count(),
            has_unnamed=code in sets.values["not_named"],
        )
        for code, keys in sets.values["country"].items()
    }


def newest_of_country(code: str, number: int) -> list[list[Project]]:
    """The newest public projects led from a country, and with another partner for it."""
    return country_sheet.led_and_joined(public_sets(), code, number)


def newest_with_country(code: str, number: int) -> list[Project]:
    """The newest public projects with a partner for a country."""
    return index.newest_of_groups(number, public_sets().of("country", code))[0]


def portrait(country: Country, countries: list[Country]) -> country_sheet.Portrait:
    """The numbers and charts of the page of a country: see `projects.figures.country_sheet`."""
    return country_sheet.portrait_of(country, load_records(countries))


def publications(partners: Collection[str]) -> list[Publication]:
    """Since when each of these organisations takes part in a public project without a gap."""
    parts = Partnership.objects.public().filter(partner__in=in_keys(Partner, partners)).order_by()
    columns = ["partner", "pk", "project", "project__call"]
    result = []
    for partner, part, project, call, at in parts.values_list(*columns, public_since("project__")):
        joined = "projects.partnership", part, "partner_id"
        written = [joined, moment_of("project", project), moment_of("call", call)]
        result.append(Publication(str(partner), at, written))
    return result


def newest_projects(partner: Partner, number: int) -> list[Project]:
    """The newest public projects of an organisation, as rows of lists."""
    own = Partnership.objects.filter(partner=partner).values("project")
    rows = Project.objects.public().for_list().annotate(is_extended=is_extended())
    return list(rows.filter(pk__in=own).order_by(*index.ORDERS["newest"])[:number])


def shared_projects(first: int, second: int) -> list[Project]:
    """The projects in which both organisations take part, public or not."""
    projects = Project._base_manager.filter(partnerships__partner=first)
    partnerships = Partnership.objects.filter(partner=second)
    return list(projects.filter(partnerships__in=partnerships).distinct())


def bump_project_versions(partnerships: Collection[int]) -> None:
    """Raise the versions of the projects of these participations."""
    rows = Partnership.objects.filter(pk__in=partnerships)
    bump_version(Project, set(rows.values_list("project", flat=True)))


def neighbours(partner: Partner) -> list[Any]:
    """The organisations with most projects in common, each with their number as `shared`."""
    own = Partnership.objects.public().filter(partner=partner).values("project")
    parts = Partnership.objects.filter(partner__isnull=False, project__in=own)
    counted = parts.exclude(partner=partner).order_by().values("partner")
    counted = counted.annotate(shared=Count("project", distinct=True))
    nearest = counted.order_by("-shared", "partner_id").values_list("partner", "shared")
    shared = dict(nearest[:NEAREST])
    rows: Any = Partner.objects.filter(pk__in=shared).select_related("country")
    for row in (rows := list(rows.order_by("folded", "slug"))):
        row.shared = shared[row.pk]
    return sorted(rows, key=lambda row: -row.shared)
