"""What an announcement says, before any of it is a record. None and [] mean: not stated."""

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from projects.announcements.lines import Line


@dataclass(frozen=True)
class Flag:
    """Something that a person should look at: what kind of thing, in which line, in a sentence."""

    kind: str
    line: int | None
    sentence: str
    countries: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()


@dataclass
class Row:
    """One row of a partner list; `country` is a code, `as_published` the whole line.

    `language` is that of the name (BCP 47) where a record says it.
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
class ReadProject:
    """A project as the text has it. `announced` are the headline's countries but the lead's.

    Without a list of partners (`listed`) the rows are the countries that the headline names.
    """

    title: str | None = None
    years: str | None = None
    priorities: list[str] = field(default_factory=list)
    lead: Lead = field(default_factory=Lead)
    headline: str | None = None
    announced: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    listed: bool = True
    paragraphs: list[str] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    line: int = 0

    def countries(self) -> list[str]:
        """The countries of the partner list, each once."""
        return list(dict.fromkeys(row.country for row in self.rows if row.country))


@dataclass
class ReadCall:
    """A call as the text has it, with its projects. Counts are as announced; amounts in EUR.

    `uncertain_days` are days that may be the deadline, line and words: their year is missing.
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
    projects: list[ReadProject] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    uncertain_days: list[tuple[int, str]] = field(default_factory=list, compare=False)


@dataclass
class Reading:
    """A whole text: its lines, each with what it became, and the calls found in it."""

    lines: list[Line]
    calls: list[ReadCall] = field(default_factory=list)

    def not_understood(self) -> list[Line]:
        return [line for line in self.lines if line.kind == "not_understood"]

    def projects(self) -> list[ReadProject]:
        return [project for call in self.calls for project in call.projects]
