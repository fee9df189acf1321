"""Writes an announcement from the records, in a form that the parser can read back."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.text import get_text_list

from projects.announcements.contact_removal import without_contact_data
from projects.announcements.country_names import Places
from projects.announcements.grants import ProjectGrant
from projects.announcements.line_marks import INDENT
from projects.announcements.lines import NEWLINE, OUR_TITLE
from projects.announcements.parsed_text import Lead, ParsedCall, ParsedProject, ParsedRow
from projects.models import AmountKind, Call, Partnership, Project
from projects.models.choices import FUNDED_STATUSES
from projects.models.projects import ProjectQuerySet
from psf.text.dates import KNOWN_DAYS, Precision
from psf.text.phrases import paragraphs_of


def announced_call(call: Call, projects: ProjectQuerySet) -> ParsedCall:
    """Return the facts of a decided call and the funded ones among `projects`."""
    funded = projects.filter(status__in=FUNDED_STATUSES).for_announcement().order_by("reference")
    body = call.decision.body
    local_closing = call.closes_at.astimezone(ZoneInfo(call.time_zone)) if call.closes_at else None
    closing = local_closing if call.closes_precision in KNOWN_DAYS else None
    exact_closing = closing if call.closes_precision == Precision.MINUTE else None
    return ParsedCall(
        heading=call.title,
        received=call.received_count,
        eligible=call.eligible_count,
        funded=call.funded_count,
        ceiling_eur=call.ceiling_eur,
        decided_by=body or None,
        deadline=closing.date() if closing else None,
        deadline_time=exact_closing.timetz() if exact_closing else None,
        priorities=[str(priority) for priority in call.priorities.all()],
        paragraphs=_printed_paragraphs(call.description),
        projects=[_project(project) for project in funded],
    )


def _project(project: Project) -> ParsedProject:
    lead = next((part for part in project.partnerships.all() if part.is_lead()), None)
    announced = [country.code for country in project.announced_countries.all()]
    lead_country = lead.country_id if lead else None
    return ParsedProject(
        title=project.title,
        priorities=[str(priority) for priority in project.priorities.all()],
        lead=Lead(lead_country, _name(lead) if lead else None),
        announced=[code for code in announced if code != lead_country],
        rows=[_row(part) for part in project.partnerships.all() if part.joined_on is None],
        paragraphs=_printed_paragraphs(project.description),
        headline=_without_contact_data(project.as_published).strip() or None,
        grant=ProjectGrant(project.amount_kind, project.amount_eur),
    )


def _printed_paragraphs(text: str) -> list[str]:
    """Return the paragraphs without addresses and telephone numbers."""
    return paragraphs_of(_without_contact_data(text))


def _without_contact_data(text: str) -> str:
    lines = NEWLINE.split(text)
    cleaned = [without_contact_data(line) for line in lines]
    return "\n".join(
        line if clean is None else clean for line, clean in zip(lines, cleaned, strict=True)
    )


def _row(part: Partnership) -> ParsedRow:
    language = part.partner.name_language if part.partner and not part.name_as_published else ""
    return ParsedRow(part.country_id, _name(part), language=language)


def _name(part: Partnership) -> str | None:
    """Return the published name, or else the current name; None if only the country is known."""
    return (part.name_as_published or part.partner.name) if part.partner else None


def announcement_text(call: ParsedCall, places: Places) -> str:
    """Return the announcement as plain text. `parse_text` reads all of it back."""
    facts = [f"{label}: {value}" for label, value in labelled_facts(call)]
    blocks = [OUR_TITLE, "\n".join(facts)]
    if call.paragraphs:
        blocks.append(_about("About the call:", call.paragraphs))
    for project in call.projects:
        blocks += _blocks(project, places)
    return "\n\n".join(blocks) + "\n"


def labelled_facts(call: ParsedCall) -> list[tuple[str, str]]:
    """Return labels and values of the call. The parser knows the labels, in English only."""
    ceiling = ProjectGrant(AmountKind.CEILING, call.ceiling_eur)
    lines: list[tuple[str, object]] = [("Call", call.heading)]
    lines += [("Priority of the call", priority) for priority in call.priorities]
    lines += [
        ("Applications received", call.received),
        ("Eligible applications", call.eligible),
        ("Projects funded", call.funded),
        ("Ceiling of a grant", ceiling if ceiling.amount_eur is not None else None),
        ("Decided by", call.decided_by),
        ("Deadline", _deadline(call)),
    ]
    return [(label, str(value)) for label, value in lines if value not in (None, "")]


def announcement_context(call: ParsedCall, places: Places) -> dict[str, Any]:
    """Return the context of `projects/announcement_to_copy.html`."""
    return {
        "facts": labelled_facts(call),
        "paragraphs": call.paragraphs,
        "projects": [
            {
                "project": project,
                "headline": headline_of(project, places),
                "note": note_of(project, places),
                "rows": [(places.name_of(row.country or ""), row) for row in project.rows],
            }
            for project in call.projects
        ],
    }


def _deadline(call: ParsedCall) -> str | None:
    if not call.deadline:
        return None
    day = f"{call.deadline.day} {call.deadline:%B %Y}"
    if call.deadline_time is None:
        return day
    moment = datetime.combine(call.deadline, call.deadline_time)
    return f"{day}, {moment:%H:%M %Z}".rstrip()  # a parsed time has no zone


def _blocks(project: ParsedProject, places: Places) -> list[str]:
    """Return the header, the description and the partners of a project."""
    head = [f"Project title: {project.title}"]
    head += [f"Priority: {priority}" for priority in project.priorities]
    head += [headline] if (headline := headline_of(project, places)) else []
    head += [f"Grant of the project: {project.grant}"] if project.grant else []
    blocks = ["\n".join(head)]
    if project.headline:
        blocks.append(_indented("Headline as published:", project.headline))
    if project.paragraphs:
        blocks.append(_about("About the project:", project.paragraphs))
    rows = [
        f"{places.name_of(row.country or '')}: {row.name}"
        if row.name
        else places.name_of(row.country or "")
        for row in project.rows
    ]
    blocks.append("\n".join(["Project partners:", *rows]))
    return [*blocks, f"Note: {note}"] if (note := note_of(project, places)) else blocks


def note_of(project: ParsedProject, places: Places) -> str:
    """Return a sentence about countries named only in the headline; or ""."""
    missing = [code for code in project.announced if code not in project.countries()]
    if not missing:
        return ""
    countries = get_text_list([places.name_of(code) for code in missing], "and")
    return f"The headline names {countries}, but the partner list does not. The list is used."


def headline_of(project: ParsedProject, places: Places) -> str:
    """Return "Lead partner: Norway (Forum) in partnership with Latvia"; "" if nothing is known."""
    countries = get_text_list([places.name_of(code) for code in project.announced], "and")
    if not project.lead.country:
        return f"Participating countries: {countries}" if countries else ""
    lead = places.name_of(project.lead.country)
    lead += f" ({project.lead.name})" if project.lead.name else ""
    return f"Lead partner: {lead}" + (f" in partnership with {countries}" if countries else "")


def _about(heading: str, paragraphs: list[str]) -> str:
    """Indent descriptions, so that the parser never takes their lines for labels or partners."""
    first, *following = paragraphs
    return "\n\n".join([_indented(heading, first), *map(_indent, following)])


def _indented(heading: str, text: str) -> str:
    return f"{heading}\n{_indent(text)}"


def _indent(text: str) -> str:
    return "\n".join(INDENT + line for line in text.split("\n"))
