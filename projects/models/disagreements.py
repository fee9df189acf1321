from typing import NamedTuple

from partners.models import Country


class Disagreement(NamedTuple):
    """Countries that only the headline names, and countries that only the partner list has."""

    only_announced: list[Country]
    only_listed: list[Country]


def disagreement_between(announced: list[Country], listed: list[Country]) -> Disagreement | None:
    """Where the countries of headline and partner list differ; None if they agree.

    Also None when no headline was published. The list is what counts.
    """
    only_announced = [country for country in announced if country not in listed]
    only_listed = [country for country in listed if country not in announced]
    if announced and (only_announced or only_listed):
        return Disagreement(only_announced, only_listed)
    return None
