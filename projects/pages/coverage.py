"""How many applications were funded, and how many of the announced projects are on this site."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from projects.list_index.facet_sets import public_calls, public_sets
from projects.models import Call
from psf.caching.values import at_each_version
from psf.text.numbers import number, number_word


class Coverage(NamedTuple):
    """The announced projects of a set of calls, and the public projects of these calls.

    `calls`, `announced` and `recorded` count the calls with an announced number. The last two
    count the other calls that are closed or have a public project.
    """

    calls: int
    announced: int
    recorded: int
    unknown_calls: int
    unknown_recorded: int


def coverage_of(calls: Iterable[Call], recorded: Mapping[int, int]) -> Coverage:
    """The coverage of calls with their decisions; `recorded` has the public projects by call."""
    now = timezone.now()
    counts, unknown = [], []
    for call in calls:
        announced, here = call.announced_counts().funded, recorded.get(call.pk, 0)
        if announced is not None:
            counts.append((announced, here))
        elif here or (call.closes_at and call.closes_at <= now):
            unknown.append(here)
    return Coverage(
        len(counts),
        sum(announced for announced, _here in counts),
        sum(here for _announced, here in counts),
        len(unknown),
        sum(unknown),
    )


@at_each_version
def load_coverage() -> Coverage:
    """The coverage of all public calls."""
    return coverage_of(public_calls(), public_sets().numbers_by_call())


class Funded(NamedTuple):
    """A call that announced how many applications it received and funded."""

    call: Call
    received: int
    funded: int


def funded_applications(calls: Iterable[Call]) -> list[Funded]:
    """The calls that announced both numbers."""
    return [
        Funded(call, counts.received, counts.funded)
        for call in calls
        for counts in [call.announced_counts()]
        if counts.received and counts.funded is not None
    ]


def applications_title(rows: Iterable[Funded]) -> str:
    """ "15 of 98 applications were funded: about one in seven"; "" without a number."""
    received, funded = 0, 0
    for row in rows:
        received, funded = received + row.received, funded + row.funded
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
