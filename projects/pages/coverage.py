"""How many applications were funded, and how many of the announced projects are on this site."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _, ngettext

from projects.list_index.facet_sets import public_calls, public_sets
from projects.models import Call
from psf.caching.values import at_each_version
from psf.text.numbers_and_amounts import number, number_word


class Coverage(NamedTuple):
    """The projects here of those funded in some calls: as announced, or at least those here.

    `announced` counts the calls with an announced number, `unknown` the others with projects here.
    """

    here: int
    funded: int
    announced: int
    unknown: int

    def title(self) -> str:
        """ "22 of at least 50 funded projects are on this site"; "" if no number was announced."""
        if not self.funded or not self.announced:
            return ""
        values = {"here": number(self.here), "funded": number(self.funded)}
        if self.unknown:
            return _("%(here)s of at least %(funded)s funded projects are on this site") % values
        if self.here == self.funded > 1:
            return _("All %(funded)s funded projects are on this site") % values
        words = ngettext(
            "%(here)s of %(funded)s funded project is on this site",
            "%(here)s of %(funded)s funded projects are on this site",
            self.funded,
        )
        return words % values


def coverage_of(calls: Iterable[Call], recorded: Mapping[int, int]) -> Coverage:
    """The coverage of calls with their decisions; `recorded` has the public projects by call."""
    numbers = [(recorded.get(call.pk, 0), call.announced_counts().funded) for call in calls]
    return Coverage(
        sum(here for here, _funded in numbers),
        sum(max(here, funded or 0) for here, funded in numbers),
        sum(funded is not None for _here, funded in numbers),
        sum(funded is None and here > 0 for here, funded in numbers),
    )


@at_each_version
def load_coverage() -> Coverage:
    """The coverage of all public calls."""
    return coverage_of(public_calls(), public_sets().numbers_by_call())


def funded_applications(calls: Iterable[Call]) -> list[Call]:
    """The calls that announced how many applications they received and funded."""
    counted = [(call, call.announced_counts()) for call in calls]
    return [call for call, counts in counted if counts.received and counts.funded is not None]


def applications_of(calls: Iterable[Call]) -> tuple[int, int]:
    """The sums of received and of funded applications of these calls."""
    counts = [call.announced_counts() for call in calls]
    return sum(row.received or 0 for row in counts), sum(row.funded or 0 for row in counts)


def applications_title(received: int, funded: int) -> str:
    """ "15 of 98 applications were funded: about one in seven"; "" without a number."""
    if not received:
        return ""
    if not funded:
        return _("None of %(received)s applications was funded") % {"received": number(received)}
    values = {
        "funded": number(funded),
        "received": number(received),
        "rate": number_word(round(received / funded)),
    }
    if funded == 1:
        return _("1 of %(received)s applications was funded") % values
    if round(received / funded) == 1:
        return _("%(funded)s of %(received)s applications were funded") % values
    return _("%(funded)s of %(received)s applications were funded: about one in %(rate)s") % values
