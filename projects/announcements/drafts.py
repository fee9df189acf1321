"""Drafts of records: made from a parsed text, corrected by staff, then saved in one step."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from partners.models import PartnerKind
from projects.announcements import organisation_names as names
from projects.announcements.country_names import Places
from projects.announcements.flags import OTHER_CALL, flag
from projects.announcements.grants import ProjectGrant
from projects.announcements.labels import YEAR, calls_named_in
from projects.announcements.lines import TextLine
from projects.announcements.parsed_text import Flag, ParsedCall, ParsedProject, ParsedText
from projects.models import Call, Role
from projects.zone_wording import find_contradictions
from psf.text.dates import Precision
from psf.text.folding import fold

YEARS = re.compile(r"(\d{4})\s*[-–—/]\s*(\d{2}|\d{4})\Z")
LAST_MINUTE = time(23, 59)


@dataclass
class PartnerDraft:
    """One partner. `partner` is the key of a recorded organisation; None creates one.

    A new organisation gets `kind`. `unlike` are keys of similar organisations that staff rejected.
    Without a name only the country is known. `is_listed` is false if only the headline names the
    country. Staff alone set `split`, the single names in a printed name, and `whole_name`, the full
    form of a shortened name.
    """

    country: str | None
    name: str | None
    role: str = Role.PARTNER
    line: int = 0
    partner: int | None = None
    kind: str = PartnerKind.UNKNOWN
    is_listed: bool = True
    unlike: list[int] = field(default_factory=list)
    split: list[str] = field(default_factory=list)
    whole_name: str = ""


@dataclass
class DraftProject:
    """One project. `announced` includes the lead partner's country if others are named.

    `number` is the position among all projects of the text, from 0.
    """

    title: str
    working_title: str
    priorities: list[str]
    headline: str
    announced: list[str]
    rows: list[PartnerDraft]
    description: str
    grant: ProjectGrant | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    number: int = 0
    flags: list[Flag] = field(default_factory=list)
    settled: list[Flag] = field(default_factory=list)


@dataclass
class DraftCall:
    """A new call, or additions to a recorded call (`into`)."""

    title: str
    received_count: int | None = None
    eligible_count: int | None = None
    funded_count: int | None = None
    ceiling_eur: Decimal | None = None
    closes_at: datetime | None = None
    closes_precision: str = Precision.DAY
    decided_by: str = ""
    priorities: list[str] = field(default_factory=list)
    description: str = ""
    projects: list[DraftProject] = field(default_factory=list)
    into: Call | None = None
    flags: list[Flag] = field(default_factory=list)
    settled: list[Flag] = field(default_factory=list)

    def zone(self) -> ZoneInfo:
        """The time zone in which the text and the form of the draft state the deadline."""
        return zone_of(self.into)


def zone_of(call: Call | None) -> ZoneInfo:
    return ZoneInfo((call or Call()).time_zone)


def make_drafts(reading: ParsedText, places: Places, into: Call | None = None) -> list[DraftCall]:
    """Return a draft for each call of the text. Only working titles are added.

    Projects go into the recorded call `into`, if the text describes exactly one call.
    """
    if not reading.calls:
        raise ValidationError(_("This text describes neither a call nor a project."))
    if into and len(reading.calls) > 1:
        raise ValidationError(
            _("The text describes %(count)d calls, but you chose one: paste one call at a time.")
            % {"count": len(reading.calls)}
        )
    for call in reading.calls:
        if into and (name := name_of_other_call(call, into)):
            about = {"name": name[:100], "call": into}
            call.flags.insert(0, flag(OTHER_CALL, call.line, about))
    drafts = [_draft_call(call, places, into) for call in reading.calls]
    for index, draft in enumerate(drafts):
        draft.flags += _zone_flags(draft, [line for line in reading.lines if line.call == index])
    for number, project in enumerate(project for draft in drafts for project in draft.projects):
        project.number = number
    return drafts


def name_of_other_call(call: ParsedCall, chosen: Call) -> str | None:
    """Return the name of the call in the text, if no year of the name fits the chosen call.

    Without years on both sides the headings are compared.
    """
    names = [call.heading] if call.heading else calls_named_in(" ".join(call.paragraphs))
    if not names:
        return None
    years, chosen_years = _years(" ".join(names)), _years(chosen.title)
    chosen_years += [at.year for at in [chosen.opens_at, chosen.closes_at] if at]
    if years and chosen_years:
        is_other = max(years) < min(chosen_years) or min(years) > max(chosen_years)
    else:
        name, title = fold(names[0]), fold(chosen.title)
        is_other = name not in title and title not in name
    return names[0] if is_other else None


def _years(text: str) -> list[int]:
    return [int(year) for year in re.findall(rf"\b{YEAR}\b", text)]


def _draft_call(call: ParsedCall, places: Places, into: Call | None) -> DraftCall:
    closes_at, precision = _closing(call, zone_of(into))
    return DraftCall(
        title=call.heading or "",
        received_count=call.received,
        eligible_count=call.eligible,
        funded_count=call.funded,
        ceiling_eur=call.ceiling_eur,
        closes_at=closes_at,
        closes_precision=precision,
        decided_by=call.decided_by or "",
        priorities=call.priorities,
        description="\n\n".join(call.paragraphs),
        projects=[_draft_project(project, places) for project in call.projects],
        into=into,
        flags=call.flags,
    )


def _closing(call: ParsedCall, zone: ZoneInfo) -> tuple[datetime | None, str]:
    """Return the closing moment and its precision. Without a time of day: the last minute."""
    if not call.deadline:
        return None, Precision.DAY
    at = datetime.combine(call.deadline, call.deadline_time or LAST_MINUTE, tzinfo=zone)
    return at, Precision.MINUTE if call.deadline_time else Precision.DAY


def _zone_flags(draft: DraftCall, lines: Iterable[TextLine]) -> list[Flag]:
    """Point out a deadline that the text states in another time zone than the draft."""
    if not draft.closes_at or draft.closes_precision != Precision.MINUTE:
        return []
    return [
        flag("other_zone", line.number, {"words": words, "moment": moment})
        for line in lines
        for words, moment in find_contradictions(line.text, [draft.closes_at])
    ]


def _draft_project(project: ParsedProject, places: Places) -> DraftProject:
    starts_on, ends_on = period_of(project.years or "")
    lead = project.lead
    first = [lead.country] if lead.country and project.announced else []
    return DraftProject(
        title=project.title or "",
        working_title=_working_title(project, places),
        priorities=project.priorities,
        headline=project.headline or "",
        announced=list(dict.fromkeys([*first, *project.announced])),
        rows=_draft_rows(project, places),
        description="\n\n".join(project.paragraphs),
        grant=project.grant,
        starts_on=starts_on,
        ends_on=ends_on,
        flags=project.flags,
    )


def period_of(years: str) -> tuple[date | None, date | None]:
    """Return first and last day of "2016-2018". A single year is ambiguous: (None, None)."""
    match = YEARS.match(years)
    if not match:
        return None, None
    first, last = int(match.group(1)), match.group(2)
    end = int(last) if len(last) == 4 else first // 100 * 100 + int(last)
    return (date(first, 1, 1), date(end, 12, 31)) if end >= first else (None, None)


def _working_title(project: ParsedProject, places: Places) -> str:
    """Return a name for the project until its title is known."""
    lead = project.lead
    where = places.name_of(lead.country) if lead.country else ""
    if lead.name:
        who = f"{lead.name[:200]} ({where})" if where else lead.name[:200]
        return _("Project led by %(lead)s") % {"lead": who}
    countries = ", ".join(places.name_of(code) for code in project.countries()[:8])
    return _("Project in %(countries)s") % {"countries": countries} if countries else ""


def _draft_rows(project: ParsedProject, places: Places) -> list[PartnerDraft]:
    """Return the partners, lead partner first. A lead partner missing from the list is added."""
    rows = [
        PartnerDraft(row.country, row.name, line=row.line, is_listed=project.listed)
        for row in project.rows
    ]
    number = find_lead(project, places)
    if project.lead.line is None:
        return rows
    lead = PartnerDraft(project.lead.country, project.lead.name, line=project.lead.line)
    if number is not None:
        lead = rows.pop(number)
    lead.role = Role.LEAD
    return [lead, *rows]


def find_lead(project: ParsedProject, places: Places) -> int | None:
    """Return the index of the lead partner's row: the same name, or a shared distinguishing word.

    If the headline names no organisation, the first row counts if its country fits.
    """
    lead, rows = project.lead, list(enumerate(project.rows))
    of_country = [pair for pair in rows if lead.country in (pair[1].country, None)]
    for number, row in of_country:
        if row.name == lead.name or fold(row.name or "") == fold(lead.name or "") != "":
            return number
    if lead.name is None:
        return 0 if of_country and of_country[0][0] == 0 else None
    distinguishing = names.distinguishing_words(lead.name, places)
    for number, row in of_country:
        if row.name and distinguishing & names.distinguishing_words(row.name, places):
            return number
    return None


def without_repeated_countries(rows: list[PartnerDraft]) -> list[PartnerDraft]:
    """Remove countries of the headline for which the project has an organisation."""
    represented = {row.country for row in rows if row.name or row.partner or row.role == Role.LEAD}
    return [
        row
        for row in rows
        if row.is_listed or row.name or row.role == Role.LEAD or row.country not in represented
    ]
