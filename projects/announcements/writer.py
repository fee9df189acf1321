"""An announcement in our own words, written from the records so that the reader reads them back."""

import re
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.text import get_text_list

from projects.announcements.country_names import Places
from projects.announcements.lines import OUR_TITLE
from projects.announcements.parsed import Lead, ReadCall, ReadProject, Row
from projects.announcements.segmentation import INDENT
from projects.models import Call, Partnership, Project
from projects.models.choices import FUNDED_STATUSES
from projects.models.querysets import ProjectQuerySet
from psf.text.dates import Precision
from psf.text.numbers import number

BLANK_LINES = re.compile(r"\n\s*\n")


def told(call: Call, projects: ProjectQuerySet) -> ReadCall:
    """What there is to announce of a decided call: its facts, and the funded ones of these."""
    funded = projects.filter(status__in=FUNDED_STATUSES).for_announcement().order_by("reference")
    body = call.decision.body
    local = call.closes_at.astimezone(ZoneInfo(call.time_zone)) if call.closes_at else None
    known = local if call.closes_precision in [Precision.DAY, Precision.MINUTE] else None
    timed = known if call.closes_precision == Precision.MINUTE else None
    return ReadCall(
        heading=call.title,
        received=call.received_count,
        eligible=call.eligible_count,
        funded=call.funded_count,
        ceiling_eur=call.ceiling_eur,
        decided_by=body or None,
        deadline=known.date() if known else None,
        deadline_time=timed.time() if timed else None,
        priorities=[str(priority) for priority in call.priorities.all()],
        paragraphs=paragraphs_of(call.description),
        projects=[_project(project) for project in funded],
    )


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of a description, which blank lines part."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return [part.strip() for part in BLANK_LINES.split(text) if part.strip()]


def _project(project: Project) -> ReadProject:
    parts = [part for part in project.partnerships.all() if part.joined_on is None]
    lead = next((part for part in parts if part.is_lead()), None)
    announced = [country.code for country in project.announced_countries.all()]
    lead_country = lead.country_id if lead else None
    return ReadProject(
        title=project.title,
        priorities=[str(priority) for priority in project.priorities.all()],
        lead=Lead(lead_country, _name(lead) if lead else None),
        announced=[code for code in announced if code != lead_country],
        rows=[_row(part) for part in parts],
        paragraphs=paragraphs_of(project.description),
    )


def _row(part: Partnership) -> Row:
    language = part.partner.name_language if part.partner and not part.name_as_published else ""
    return Row(part.country_id, _name(part), language=language)


def _name(part: Partnership) -> str | None:
    """The name as it was published, else the organisation's; None where only a country is known."""
    return (part.name_as_published or part.partner.name) if part.partner else None


def as_text(call: ReadCall, places: Places) -> str:
    """The announcement as plain text; `reading.read()` understands all of it."""
    facts = [f"{label}: {value}" for label, value in facts_of(call)]
    blocks = [OUR_TITLE, "\n".join(facts)]
    if call.paragraphs:
        blocks.append(_about("About the call:", call.paragraphs))
    for project in call.projects:
        blocks += _blocks(project, places)
    return "\n\n".join(blocks) + "\n"


def facts_of(call: ReadCall) -> list[tuple[str, str]]:
    """What is said of the call, label by label. The reader knows these labels: English only."""
    lines: list[tuple[str, str | None]] = [("Call", call.heading)]
    lines += [("Priority of the call", priority) for priority in call.priorities]
    lines += [
        ("Applications received", _count(call.received)),
        ("Eligible applications", _count(call.eligible)),
        ("Projects funded", _count(call.funded)),
        ("Ceiling of a grant", _ceiling(call.ceiling_eur)),
        ("Decided by", call.decided_by),
        ("Deadline", _deadline(call)),
    ]
    return [(label, value) for label, value in lines if value]


def as_context(call: ReadCall, places: Places) -> dict[str, Any]:
    """The same for `projects/announcement.html`."""
    return {
        "facts": facts_of(call),
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


def _count(value: int | None) -> str | None:
    return None if value is None else str(value)


def _ceiling(value: Decimal | None) -> str | None:
    return None if value is None else f"up to {number(value)} EUR"


def _deadline(call: ReadCall) -> str | None:
    if not call.deadline:
        return None
    day = f"{call.deadline.day} {call.deadline:%B %Y}"
    return f"{day}, {call.deadline_time:%H:%M}" if call.deadline_time else day


def _blocks(project: ReadProject, places: Places) -> list[str]:
    """A project: its head, the words about it, its partners."""
    head = [f"Project title: {project.title}"]
    head += [f"Priority: {priority}" for priority in project.priorities]
    head += [headline] if (headline := headline_of(project, places)) else []
    blocks = ["\n".join(head)]
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


def note_of(project: ReadProject, places: Places) -> str:
    """A sentence on countries that the headline names and the partner list does not; or ""."""
    missing = [code for code in project.announced if code not in project.countries()]
    if not missing:
        return ""
    countries = get_text_list([places.name_of(code) for code in missing], "and")
    return f"The headline names {countries}, for which the list has no partner; the list counts."


def headline_of(project: ReadProject, places: Places) -> str:
    """ "Lead partner: Norway (Forum) in partnership with Latvia and Sweden"; "" for neither."""
    countries = get_text_list([places.name_of(code) for code in project.announced], "and")
    if not project.lead.country:
        return f"Participating countries: {countries}" if countries else ""
    lead = places.name_of(project.lead.country)
    lead += f" ({project.lead.name})" if project.lead.name else ""
    return f"Lead partner: {lead}" + (f" in partnership with {countries}" if countries else "")


def _about(heading: str, paragraphs: list[str]) -> str:
    """The words of others are indented: whatever they say, they are read as words."""
    lines = ["\n".join(INDENT + line for line in paragraph.split("\n")) for paragraph in paragraphs]
    return "\n\n".join([f"{heading}\n{lines[0]}", *lines[1:]])
