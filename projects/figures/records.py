"""The public records that figures count: projects by key sets, calls, countries and amounts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from django.utils import timezone

from partners.models import Country
from projects.list_index.facet_sets import ProjectSets, public_calls, public_sets
from projects.list_index.index import ordered_projects, topics_by_frequency
from projects.models import Call
from psf.charts.squares import Group, Links
from psf.database.keysets import KeySet
from psf.text.slugs import slug_url

# With more projects than these, a mark opens no page. The label of its row opens the list.
MAX_LINKS = 300


class CountryLine(NamedTuple):
    """A country with the numbers of its projects, and of those that it led."""

    country: Country
    projects: int
    led: int


@dataclass(frozen=True)
class Records:
    """The public projects and the calls, oldest first, with all countries by code."""

    sets: ProjectSets
    calls: list[Call]
    countries: dict[str, Country]
    today: date

    @cached_property
    def lines(self) -> list[CountryLine]:
        """The countries with projects: by number, then led, then name.

        A project that the CBSS leads counts for no country as leader.
        """
        lines = [
            CountryLine(
                self.countries[code], keys.bit_count(), self.sets.of("lead", code).bit_count()
            )
            for code, keys in self.sets.values["country"].items()
            if code in self.countries
        ]
        return sorted(lines, key=lambda line: (-line.projects, -line.led, line.country.name))

    @cached_property
    def links(self) -> Links:
        """The address and the title of each project, oldest call first; {} if there are many."""
        if self.sets.everything.bit_count() > MAX_LINKS:
            return {}
        rows = ordered_projects("oldest").values_list("pk", "slug", "title")
        return {
            key: (slug_url("projects:project-detail", slug), title) for key, slug, title in rows
        }

    def groups(self, code: str, within: KeySet) -> list[Group]:
        """The projects of a country among some projects, those led first."""
        led = self.sets.of("lead", code) & within
        joined = self.sets.of("country", code) & within & ~led
        return [Group("led", led.bit_count(), led), Group("project", joined.bit_count(), joined)]

    def members(self) -> list[Country]:
        """The member states of today, in the order of the charts."""
        in_order = [line.country for line in self.lines]
        without_projects = [row for row in self.countries.values() if row not in in_order]
        return [row for row in in_order + without_projects if row.was_member_on(self.today)]

    @cached_property
    def topics(self) -> list[tuple[str, str, KeySet]]:
        """The topics of public projects: slug, name and projects, most projects first."""
        return topics_by_frequency(self.sets)


def load_records(countries: Iterable[Country] = (), calls: Sequence[Call] = ()) -> Records:
    """The records of now. A page that has read the public countries or calls passes them on."""
    by_code = {row.code: row for row in countries or Country.objects.with_memberships()}
    in_order = [*reversed(calls or public_calls())]
    return Records(public_sets(), in_order, by_code, timezone.localdate())
