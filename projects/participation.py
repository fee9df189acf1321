"""The answers of projects to the questions of partners."""

from collections.abc import Collection
from datetime import datetime
from math import inf
from typing import Any

from django.db.models import F, QuerySet

from partners.models import Country, Partner
from partners.participation import NEWEST_PROJECTS, CountryProjects, ProjectRow
from projects.figures.cooperation import neighbours_of
from projects.figures.country_sheet import Portrait, newest_of_country, portrait_of
from projects.figures.records import load_records
from projects.list_index.facet_sets import (
    country_projects,
    public_sets,
)
from projects.list_index.index import newest_projects
from projects.models import Partnership, Project, Role
from projects.models.publication import is_public
from projects.publication.previews import publications_of_partners
from psf.database.record_version import bump_version
from psf.public_changes.versions import Publication
from psf.text.phrases import label_of_choice
from psf.text.slugs import slug_url

COLUMNS = [f"project__{name}" for name in ["title", "title_language", "slug", "reference"]]
COLUMNS += [f"project__call__{name}" for name in ["title", "slug", "closes_at"]]
COLUMNS += ["name_as_published", "country", "country__name"]
COLUMNS += ["role", "joined_on", "left_on"]


class ProjectParticipation:
    """What `partners.participation` answers."""

    def partnerships(self) -> QuerySet[Partnership]:
        """All participations, public or not. `leading()` keeps the participations as lead."""
        return Partnership.objects.all()

    def public_participations(self, at: datetime | None = None) -> QuerySet[Partnership]:
        """The public participations at a moment (default: now).

        Columns: project, country, partner, role. `leading()` keeps the participations as lead.
        `leading_for_country()` leaves out projects that the secretariat of the CBSS leads.
        """
        return Partnership.objects.public(at)

    def hidden_projects(self, at: datetime) -> QuerySet[Project]:
        """The projects that are not public at a moment."""
        return Project.objects.exclude(is_public(at)).order_by()

    def country_projects(self) -> dict[str, CountryProjects]:
        """The numbers of each country with a public project, by code."""
        return country_projects(public_sets())

    def newest_of_country(self, code: str, number: int) -> list[list[Project]]:
        """The newest public projects led from a country, and with another partner for it."""
        return newest_of_country(public_sets(), code, number)

    def newest_with_country(self, code: str, number: int) -> list[Project]:
        """The newest public projects with a partner for a country."""
        return newest_projects(number, public_sets().of("country", code))[0]

    def portrait(self, country: Country, countries: list[Country]) -> Portrait:
        """The numbers and charts of the page of a country: see `projects.figures.country_sheet`."""
        return portrait_of(country, load_records(countries))

    def publications(self, partners: Collection[str]) -> list[Publication]:
        """Since when each of these organisations takes part in a public project without a gap."""
        return publications_of_partners(partners)

    def newest_projects(self, partner: int) -> tuple[list[ProjectRow], bool]:
        """The public projects of an organisation, newest call first, and whether these are all.

        At most `NEWEST_PROJECTS` as lead partner and as many in another role.
        """
        rows = sorted(map(_project_row, _newest_rows(partner)), key=_newest_first)
        led = [row for row in rows if row.leads]
        joined = [row for row in rows if not row.leads]
        newest = [*led[:NEWEST_PROJECTS], *joined[:NEWEST_PROJECTS]]
        return sorted(newest, key=_newest_first), len(newest) == len(rows)

    def shared_projects(self, first: int, second: int) -> list[Project]:
        """The projects in which both organisations take part, public or not."""
        projects = Project._base_manager.filter(partnerships__partner=first)
        partnerships = Partnership.objects.filter(partner=second)
        return list(projects.filter(partnerships__in=partnerships).distinct())

    def bump_project_versions(self, partnerships: Collection[int]) -> None:
        """Raise the versions of the projects of these participations."""
        rows = Partnership.objects.filter(pk__in=partnerships)
        bump_version(Project, set(rows.values_list("project", flat=True)))

    def neighbours(self, partner: Partner) -> list[Any]:
        """The organisations with most projects in common, with their number as `shared`."""
        return neighbours_of(partner)


def _newest_rows(partner: int) -> list[tuple[Any, ...]]:
    """The newest participations as lead, then in other roles; one row more than is shown."""
    closes_at = F("project__call__closes_at").desc(nulls_first=True)
    public = Partnership.objects.public().filter(partner=partner)
    newest = public.order_by(closes_at, "-project_id", "pk").values_list(*COLUMNS)
    return [row for role in Role for row in newest.filter(role=role)[: NEWEST_PROJECTS + 1]]


def _project_row(columns: tuple[Any, ...]) -> ProjectRow:
    row = ProjectRow._make([*columns, False])
    return row._replace(
        url=slug_url("projects:project-detail", row.url),
        call_url=slug_url("projects:call-detail", row.call_url),
        role=label_of_choice(Partnership, "role", row.role),
        leads=row.role == Role.LEAD,
    )


def _newest_first(row: ProjectRow) -> tuple[float, str, str]:
    """Sort by closing. A call without a known closing comes first."""
    closed = -row.closes_at.timestamp() if row.closes_at else -inf
    return closed, row.call_url, row.reference
