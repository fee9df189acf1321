"""The line that names the lead partner and the countries beside it."""

import re
from typing import NamedTuple

from .places import Places

WITH = re.compile(
    r"[\s\u00a0,]{1,9}in[\s\u00a0]{1,9}(?:partnership|co-?operation|collaboration)"
    r"[\s\u00a0]{1,9}with[:\s\u00a0]{1,9}",
    re.IGNORECASE,
)
MOST = 12  # so many "in partnership with" are looked at in one line


class Headline(NamedTuple):
    country: str | None
    name: str | None
    announced: list[str]
    unknown: list[str]


def read_headline(text: str, places: Places) -> Headline:
    """ "Latvia (Municipal Police) in partnership with Finland and Lithuania", label taken off.

    A name may itself hold "in partnership with": the last one counts after which nothing
    but countries stands, or else the last after which there is one.
    """
    partly = None
    for match in reversed(list(WITH.finditer(text))[-MOST:]):
        tail = text[match.end() :]
        found = places.read_list(tail)
        if found.codes and not found.unknown:
            return Headline(*places.read_lead(text[: match.start()]), *found)
        if found.codes and not partly and not {"(", ")"} & set(tail):
            partly = Headline(*places.read_lead(text[: match.start()]), *found)
    return partly or Headline(*places.read_lead(text), [], [])
