"""The line that names the lead partner and the countries beside it."""

import re
from typing import NamedTuple

from projects.announcements.country_names import Entry, Places

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
MOST = 12  # so many "in partnership with" are looked at in one line


class Headline(NamedTuple):
    """`pairs` are the countries with the organisations in brackets after them, where any is."""

    country: str | None
    name: str | None
    announced: list[str]
    unknown: list[str]
    pairs: list[Entry] = []


class OneLine(NamedTuple):
    """A project in one line: "Title (Latvia, Estonia). Led by Harbour, the project sails."

    `words` are what is said after the bracket.
    """

    title: str
    announced: list[str]
    country: str | None
    name: str | None
    words: str


def read_one_line(text: str, places: Places) -> OneLine | None:
    match = IN_ONE_LINE.match(text)
    found = places.read_list(match["countries"]) if match else None
    if not match or not found or not found.codes or found.unknown:
        return None
    return OneLine(match["title"], found.codes, *places.read_lead(match["lead"]), match["said"])


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
        if pairs := places.read_pairs(tail):
            codes = list(dict.fromkeys(entry.country for entry in pairs))
            return Headline(*places.read_lead(text[: match.start()]), codes, [], pairs)
        is_open = not tail.rstrip(". \u00a0").endswith(")")  # else it may end in a name's bracket
        if found.codes and not partly and is_open:
            partly = Headline(*places.read_lead(text[: match.start()]), *found)
    return partly or Headline(*places.read_lead(text), [], [])
