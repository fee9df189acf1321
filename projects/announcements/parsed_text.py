"""The content of an announcement before it becomes records. None and [] mean "not stated"."""

from dataclasses import asdict, dataclass, field
from typing import Any

from projects.announcements.lines import TextLine
from projects.models import LineKind, Role
from psf.exports.files import json_text
from psf.text.folding import fold

# Words that many organisations share. Another shared word links two names of a lead partner.
COMMON = """association centre center foundation ministry university organisation organization
    institute agency council society federation national public social regional department police
    municipality city school with republic interior justice foreign affairs children youth"""


@dataclass(frozen=True)
class Flag:
    """A point that staff should check, and its line."""

    line: int
    sentence: str
    countries: tuple[str, ...] = ()


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
    line: int | None = field(default=None, compare=False)


@dataclass
class ParsedProject:
    """A project as described in the text. `announced`: countries of the headline except the lead's.

    Without a partner list the rows are the countries of the headline.
    """

    title: str | None = None
    priorities: list[str] = field(default_factory=list)
    lead: Lead = field(default_factory=Lead)
    headline: str | None = None
    announced: list[str] = field(default_factory=list)
    rows: list[ParsedRow] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    line: int = 0

    def countries(self) -> list[str]:
        """The distinct countries of the rows."""
        return list(dict.fromkeys(row.country for row in self.rows if row.country))

    def lead_row(self) -> ParsedRow | None:
        """The row of the lead partner: of the same name, or the first one with a similar name."""
        rows = [row for row in self.rows if row.country == self.lead.country]
        key = fold(self.lead.name or "")
        for row in rows:
            if fold(row.name or "") == key:
                return row
        first = rows[0] if rows and rows[0] is self.rows[0] else None
        if first and (not key or _own_words(key) & _own_words(fold(first.name or ""))):
            return first
        return None

    def partners(self) -> list[tuple[str, ParsedRow]]:
        """The partners with their roles, lead partner first, even if the list does not have it."""
        if self.lead.line is None:
            return [(Role.PARTNER, row) for row in self.rows]
        own = self.lead_row()
        lead = own or ParsedRow(self.lead.country, self.lead.name, self.lead.line)
        others = [row for row in self.rows if row is not own]
        return [(Role.LEAD, lead), *((Role.PARTNER, row) for row in others)]


def _own_words(folded: str) -> set[str]:
    return {word for word in folded.split() if len(word) >= 4 and word not in COMMON.split()}


@dataclass
class ParsedCall:
    """A call as described in the text, with its projects. No counts, amounts or days are read."""

    heading: str | None = None
    line: int | None = None
    priorities: list[str] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    projects: list[ParsedProject] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)


@dataclass
class ParsedText:
    """A whole text: its lines with their kinds, and its calls."""

    lines: list[TextLine]
    calls: list[ParsedCall] = field(default_factory=list)

    def projects(self) -> list[ParsedProject]:
        return [project for call in self.calls for project in call.projects]

    def not_read(self) -> list[TextLine]:
        """The lines that are no fact of the draft, or only in part."""
        return [
            line for line in self.lines if line.kind == LineKind.NOT_UNDERSTOOD or line.is_changed()
        ]

    def as_json(self) -> str:
        """The facts for other programs. Countries are ISO codes; null means not stated."""
        project_names = ["title", "priorities", "lead", "paragraphs", "flags"]
        row_names = ["country", "name", "line", "as_published"]
        parsed = {
            "calls": [_values(call, ["heading", "flags"]) for call in self.calls],
            "projects": [
                {
                    "call": call.heading,
                    **_values(project, project_names),
                    "announced_countries": project.announced,
                    "partners": [_values(row, row_names) for row in project.rows],
                }
                for call in self.calls
                for project in call.projects
            ],
            "not_understood": [_values(line, ["number", "text"]) for line in self.not_read()],
        }
        return json_text(parsed, indent=2)


def _values(record: Any, names: list[str]) -> dict[str, Any]:
    values = asdict(record)
    return {"line" if name == "number" else name: values[name] for name in names}
