from typing import NamedTuple

from partners.models import Country


class Disagreement(NamedTuple):
    """Countries only in the headline, and countries only in the partner list."""

    only_announced: list[Country]
    only_listed: list[Country]


def disagreement_between(announced: list[Country], listed: list[Country]) -> Disagreement | None:
    """The different countries of headline and partner list; None without a difference.

    Also None without a published headline. Numbers use the partner list.
    """
    only_announced = [country for country in announced if country not in listed]
    only_listed = [country for country in listed if country not in announced]
    if announced and (only_announced or only_listed):
        return Disagreement(only_announced, only_listed)
    return None
