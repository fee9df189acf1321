"""Saves the drafts of an announcement as rows of an import: all of them, or none."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from partners.models import Country
from projects.announcements.reader import ParsedCall, ParsedProject
from projects.imports.apply import import_table
from projects.imports.cells import NOTATIONS, PLAIN, CellReader
from projects.imports.parser import PartnerRow, ProjectRows, ProjectTable
from projects.imports.plan import Author, Plan, free_references
from projects.imports.problems import Refused
from projects.models import (
    AmountKind,
    Announcement,
    AnnouncementLine,
    Call,
    LineKind,
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
from psf.text.slugs import FreeSlugs, slug_of

NUMBERS = ["received_count", "eligible_count", "funded_count", "ceiling_eur"]


def save_records(
    parsed: ParsedCall, into: Call | None, decided: bool, by: User | None, typed: Mapping[str, Any]
) -> Plan:
    """Save the records of an announcement as drafts, hidden from readers.

    `into` is the recorded call, None for a new one. `decided`: save the projects as funded, with
    the ceiling of the call; otherwise as applications. `by` is the account, None for a command.
    `typed` has what staff typed beside the text: the `NUMBERS` of the call, of which only empty
    ones are filled, and "source_url". Raises ValidationError with a sentence per problem.
    """
    texts = [line.text for line in parsed.lines]
    title = next(text.strip() for text in texts if text.strip())[:300]
    fingerprint = sha256("\n".join(texts).encode()).hexdigest()
    with recording.change_set(by, channel=Channel.ANNOUNCEMENT, reason=title):
        before = Project.objects.filter(announcement_lines__announcement__fingerprint=fingerprint)
        if project := before.select_related("call").first():
            sentence = _("This text was already saved: its projects are in “%(call)s”.")
            raise ValidationError(sentence % {"call": project.call})
        call = lock_record(into) if into else _new_call(parsed)
        for name in NUMBERS:
            if getattr(call, name) is None:
                setattr(call, name, typed.get(name))
        bump_version(Call, [save_valid(call).pk])
        plan = _import(parsed, call, Author(title, by, decided))
        projects = [Project.objects.get(pk=row.key()) for row in plan.projects]
        kept = save_valid(Announcement(title=title, fingerprint=fingerprint))
        _keep_text(parsed, kept, projects)
        if url := typed.get("source_url"):
            source = {"about": SourceAbout.ANNOUNCEMENT, "citation": title, "url": url}
            if not call.sources.filter(url=url).exists():
                save_valid(Source(call=call, **source))
            for project in projects:
                save_valid(Source(project=project, **source))
    return plan


def _new_call(parsed: ParsedCall) -> Call:
    title = parsed.heading
    if not title:
        raise ValidationError(_("No heading names the call: choose a call that is recorded."))
    if call := Call.objects.filter(slug=slug_of(title)).first():
        sentence = _("“%(call)s” (%(slug)s) is already recorded: choose it to add the projects.")
        raise ValidationError(sentence % {"call": call, "slug": call.slug})
    slug = FreeSlugs(Call.objects.values_list("slug", flat=True)).take(title, "call")
    return Call(title=title, slug=slug, description="\n\n".join(parsed.paragraphs))


def _import(parsed: ParsedCall, call: Call, author: Author) -> Plan:
    """Import the projects, all of them new, as if they came from a file."""
    rows = dict[str, ProjectRows]()
    problems = list[str]()
    for described, reference in zip(parsed.projects, free_references(call), strict=False):
        try:
            rows[reference] = _rows_of(described, call, reference, author.may_decide)
        except ValidationError as error:
            problems += [f"{described.title or reference}: {message}" for message in error.messages]
    if problems:
        raise ValidationError(problems)
    try:
        return import_table(ProjectTable([], rows), call, author)
    except Refused as refusal:
        raise ValidationError([str(problem) for problem in refusal.problems]) from refusal


def _rows_of(parsed: ParsedProject, call: Call, reference: str, decided: bool) -> ProjectRows:
    """The rows of a project as in a file."""
    headline = parsed.lead.as_published
    same = Q(title=parsed.title) | Q(as_published=headline or None)
    if project := call.projects.filter(same).first():
        sentence = _("The call already has this project: %(reference)s.")
        raise ValidationError(sentence % {"reference": project.reference})
    read_cell = CellReader(NOTATIONS[PLAIN]).read
    ceiling = call.ceiling_eur if decided else None
    priorities = [
        Priority.objects.filter(name=name).first()
        or save_valid(Priority(name=name, slug=slug_of(name)))
        for name in parsed.priorities
    ]
    values = {
        "title": read_cell("title", parsed.shown_title()[:300] or reference),
        "description": read_cell("description", "\n\n".join(parsed.paragraphs)),
        "status": ProjectStatus.FUNDED if decided else ProjectStatus.SUBMITTED,
        "amount": ceiling,
        "amount_kind": AmountKind.NOT_PUBLISHED if ceiling is None else AmountKind.CEILING,
        "priority": tuple(priorities),
    }
    partners = [
        PartnerRow(row.line, role, read_cell("partner_name", row.name) or "", row.country)
        for role, row in parsed.with_roles()
        if row.country
    ]
    sentence = _("Not saved as a partner, because the country is missing: %(name)s.")
    notes = [sentence % {"name": row.name} for _role, row in parsed.with_roles() if not row.country]
    quoted = {"as_published": headline, "internal_note": "\n".join(notes)}
    row = parsed.lines[0]
    return ProjectRows(row, reference, values, quoted=quoted, notes=notes, partners=partners)


def _keep_text(parsed: ParsedCall, announcement: Announcement, projects: list[Project]) -> None:
    """Save what a file does not have: announced countries, flags, and the lines."""
    lines = {line.number: line for line in parsed.lines if line.kind != LineKind.BLANK}
    for project, described in zip(projects, parsed.projects, strict=True):
        for number in described.lines:
            lines[number].project = project
        if announced := described.announced_countries:
            codes = filter(None, [described.lead.country, *announced])
            project.announced_countries.set(Country.objects.filter(pk__in=codes))
        for flag in described.flags:
            flag.pk, flag.project = None, project
            flag.save()
    for line in lines.values():
        line.pk, line.announcement = None, announcement
    AnnouncementLine.objects.bulk_create(lines.values())
