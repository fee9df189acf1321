"""Writes an announcement from the records, for templates and as text."""

import re
from decimal import Decimal
from textwrap import indent
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.text import get_text_list

from partners.models import Country
from projects.announcements.contact_removal import has_personal_data
from projects.models import AmountKind, Call, Partnership, Project
from projects.models.choices import FUNDED_STATUSES
from projects.models.projects import ProjectQuerySet
from psf.text.dates import KNOWN_DAYS, Precision
from psf.text.numbers_and_amounts import number
from psf.text.phrases import paragraphs_of

OUR_TITLE = "What the Project Support Facility decided"

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


class AnnouncedProject(NamedTuple):
    """A funded project in the words of the announcement; "" for what is not known.

    `published` is the headline as it was published, `rows` are country, name and its language.
    """

    title: str
    priorities: list[str]
    published: str
    headline: str
    grant: str
    paragraphs: list[str]
    rows: list[tuple[str, str, str]]
    note: str


def announcement_of(call: Call, projects: ProjectQuerySet) -> dict[str, Any]:
    """The facts of a decided call and the funded ones among `projects`, for templates."""
    funded = projects.filter(status__in=FUNDED_STATUSES).with_partners().order_by("reference")
    funded = funded.prefetch_related("priorities", "announced_countries")
    names = dict(Country.objects.values_list("code", "name"))
    return {
        "facts": _labelled_facts(call),
        "paragraphs": _printed_paragraphs(call.description),
        "projects": [_project(project, names) for project in funded],
    }


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


def _project(project: Project, names: dict[str, str]) -> AnnouncedProject:
    parts = [*project.partnerships.all()]
    lead = next((part for part in parts if part.is_lead()), None)
    listed = [part for part in parts if part.joined_on is None]
    announced = [row.code for row in project.announced_countries.all()]
    announced = [code for code in announced if not lead or code != lead.country_id]
    missing = {*announced} - {part.country_id for part in listed}
    note = ""
    if countries := get_text_list([names[code] for code in announced if code in missing], "and"):
        note = f"The headline names {countries}, but the partner list does not. The list is used."
    return AnnouncedProject(
        title=project.title,
        priorities=[str(priority) for priority in project.priorities.all()],
        published=_without_contact_data(project.as_published).strip(),
        headline=_headline(lead, [names[code] for code in announced], names),
        grant=_amount(project.amount_kind, project.amount_eur) or "not published",
        paragraphs=_printed_paragraphs(project.description),
        rows=[(names[part.country_id], _name(part), _language(part)) for part in listed],
        note=note,
    )


def _headline(lead: Partnership | None, announced: list[str], names: dict[str, str]) -> str:
    """Return "Lead partner: Norway (Forum) in partnership with Latvia"; "" if nothing is known."""
    countries = get_text_list(announced, "and")
    if lead is None:
        return f"Participating countries: {countries}" if countries else ""
    name = f" ({_name(lead)})" if _name(lead) else ""
    others = f" in partnership with {countries}" if countries else ""
    return f"Lead partner: {names[lead.country_id]}{name}{others}"


def _name(part: Partnership) -> str:
    """Return the published name, or else the current name; "" if only the country is known."""
    return (part.name_as_published or part.partner.name) if part.partner else ""


def _language(part: Partnership) -> str:
    return part.partner.name_language if part.partner and not part.name_as_published else ""


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


def announcement_text(announcement: dict[str, Any]) -> str:
    """Return the announcement as plain text."""
    facts = [f"{label}: {value}" for label, value in announcement["facts"]]
    blocks = [OUR_TITLE, "\n".join(facts)]
    blocks += _indented("About the call:", announcement["paragraphs"])
    for project in announcement["projects"]:
        blocks += _blocks(project)
    return "\n\n".join(blocks) + "\n"


def _blocks(project: AnnouncedProject) -> list[str]:
    """Return the header, the description and the partners of a project."""
    head = [f"Project title: {project.title}"]
    head += [f"Priority: {priority}" for priority in project.priorities]
    head += [project.headline] if project.headline else []
    head.append(f"Grant of the project: {project.grant}")
    rows = [f"{country}: {name}" if name else country for country, name, _language in project.rows]
    return [
        "\n".join(head),
        *_indented("Headline as published:", [project.published] if project.published else []),
        *_indented("About the project:", project.paragraphs),
        "\n".join(["Project partners:", *rows]),
        *([f"Note: {project.note}"] if project.note else []),
    ]


def _indented(heading: str, paragraphs: list[str]) -> list[str]:
    """Indent descriptions, so that nobody takes their lines for labels or partners."""
    texts = [indent(paragraph, "    ") for paragraph in paragraphs]
    return [f"{heading}\n{texts[0]}", *texts[1:]] if texts else []
