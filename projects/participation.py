"""The answers of projects to the questions of partners."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from partners.models import Country, Partner
from partners.participation import CountryProjects
from projects.figures.cooperation import neighbours_of
from projects.figures.country_sheet import Portrait, newest_of_country, portrait_of
from projects.figures.records import load_records
from projects.list_index.facet_sets import (
    country_projects,
    public_sets,
)
from projects.list_index.index import ORDERS, newest_projects
from projects.models import Partnership, Project
from projects.models.post_award import is_extended
from projects.models.publication import is_public
from projects.publication.previews import publications_of_partners
from psf.database.record_version import bump_version
from psf.public_changes.versions import Publication


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

    def newest_projects(self, partner: Partner, number: int) -> list[Project]:
        """The newest public projects of an organisation, as rows of lists."""
        own = Partnership.objects.filter(partner=partner).values("project")
        rows = Project.objects.public().for_list().annotate(is_extended=is_extended())
        return list(rows.filter(pk__in=own).order_by(*ORDERS["newest"])[:number])

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
