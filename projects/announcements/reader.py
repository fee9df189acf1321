"""Reads the text of an announcement in the facility's own layout. Nothing is guessed.

Each line is a fact of the draft, a heading, blank, or stands under "not read".
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

from django.core.exceptions import ValidationError
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from partners.matching.country_names import CountryNames, name_key
from partners.similar_names import compare_profiles, profile_of
from projects.announcements.statements import (
    HEADER,
    SENTENCE,
    Statement,
    make_statements,
    read_countries,
    read_headline,
    read_lines,
    read_partner,
)
from projects.models import AnnouncementFlag, AnnouncementLine, LineKind, Priority, Role
from psf.exports.files import json_text
from psf.text.folding import fold

LONG_TERM = ["Regional Identity", "Sustainable and Prosperous Region", "Safe and Secure Region"]
LONGEST_HEADLINE = 2000  # characters


@dataclass
class ParsedRow:
    """A partner. `country` is a code, `as_published` the whole line. None means "not stated"."""

    country: str | None = None
    name: str | None = None
    line: int = field(default=0, compare=False)
    as_published: str = field(default="", compare=False)


@dataclass
class ParsedProject:
    """A project as described in the text. Announced are the other countries of its headline.

    Without a list of partners they are the partners. `lines` are the numbers of its lines.
    """

    title: str | None = None
    priorities: list[str] = field(default_factory=list)
    lead: ParsedRow = field(default_factory=ParsedRow)
    announced_countries: list[str] = field(default_factory=list)
    partners: list[ParsedRow] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    flags: list[AnnouncementFlag] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def shown_title(self) -> str:
        """The title, or a name for the project until its title is known; "" if nothing is known."""
        lead = self.lead.name and _("Project led by %(lead)s") % {"lead": self.lead.name}
        return self.title or lead or ""

    def countries(self) -> list[str]:
        """The distinct countries of the partners."""
        return list(dict.fromkeys(row.country for row in self.partners if row.country))

    def lead_row(self) -> ParsedRow | None:
        """The row of the lead partner: of the same name, or the first one with a like name."""
        lead = self.lead.name or ""
        rows = [row for row in self.partners if row.country == self.lead.country]
        same = [row for row in rows if fold(row.name or "") == fold(lead)]
        for row in same or [row for row in rows[:1] if row is self.partners[0]]:
            names = profile_of(lead), profile_of(row.name or "")
            if same or not fold(lead) or compare_profiles(*names).score > 0:
                return row
        return None

    def with_roles(self) -> list[tuple[Role, ParsedRow]]:
        """The partners with their roles, lead partner first, even if the list does not have it."""
        own = self.lead_row() or self.lead
        others = [(Role.PARTNER, row) for row in self.partners if row is not own]
        return others if self.lead == ParsedRow() else [(Role.LEAD, own), *others]


@dataclass
class ParsedCall:
    """A text about one call, with its projects. No counts, amounts or days are read."""

    heading: str | None = None
    paragraphs: list[str] = field(default_factory=list)
    projects: list[ParsedProject] = field(default_factory=list)
    lines: list[AnnouncementLine] = field(default_factory=list)

    def not_read(self) -> list[AnnouncementLine]:
        """The lines that are no fact of the draft, in their order."""
        unread = [LineKind.NOT_UNDERSTOOD, LineKind.LEFT_OUT]
        return [line for line in self.lines if line.kind in unread]

    def as_json(self) -> str:
        """The facts for other programs. Countries are ISO codes; null means not stated."""
        projects = [
            {"call": self.heading, **asdict(project)}
            | {"flags": [{"line": flag.line, "sentence": flag.sentence} for flag in project.flags]}
            for project in self.projects
        ]
        calls = [{"heading": self.heading, "paragraphs": self.paragraphs}]
        unread = [{"line": line.number, "text": line.text} for line in self.not_read()]
        return json_text({"calls": calls, "projects": projects, "not_understood": unread}, indent=2)


def parse_announcement(text: str) -> ParsedCall:
    """Parse the text with the recorded countries and priorities.

    Raises ValidationError for a text that is too large, or that is not about one call.
    """
    names = Priority.objects.values_list("name", flat=True)
    call = parse_text(text, CountryNames.from_database(), names)
    if not (call.heading or call.paragraphs or call.projects):
        raise ValidationError(_("This text describes neither a call nor a project."))
    return call


def parse_text(text: str, countries: CountryNames, priorities: Iterable[str]) -> ParsedCall:
    call = ParsedCall(lines=read_lines(text))
    statements = make_statements(call.lines, countries)
    headings = dict.fromkeys(row.value for row in statements if row.kind == LineKind.CALL)
    if len(headings) > 1:
        sentence = _("The text is about several calls: %(names)s. Paste one call at a time.")
        raise ValidationError(sentence % {"names": "; ".join(headings)})
    call.heading = next(iter(headings), None)
    about_call, *blocks = _blocks(statements)
    for statement in about_call:
        if statement.kind == LineKind.PARAGRAPH and SENTENCE.search(statement.text):
            statement.kind, statement.is_read = LineKind.CALL_TEXT, True
            call.paragraphs.append(statement.text)
        elif statement is statements[0] and statement.kind != LineKind.CALL:
            statement.kind, statement.is_read = LineKind.TITLE, True
    reader = _ProjectReader(countries, [*LONG_TERM, *priorities])
    call.projects = [reader.read(block) for block in blocks]
    for statement in statements:
        if statement.is_read or statement.kind == LineKind.CALL:
            for line in statement.lines:
                line.kind = statement.kind
    return call


def _blocks(statements: list[Statement]) -> list[list[Statement]]:
    """The statements before the first project, and those of each project.

    A short line and priorities directly above the lead partner belong to its project.
    """
    blocks: list[list[Statement]] = [[]]
    for statement in statements:
        kind, block = statement.kind, blocks[-1]
        seen = {other.kind for other in block} if len(blocks) > 1 else set()
        is_late = kind == LineKind.COUNTRIES and LineKind.LEAD in seen
        goes_on = is_late or (seen <= HEADER and kind not in seen)
        opens = statement.value and kind in HEADER - {LineKind.PRIORITY}
        if opens and not (seen and goes_on):
            start, above = len(block), {LineKind.PRIORITY, LineKind.TITLE}
            above -= {LineKind.TITLE} if kind == LineKind.PROJECT_TITLE else set()
            while start and block[start - 1].kind in above:
                start -= 1
                if block[start].kind == LineKind.TITLE:
                    block[start].kind = LineKind.PROJECT_TITLE
                    above = {LineKind.PRIORITY}
            blocks[-1:] = [block[:start], block[start:]]
        blocks[-1].append(statement)
    return blocks


class _ProjectReader:
    """Reads the statements of a project, and says which of them it read."""

    def __init__(self, countries: CountryNames, priorities: list[str]) -> None:
        self.countries = countries
        self.priorities = {name_key(name): name for name in priorities if name_key(name)}
        keys = sorted(self.priorities, key=len, reverse=True)
        self.priority = re.compile("|".join(rf"\b{key}\b" for key in keys))

    def read(self, block: list[Statement]) -> ParsedProject:
        project = ParsedProject(lines=[row.number for part in block for row in part.lines])
        headline: Statement | None = None
        in_list = is_second = False  # whether the list is another one, perhaps of another project
        for statement in block:
            match statement.kind:
                case LineKind.PROJECT_TITLE if statement.value:
                    project.title, statement.is_read = statement.value, True
                case LineKind.LEAD | LineKind.COUNTRIES if self._read_headline(statement, project):
                    headline, statement.is_read = statement, True
                case LineKind.PRIORITY:
                    self._read_priorities(statement, project)
                case LineKind.HEADING:
                    in_list, is_second = True, bool(project.partners)
                    statement.is_read = not statement.value and not is_second
                # A project without a headline needs no heading above its list.
                case LineKind.PARTNER if not is_second and (in_list or not headline):
                    in_list = True
                    self._read_row(statement, project)
                case LineKind.PARTNER | LineKind.TITLE | LineKind.PARAGRAPH if not in_list:
                    project.paragraphs.append(statement.text)
                    statement.kind, statement.is_read = LineKind.PARAGRAPH, True
        if headline and not project.partners:
            line, text = headline.lines[0].number, headline.text
            project.partners = [ParsedRow(c, None, line, text) for c in project.announced_countries]
        project.flags += _flags_of(project, self.countries)
        return project

    def _read_headline(self, statement: Statement, project: ParsedProject) -> bool:
        """Read the lead partner and the other countries, or the countries alone."""
        line = statement.lines[0].number
        if len(statement.text) > LONGEST_HEADLINE:
            return False
        if statement.kind == LineKind.LEAD:
            lead, (codes, unknown) = read_headline(statement.value, self.countries)
            if not any(lead):
                return False
            project.lead = ParsedRow(*lead, line, statement.text)
        else:
            codes, unknown = read_countries(statement.value, self.countries)
            if not codes:
                return False
        announced = dict.fromkeys([*project.announced_countries, *codes])
        announced.pop(project.lead.country or "", None)
        project.announced_countries = [*announced]
        if unknown:
            sentence = _("“%(words)s” is not a known country: enter the country.")
            words = {"words": ", ".join(unknown)[:100]}
            project.flags.append(AnnouncementFlag(line=line, sentence=sentence % words))
        return True

    def _read_priorities(self, statement: Statement, project: ParsedProject) -> None:
        """Read known priorities alone: "Safe & Secure Region and Regional Identity"."""
        text = name_key(statement.value)
        names = [self.priorities[key] for key in self.priority.findall(text)]
        others = {*self.priority.sub(" ", text).split()} - {"and"}
        if names and not others:
            project.priorities = list(dict.fromkeys([*project.priorities, *names]))
            statement.is_read = True

    def _read_row(self, statement: Statement, project: ParsedProject) -> None:
        country, name = read_partner(statement.text, self.countries) or (None, None)
        unnamed = [row.country for row in project.partners if not row.name]
        if name or country not in unnamed:  # otherwise the country alone is known already
            row = ParsedRow(country, name, statement.lines[0].number, statement.text)
            project.partners.append(row)
            statement.is_read = True


def _flags_of(project: ParsedProject, countries: CountryNames) -> Iterator[AnnouncementFlag]:
    lead, own = project.lead, project.lead_row()
    line = lead.line or project.lines[0]
    if project.title is None:
        sentence = _("The text has no title for the project: enter one with its source.")
        yield AnnouncementFlag(line=project.lines[0], sentence=sentence)
    if not lead.country:
        sentence = _("The text lacks the lead partner or its country: enter what is missing.")
        yield AnnouncementFlag(line=line, sentence=sentence)
    announced = project.announced_countries
    listed = [code for code in project.countries() if code != lead.country]
    only = [code for code in [*announced, *listed] if (code in announced) != (code in listed)]
    # One more country in the list can be that of the lead partner.
    is_lead = lead.country is None and len(only) == 1 and only[0] in listed
    if announced and only and not is_lead:
        names = [f"{countries.name_of(code)} ({code})" for code in only]
        sentence = _("Either the headline or the list of partners names %(countries)s.")
        words = {"countries": get_text_list(names, _("and"))}
        yield AnnouncementFlag(line=line, sentence=sentence % words)
    if own and lead.name and fold(own.name or "") != fold(lead.name):
        sentence = _("The headline says “%(lead)s”, the list “%(name)s”: one organisation or two?")
        words = {"lead": lead.name[:150], "name": (own.name or "")[:150]}
        yield AnnouncementFlag(line=own.line, sentence=sentence % words)
