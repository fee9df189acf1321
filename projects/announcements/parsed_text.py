"""The content of an announcement before it becomes records. None and [] mean "not stated"."""

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from projects.announcements.grants import ProjectGrant
from projects.announcements.lines import OUR_TITLE, TextLine


@dataclass(frozen=True)
class Flag:
    """A point that staff should check: its kind, its line, and a sentence."""

    kind: str
    line: int | None
    sentence: str
    countries: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()


@dataclass
class ParsedRow:
    """One row of a partner list. `country` is a code, `as_published` the whole line.

    `language` is the language of the name (BCP 47) if recorded.
    """

    country: str | None
    name: str | None
    line: int = field(default=0, compare=False)
    as_published: str = field(default="", compare=False)
    language: str = field(default="", compare=False)


@dataclass
class Lead:
    country: str | None = None
    name: str | None = None
    line: int | None = None


@dataclass
class ParsedProject:
    """A project as described in the text. `announced`: countries of the headline except the lead's.

    Without a partner list (`listed` is false) the rows are the countries of the headline. Only an
    announcement of ours states a `grant`.
    """

    title: str | None = None
    years: str | None = None
    priorities: list[str] = field(default_factory=list)
    lead: Lead = field(default_factory=Lead)
    headline: str | None = None
    grant: ProjectGrant | None = None
    announced: list[str] = field(default_factory=list)
    rows: list[ParsedRow] = field(default_factory=list)
    listed: bool = True
    paragraphs: list[str] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    line: int = 0

    def countries(self) -> list[str]:
        """Return the distinct countries of the partner list."""
        return list(dict.fromkeys(row.country for row in self.rows if row.country))


@dataclass
class ParsedCall:
    """A call as described in the text, with its projects. Counts as announced, amounts in EUR.

    `uncertain_days`: line and words of days without a year that may be the deadline.
    """

    heading: str | None = None
    line: int | None = None
    received: int | None = None
    eligible: int | None = None
    funded: int | None = None
    ceiling_eur: Decimal | None = None
    decided_by: str | None = None
    deadline: date | None = None
    deadline_time: time | None = None
    priorities: list[str] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    projects: list[ParsedProject] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    uncertain_days: list[tuple[int, str]] = field(default_factory=list, compare=False)


@dataclass
class ParsedText:
    """A whole text: its lines with their kinds, and its calls."""

    lines: list[TextLine]
    calls: list[ParsedCall] = field(default_factory=list)

    def is_ours(self) -> bool:
        """Whether this site wrote the text."""
        return self.lines[0].text == OUR_TITLE

    def not_understood(self) -> list[TextLine]:
        return [line for line in self.lines if line.kind == "not_understood"]

    def projects(self) -> list[ParsedProject]:
        return [project for call in self.calls for project in call.projects]
