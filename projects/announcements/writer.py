"""Writes an announcement from the records."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.text import get_text_list

from partners.matching.country_names import CountryNames
from projects.announcements.contact_removal import has_personal_data
from projects.announcements.reader import ParsedCall, ParsedProject, ParsedRow
from projects.models import AmountKind, Call, Partnership, Project
from projects.models.choices import FUNDED_STATUSES
from projects.models.projects import ProjectQuerySet
from psf.text.dates import KNOWN_DAYS, Precision
from psf.text.numbers_and_amounts import number
from psf.text.phrases import paragraphs_of

OUR_TITLE = "What the Project Support Facility decided"
INDENT = "    "  # of descriptions

# The words before and after the amount, in English as the whole announcement.
AMOUNTS = {
    AmountKind.CEILING: ("up to ", ""),
    AmountKind.AWARDED: ("", " awarded"),
    AmountKind.FINAL: ("", " paid in the end"),
    AmountKind.RETURNED: ("", " returned"),
}
SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\bM[rs]\.)(?<!\bDr\.)(?<!\bMrs\.)\s{1,20}(?=[^\W\d_]|[“\"(])"
)


@dataclass
class AnnouncedProject(ParsedProject):
    grant: str = ""


@dataclass
class AnnouncedCall(ParsedCall):
    """`facts`: labels and values of the call, in English only."""

    facts: list[tuple[str, str]] = field(default_factory=list)
    projects: list[AnnouncedProject] = field(default_factory=list)  # type: ignore[assignment]


def announced_call(call: Call, projects: ProjectQuerySet) -> AnnouncedCall:
    """Return the facts of a decided call and the funded ones among `projects`."""
    funded = projects.filter(status__in=FUNDED_STATUSES).with_partners().order_by("reference")
    funded = funded.prefetch_related("priorities", "announced_countries")
    return AnnouncedCall(
        heading=call.title,
        facts=_labelled_facts(call),
        paragraphs=_printed_paragraphs(call.description),
        projects=[_project(project) for project in funded],
    )


def _labelled_facts(call: Call) -> list[tuple[str, str]]:
    lines: list[tuple[str, object]] = [("Call", call.title)]
    lines += [("Priority of the call", priority) for priority in call.priorities.all()]
    lines += [
        ("Applications received", call.received_count),
        ("Eligible applications", call.eligible_count),
        ("Projects funded", call.funded_count),
        ("Ceiling of a grant", _amount(AmountKind.CEILING, call.ceiling_eur)),
        ("Decided by", call.decision.body),
        ("Deadline", _deadline(call)),
    ]
    return [(label, str(value)) for label, value in lines if value not in (None, "")]


def _amount(kind: str, amount: Decimal | None) -> str:
    if amount is None:
        return ""
    before, after = AMOUNTS[AmountKind(kind)]
    return f"{before}{number(amount)} EUR{after}"


def _deadline(call: Call) -> str:
    if not call.closes_at or call.closes_precision not in KNOWN_DAYS:
        return ""
    closing = call.closes_at.astimezone(ZoneInfo(call.time_zone))
    day = f"{closing.day} {closing:%B %Y}"
    return f"{day}, {closing:%H:%M %Z}" if call.closes_precision == Precision.MINUTE else day


def _project(project: Project) -> AnnouncedProject:
    lead = next((part for part in project.partnerships.all() if part.is_lead()), None)
    announced = [country.code for country in project.announced_countries.all()]
    lead_country = lead.country_id if lead else None
    headline = _without_contact_data(project.as_published).strip()
    return AnnouncedProject(
        title=project.title,
        priorities=[str(priority) for priority in project.priorities.all()],
        lead=ParsedRow(lead_country, _name(lead) if lead else None, as_published=headline),
        announced_countries=[code for code in announced if code != lead_country],
        partners=[_row(part) for part in project.partnerships.all() if part.joined_on is None],
        paragraphs=_printed_paragraphs(project.description),
        grant=_amount(project.amount_kind, project.amount_eur) or "not published",
    )


def _printed_paragraphs(text: str) -> list[str]:
    """Return the paragraphs without addresses and telephone numbers."""
    return paragraphs_of(_without_contact_data(text))


def _without_contact_data(text: str) -> str:
    """Return the text without the sentences that have personal data."""
    return "\n".join(
        " ".join(part for part in SENTENCE_END.split(line) if not has_personal_data(part))
        if has_personal_data(line)
        else line
        for line in text.splitlines()
    )


def _row(part: Partnership) -> ParsedRow:
    language = part.partner.name_language if part.partner and not part.name_as_published else ""
    return ParsedRow(part.country_id, _name(part), language=language)


def _name(part: Partnership) -> str | None:
    """Return the published name, or else the current name; None if only the country is known."""
    return (part.name_as_published or part.partner.name) if part.partner else None


def announcement_text(call: AnnouncedCall, places: CountryNames) -> str:
    """Return the announcement as plain text."""
    facts = [f"{label}: {value}" for label, value in call.facts]
    blocks = [OUR_TITLE, "\n".join(facts)]
    if call.paragraphs:
        blocks.append(_about("About the call:", call.paragraphs))
    for project in call.projects:
        blocks += _blocks(project, places)
    return "\n\n".join(blocks) + "\n"


def announcement_context(call: AnnouncedCall, places: CountryNames) -> dict[str, Any]:
    """Return the context of `projects/announcement_to_copy.html`."""
    return {
        "facts": call.facts,
        "paragraphs": call.paragraphs,
        "projects": [
            {
                "project": project,
                "headline": headline_of(project, places),
                "note": note_of(project, places),
                "rows": [(places.name_of(row.country or ""), row) for row in project.partners],
            }
            for project in call.projects
        ],
    }


def _blocks(project: AnnouncedProject, places: CountryNames) -> list[str]:
    """Return the header, the description and the partners of a project."""
    head = [f"Project title: {project.title}"]
    head += [f"Priority: {priority}" for priority in project.priorities]
    head += [headline] if (headline := headline_of(project, places)) else []
    head.append(f"Grant of the project: {project.grant}")
    blocks = ["\n".join(head)]
    if project.lead.as_published:
        blocks.append(_indented("Headline as published:", project.lead.as_published))
    if project.paragraphs:
        blocks.append(_about("About the project:", project.paragraphs))
    rows = [
        f"{places.name_of(row.country or '')}: {row.name}"
        if row.name
        else places.name_of(row.country or "")
        for row in project.partners
    ]
    blocks.append("\n".join(["Project partners:", *rows]))
    return [*blocks, f"Note: {note}"] if (note := note_of(project, places)) else blocks


def note_of(project: ParsedProject, places: CountryNames) -> str:
    """Return a sentence about countries named only in the headline; or ""."""
    missing = [code for code in project.announced_countries if code not in project.countries()]
    if not missing:
        return ""
    countries = get_text_list([places.name_of(code) for code in missing], "and")
    return f"The headline names {countries}, but the partner list does not. The list is used."


def headline_of(project: ParsedProject, places: CountryNames) -> str:
    """Return "Lead partner: Norway (Forum) in partnership with Latvia"; "" if nothing is known."""
    countries = get_text_list([places.name_of(code) for code in project.announced_countries], "and")
    if not project.lead.country:
        return f"Participating countries: {countries}" if countries else ""
    lead = places.name_of(project.lead.country)
    lead += f" ({project.lead.name})" if project.lead.name else ""
    return f"Lead partner: {lead}" + (f" in partnership with {countries}" if countries else "")


def _about(heading: str, paragraphs: list[str]) -> str:
    """Indent descriptions, so that nobody takes their lines for labels or partners."""
    first, *following = paragraphs
    return "\n\n".join([_indented(heading, first), *map(_indent, following)])


def _indented(heading: str, text: str) -> str:
    return f"{heading}\n{_indent(text)}"


def _indent(text: str) -> str:
    return "\n".join(INDENT + line for line in text.split("\n"))
