"""Reads the line with the lead partner and the partner countries."""

import re
from typing import NamedTuple

from projects.announcements.country_names import PartnerEntry, Places

WITH = re.compile(
    r"[\s,]{1,9}(?:in\s{1,9}(?:partnership|co-?operation|collaboration)\s{1,9}with|together\s{1,9}with)"
    r"[:\s]{1,9}"
    r"(?:(?:the\s)?(?:partners|organi[sz]ations|institutions|bodies)\s(?:from|in)\s{1,9})?",
    re.IGNORECASE,
)
IN_ONE_LINE = re.compile(
    r"(?P<title>[^\s(].{1,250}?)\s{0,3}\((?P<countries>[^()]{2,300})\)[.:,;]?\s{1,3}"
    r"(?P<said>(?:[–—-]\s)?(?:Led|Coordinated|Headed) by (?:the )?(?P<lead>.{2,250}?)"
    r"(?:,\s(?:the|this|it)\b|\.(?:\s|\Z)|\Z|\s[–—]\s).*)\Z"
)
MOST = 12  # occurrences of "in partnership with" examined in one line


class Headline(NamedTuple):
    """`pairs`: the countries and the organisations in brackets after them, if there are any."""

    country: str | None
    name: str | None
    announced: list[str]
    unknown: list[str]
    pairs: list[PartnerEntry] = []


class OneLine(NamedTuple):
    """A project in one line: "Title (Latvia, Estonia). Led by Harbour, the project sails."

    `words`: the sentence after the bracket.
    """

    title: str
    announced: list[str]
    country: str | None
    name: str | None
    words: str


def read_one_line(text: str, places: Places) -> OneLine | None:
    match = IN_ONE_LINE.match(text)
    countries = places.read_list(match["countries"]) if match else None
    if not match or not countries or not countries.codes or countries.unknown:
        return None
    return OneLine(match["title"], countries.codes, *places.read_lead(match["lead"]), match["said"])


def read_headline(text: str, places: Places) -> Headline:
    """Read "Latvia (Municipal Police) in partnership with Finland and Lithuania", without label.

    A name may contain "in partnership with". The last occurrence before a list of countries
    alone counts, or else the last occurrence before any country.
    """
    partly = None
    for match in reversed(list(WITH.finditer(text))[-MOST:]):
        tail = text[match.end() :]
        countries = places.read_list(tail)
        if countries.codes and not countries.unknown:
            return Headline(*places.read_lead(text[: match.start()]), *countries)
        if pairs := places.read_pairs(tail):
            codes = list(dict.fromkeys(entry.country for entry in pairs))
            return Headline(*places.read_lead(text[: match.start()]), codes, [], pairs)
        is_open = not tail.rstrip(". \u00a0").endswith(")")  # otherwise a name may end there
        if countries.codes and not partly and is_open:
            partly = Headline(*places.read_lead(text[: match.start()]), *countries)
    return partly or Headline(*places.read_lead(text), [], [])
