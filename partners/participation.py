"""The questions of partners about projects, which projects answer."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from psf.database.keysets import KeySet
from psf.public_changes.versions import Publication

# The number of newest projects on the page of an organisation, for each role.
NEWEST_PROJECTS = 25


class ProjectRow(NamedTuple):
    """A public project in which an organisation takes part, and its call.

    The country is the one for which the organisation takes part. `role` is a label.
    """

    title: str
    title_language: str
    url: str
    reference: str
    call: str
    call_url: str
    closes_at: datetime | None
    name_as_published: str
    country_code: str
    country: str
    role: str
    joined_on: date | None
    left_on: date | None
    leads: bool


class CountryProjects(NamedTuple):
    """The numbers of public projects with a partner for a country, and led from this country.

    `has_unnamed` is true if a partner for the country is not named.
    """

    number: int
    led: int
    has_unnamed: bool


class Participation(Protocol):
    """The answers. Querysets hold rows of models of projects."""

    def partnerships(self) -> Any:
        """All participations, public or not. `leading()` keeps the participations as lead."""

    def public_participations(self, at: datetime | None = None) -> Any:
        """The public participations at a moment (default: now).

        Columns: project, country, partner, role. `leading()` keeps the participations as lead.
        `leading_for_country()` leaves out projects that the secretariat of the CBSS leads.
        """

    def hidden_projects(self, at: datetime) -> Any:
        """The projects that are not public at a moment."""

    def country_projects(self) -> dict[str, CountryProjects]:
        """The numbers of each country with a public project, by code."""

    def project_filterset(self) -> Any:
        """The class of the filter set of the list of projects."""

    def partners_in(self, projects: KeySet, leading: bool) -> KeySet:
        """The organisations that take part in these projects, or that lead them."""

    def newest_of_country(self, code: str, number: int) -> tuple[list[Any], list[Any]]:
        """The newest public projects led from a country, and with another partner for it."""

    def newest_with_country(self, code: str, number: int) -> list[Any]:
        """The newest public projects with a partner for a country."""

    def portrait(self, country: Any) -> Any:
        """The numbers and charts of the page of a country: see `projects.figures.country_sheet`."""

    def publications(self, partners: Collection[str]) -> list[Publication]:
        """Since when each of these organisations takes part in a public project without a gap."""

    def newest_projects(self, partner: int) -> tuple[list[ProjectRow], bool]:
        """The public projects of an organisation, newest call first, and whether these are all.

        At most `NEWEST_PROJECTS` as lead partner and as many in another role.
        """

    def shared_projects(self, first: int, second: int) -> list[Any]:
        """The projects in which both organisations take part, public or not."""

    def bump_project_versions(self, partnerships: Collection[int]) -> None:
        """Raise the versions of the projects of these participations."""

    def closing_days(self) -> dict[str, list[date]]:
        """The known closing days of the calls with public projects of a country, by its code."""

    def neighbours(self, partner: Any) -> list[Any]:
        """The organisations with most projects in common, with their number as `shared`."""


_provided: list[Participation] = []


def provide(answers: Participation) -> None:
    """Set the object that answers; called once, when Django starts."""
    _provided[:] = [answers]


def participation() -> Participation:
    """The object that answers."""
    return _provided[0]
