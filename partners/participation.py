"""The questions of partners about projects, which projects answer."""

from typing import Any, NamedTuple


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
