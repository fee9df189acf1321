"""The questions of partners about projects, which projects answer."""

from datetime import date, datetime
from typing import Any, NamedTuple

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


_provided: list[Any] = []


def provide(answers: Any) -> None:
    """Set the object that answers; called once, when Django starts."""
    _provided[:] = [answers]


def participation() -> Any:
    return _provided[0]
