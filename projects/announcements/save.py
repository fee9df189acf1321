"""Saves the drafts of an announcement as rows of an import: all of them, or none."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from partners.matching.country_names import CountryNames
from partners.matching.duplicates import find_duplicates_of
from partners.matching.lookup import RecordedNames
from partners.models import Country, Partner
from projects.announcements.pieces import YEAR
from projects.announcements.reader import Flag, ParsedCall, ParsedProject, ParsedText
from projects.imports.apply import write_plan
from projects.imports.cells import NOTATIONS, PLAIN, CellReader
from projects.imports.organisations import Key, key_of
from projects.imports.parser import PartnerRow, ProjectRows, ProjectTable
from projects.imports.plan import Plan, free_references, make_plan
from projects.imports.problems import Refused
from projects.models import (
    AmountKind,
    Announcement,
    AnnouncementFlag,
    AnnouncementLine,
    Call,
    LineKind,
    Partnership,
    Priority,
    Project,
    ProjectStatus,
    Source,
    SourceAbout,
)
from psf.database.constraints import save_valid
from psf.database.record_version import bump_version, lock_record
from psf.history import recording
from psf.history.models import Channel
from psf.search.index import update_indexes
from psf.text.folding import fold
from psf.text.slugs import free_slug, slug_of, taken_by

MOST_FLAGS = 60  # of one record: as many as its form can hold
NUMBERS = ["received_count", "eligible_count", "funded_count", "ceiling_eur"]
NOTHING: Mapping[str, Any] = MappingProxyType({})


class SavedRecords(NamedTuple):
    """The call (new or extended), the new projects and organisations, and what to check."""

    call: Call
    projects: list[Project]
    organisations: list[Partner]
    warnings: list[str]


def only_call(reading: ParsedText) -> ParsedCall:
    """The call of the text. Raises ValidationError for a text about none, or several."""
    if not reading.calls:
        raise ValidationError(_("This text describes neither a call nor a project."))
    if len(reading.calls) > 1:
        sentence = _("The text describes %(count)d calls: paste one call at a time.")
        raise ValidationError(sentence % {"count": len(reading.calls)})
    return reading.calls[0]


def save_records(
    reading: ParsedText,
    into: Call | None = None,
    *,
    decided: bool,
    by: User | None,
    typed: Mapping[str, Any] = NOTHING,
) -> SavedRecords:
    """Save the records of an announcement as drafts, hidden from readers.

    `into` is the recorded call, None for a new one. `decided`: save the projects as funded, with
    the ceiling of the call; otherwise as applications. `by` is the account, None for a command.
    `typed` has what staff typed beside the text: the title and the `NUMBERS` of the call, and the
    publication ("source_title" and "source_url"). Only empty numbers of a recorded call are
    filled. Raises ValidationError with a sentence per problem.
    """
    parsed = only_call(reading)
    texts = [line.text for line in reading.lines]
    title = next((text.strip() for text in texts if text.strip()), "")[:300]
    with recording.change_set(by, channel=Channel.ANNOUNCEMENT, reason=title):
        fingerprint = hashlib.sha256("\n".join(texts).encode()).hexdigest()
        _refuse_saved_text(fingerprint)
        announcement = save_valid(Announcement(title=title, fingerprint=fingerprint))
        call = _fill(into, typed) if into else _make_call(parsed, typed)
        plan = _plan(parsed, call, reading.places, decided)
        write_plan(plan)
        by_key = Project.objects.in_bulk([row.key() for row in plan.projects])
        projects = [by_key[row.key()] for row in plan.projects]
        _keep_announced(parsed, call, projects)
        _keep_lines(announcement, call, projects, reading)
        _add_source(call, projects, typed.get("source_title", ""), typed.get("source_url", ""))
        keys = [row.key() for row in plan.new_organisations()]
        organisations = list(Partner.objects.filter(pk__in=keys))
        for organisation in organisations:
            find_duplicates_of(organisation)
        update_indexes()
        notes = [f"{row.reference}: {note}" for row in plan.projects for note in row.notes]
        return SavedRecords(call, projects, organisations, notes)


def _refuse_saved_text(fingerprint: str) -> None:
    before = AnnouncementLine.objects.filter(
        announcement__fingerprint=fingerprint, project__isnull=False
    )
    if call := Call.objects.filter(announcement_lines__in=before).first():
        sentence = _("This text was already saved: its projects are in “%(call)s”.")
        raise ValidationError(sentence % {"call": call})


def _make_call(parsed: ParsedCall, typed: Mapping[str, Any]) -> Call:
    title = (typed.get("title") or parsed.heading or "").strip()
    if not title:
        raise ValidationError(_("Enter a title of the call: the text has no heading for the call."))
    if existing_call := Call.objects.filter(slug=slug_of(title)).first():
        raise ValidationError(
            _("“%(call)s” (%(slug)s) is already recorded: choose it to add the projects.")
            % {"call": existing_call, "slug": existing_call.slug}
        )
    call = Call(
        title=title,
        slug=free_slug(taken_by(Call.objects.all()), title, "call"),
        description="\n\n".join(parsed.paragraphs),
        **{name: typed.get(name) for name in NUMBERS},
    )
    save_valid(call).priorities.set(_priorities(parsed.priorities))
    return call


def _fill(into: Call, typed: Mapping[str, Any]) -> Call:
    """Fill the empty numbers of the recorded call."""
    call = lock_record(into)
    for name in NUMBERS:
        if getattr(call, name) is None:
            setattr(call, name, typed.get(name))
    bump_version(Call, [save_valid(call).pk])
    return call


def _priorities(names: list[str]) -> tuple[Priority, ...]:
    """The priorities with these names, recorded now if they are new."""
    recorded = {fold(priority.name): priority for priority in Priority.objects.all()}

    def add(name: str) -> Priority:
        slug = free_slug(taken_by(Priority.objects.all()), name, "priority")
        return save_valid(Priority(name=name, slug=slug))

    return tuple(recorded.get(fold(name)) or add(name) for name in names)


def _plan(parsed: ParsedCall, call: Call, places: CountryNames, decided: bool) -> Plan:
    """The plan of an import with the projects, all of them new."""
    rows, problems = list[ProjectRows](), list[str]()
    references = free_references(call)
    for project in parsed.projects:
        title = (project.title or working_title(project, places) or str(call))[:300]
        try:
            rows.append(_rows_of(project, call, next(references), title, decided))
        except ValidationError as error:
            problems += [f"{title[:120]}: {message}" for message in error.messages]
    if problems:
        raise ValidationError(problems)
    recorded = RecordedNames()
    keys = {key_of(row.name, row.country) for project in rows for row in project.partners}
    # Which of several organisations with one name is meant, is a person's decision.
    choices: dict[Key, int | None] = {
        key: None for key in keys if len(recorded.partners_named(key[1], key[0])) > 1
    }
    table = ProjectTable([], {row.reference: row for row in rows})
    try:
        plan = make_plan(table, call, may_decide=True, choices=choices)
    except Refused as refusal:
        raise ValidationError([str(problem) for problem in refusal.problems]) from refusal
    plan.is_quoted = True
    for planned, described in zip(plan.projects, parsed.projects, strict=True):
        planned.fields["as_published"] = described.headline or ""
        planned.fields["internal_note"] = "\n".join(_without_country(described))
    return plan


def _rows_of(
    parsed: ParsedProject, call: Call, reference: str, title: str, decided: bool
) -> ProjectRows:
    """The rows of a project as in a file."""
    same = Q(as_published=parsed.headline) if parsed.headline else Q(pk=None)
    if parsed.title:
        same |= Q(title=parsed.title)
    if existing_project := call.projects.filter(same).first():
        sentence = _("The call already has this project: %(reference)s.")
        raise ValidationError(sentence % {"reference": existing_project.reference})
    read_cell = CellReader(NOTATIONS[PLAIN]).read
    ceiling = call.ceiling_eur if decided else None
    values = {
        "title": read_cell("title", title),
        "description": read_cell("description", "\n\n".join(parsed.paragraphs)),
        "status": ProjectStatus.FUNDED if decided else ProjectStatus.SUBMITTED,
        "amount": ceiling,
        "amount_kind": AmountKind.NOT_PUBLISHED if ceiling is None else AmountKind.CEILING,
        "priority": _priorities(parsed.priorities),
    }
    partners = [
        PartnerRow(row.line, role, read_cell("partner_name", row.name) or "", row.country)
        for role, row in parsed.partners()
        if row.country
    ]
    return ProjectRows(
        parsed.line, reference, values, notes=_without_country(parsed), partners=partners
    )


def _without_country(project: ParsedProject) -> list[str]:
    """A note for each partner that cannot be saved."""
    sentence = _("Not saved as a partner, because the country is missing: %(name)s.")
    return [sentence % {"name": row.name} for _role, row in project.partners() if not row.country]


def _add_source(call: Call, projects: list[Project], citation: str, url: str) -> None:
    """Add the publication as a source of each record, once."""
    citation = citation or url
    if not citation:
        return
    source = {"about": SourceAbout.ANNOUNCEMENT, "citation": citation, "url": url}
    if not call.sources.filter(citation=citation, url=url).exists():
        save_valid(Source(call=call, **source))
    for project in projects:
        save_valid(Source(project=project, **source))


def _keep_lines(
    announcement: Announcement, call: Call, projects: list[Project], reading: ParsedText
) -> None:
    """Save the lines of the text, each with its record."""
    parts: dict[int, Partnership] = {}
    for project, described in zip(projects, reading.projects(), strict=True):
        rows = [row for _role, row in described.partners() if row.country]
        partnerships = project.partnerships.order_by("position")
        parts |= {row.line: part for row, part in zip(rows, partnerships, strict=True)}
    AnnouncementLine.objects.bulk_create(
        AnnouncementLine(
            announcement=announcement,
            number=line.number,
            text=line.text,
            kind=line.kind,
            call=call,
            project=None if line.project is None else projects[line.project],
            partnership=parts.get(line.number),
        )
        for line in reading.lines
        if line.kind != LineKind.BLANK
    )


def _other_call(call: ParsedCall, chosen: Call) -> Iterator[Flag]:
    """A flag if no year in the heading is a year of the chosen call."""
    years = set(re.findall(YEAR, call.heading or ""))
    of_chosen = set(re.findall(YEAR, chosen.title))
    of_chosen |= {str(at.year) for at in [chosen.opens_at, chosen.closes_at] if at}
    if years and of_chosen and not years & of_chosen:
        sentence = _("The text is about “%(name)s”, but you chose “%(call)s”: check the call.")
        yield Flag(call.line or 1, sentence % {"name": call.heading, "call": chosen})


def _keep_announced(parsed: ParsedCall, call: Call, projects: list[Project]) -> None:
    """Save the announced countries and the flags."""
    _keep_flags([*_other_call(parsed, call), *parsed.flags], call=call)
    for project, described in zip(projects, parsed.projects, strict=True):
        lead = [described.lead.country] if described.announced else []
        announced = Country.objects.filter(pk__in=[*filter(None, lead), *described.announced])
        project.announced_countries.set(announced)
        _keep_flags(described.flags, project=project)


def _keep_flags(flags: list[Flag], **record: Call | Project) -> None:
    AnnouncementFlag.objects.bulk_create(
        AnnouncementFlag(sentence=flag.sentence[:500], line=flag.line, **record)
        for flag in flags[:MOST_FLAGS]
    )


def working_title(project: ParsedProject, places: CountryNames) -> str:
    """A name for the project until its title is known; "" if nothing is known."""
    lead = project.lead
    where = places.name_of(lead.country) if lead.country else ""
    if lead.name:
        who = f"{lead.name[:200]} ({where})" if where else lead.name[:200]
        return _("Project led by %(lead)s") % {"lead": who}
    countries = ", ".join(places.name_of(code) for code in project.countries()[:8])
    return _("Project in %(countries)s") % {"countries": countries} if countries else ""
