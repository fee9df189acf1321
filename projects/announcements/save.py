"""Saves the records of an announcement: all of them, or none if a rule of a model fails."""

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from partners.matching.duplicates import find_duplicates_of
from partners.matching.lookup import recognise
from partners.models import Country, Partner, PartnerKind
from partners.slugs import is_slug_taken
from projects.announcements.country_names import Places
from projects.announcements.new_records import free_reference, priority_named, save_valid
from projects.announcements.parsed_text import (
    Flag,
    ParsedCall,
    ParsedProject,
    ParsedRow,
    ParsedText,
)
from projects.announcements.pieces import YEAR
from projects.models import (
    AmountKind,
    Announcement,
    AnnouncementFlag,
    AnnouncementLine,
    Call,
    LineKind,
    Partnership,
    Project,
    ProjectStatus,
    Source,
    SourceAbout,
)
from psf.database.record_version import bump_version, lock_record
from psf.history import recording
from psf.history.models import Channel
from psf.search.index import update_indexes
from psf.text.slugs import free_slug, slug_of, taken_by

MOST_FLAGS = 60  # of one record: as many as its form can hold
NUMBERS = ["received_count", "eligible_count", "funded_count", "ceiling_eur"]
NOTHING: Mapping[str, Any] = MappingProxyType({})


class SavedRecords(NamedTuple):
    """The call (new or extended), the new projects and the new organisations.

    `warnings`: a sentence for each partner that is not saved.
    """

    announcement: Announcement
    call: Call
    projects: list[Project]
    organisations: list[Partner]
    warnings: list[str]


def only_call(reading: ParsedText) -> ParsedCall:
    """The call of the text. Raises ValidationError for a text about none, or several."""
    if not reading.calls:
        raise ValidationError(_("This text describes neither a call nor a project."))
    if len(reading.calls) > 1:
        raise ValidationError(
            _("The text describes %(count)d calls: paste one call at a time.")
            % {"count": len(reading.calls)}
        )
    return reading.calls[0]


def save_records(
    reading: ParsedText,
    places: Places,
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
        saver = _Saver(SavedRecords(announcement, call, [], [], []), decided, places)
        saver.save_parts(parsed, reading)
        saver.add_source(typed.get("source_title", ""), typed.get("source_url", ""))
        for organisation in saver.saved.organisations:
            find_duplicates_of(organisation)
        update_indexes()
        return saver.saved


def _refuse_saved_text(fingerprint: str) -> None:
    before = AnnouncementLine.objects.filter(
        announcement__fingerprint=fingerprint, project__isnull=False
    )
    if line := before.select_related("announcement", "project__call").first():
        assert line.project
        raise ValidationError(
            _("This text was already saved: its projects are in “%(call)s”.")
            % {"call": line.project.call}
        )


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
    save_valid(call)
    call.priorities.set([priority_named(name) for name in parsed.priorities])
    return call


def _fill(into: Call, typed: Mapping[str, Any]) -> Call:
    """Fill the empty numbers of the recorded call."""
    call = lock_record(into)
    empty = [name for name in NUMBERS if getattr(call, name) is None]
    for name in empty:
        setattr(call, name, typed.get(name))
    save_valid(call)
    bump_version(Call, [call.pk])
    return call


class _Saver:
    """Saves the parts of a call. `projects` are the new ones by their number in the text."""

    def __init__(self, saved: SavedRecords, decided: bool, places: Places) -> None:
        self.saved, self.decided, self.places = saved, decided, places
        self.parts: dict[int, Partnership] = {}  # by their lines

    def save_parts(self, parsed: ParsedCall, reading: ParsedText) -> None:
        call = self.saved.call
        other = _other_call(parsed, call)
        _keep_flags([*([other] if other else []), *parsed.flags], call=call)
        problems = []
        for project in parsed.projects:
            title = (project.title or working_title(project, self.places) or str(call))[:300]
            try:
                self._save_project(project, title)
            except ValidationError as error:
                problems += [f"{title[:120]}: {message}" for message in error.messages]
        if problems:
            raise ValidationError(problems)
        self._keep_lines(reading)

    def _save_project(self, parsed: ParsedProject, title: str) -> None:
        call = self.saved.call
        self._refuse_recorded_project(parsed)
        ceiling = call.ceiling_eur if self.decided else None
        unsaved = _without_country(parsed)
        project = Project(
            call=call,
            reference=free_reference(call),
            title=title,
            description="\n\n".join(parsed.paragraphs),
            as_published=parsed.headline or "",
            internal_note="\n".join(unsaved),
            status=ProjectStatus.FUNDED if self.decided else ProjectStatus.SUBMITTED,
            amount_eur=ceiling,
            amount_kind=AmountKind.NOT_PUBLISHED if ceiling is None else AmountKind.CEILING,
        )
        project.slug = free_slug(taken_by(Project.objects.all()), project.reference, "project")
        self.saved.projects.append(save_valid(project))
        self.saved.warnings.extend(f"{project.reference}: {sentence}" for sentence in unsaved)
        project.priorities.set([priority_named(name) for name in parsed.priorities])
        lead = [parsed.lead.country] if parsed.announced else []
        announced = Country.objects.filter(pk__in=[*filter(None, lead), *parsed.announced])
        project.announced_countries.set(announced)
        self._save_rows(project, parsed)
        _keep_flags(parsed.flags, project=project)

    def _refuse_recorded_project(self, parsed: ParsedProject) -> None:
        same = Q(as_published=parsed.headline) if parsed.headline else Q(pk=None)
        if parsed.title:
            same |= Q(title=parsed.title)
        new = [project.pk for project in self.saved.projects]
        if existing_project := self.saved.call.projects.exclude(pk__in=new).filter(same).first():
            raise ValidationError(
                _("The call already has this project: %(reference)s.")
                % {"reference": existing_project.reference}
            )

    def _save_rows(self, project: Project, parsed: ParsedProject) -> None:
        rows = [(role, row) for role, row in parsed.partners() if row.country]
        for position, (role, row) in enumerate(rows, start=1):
            part = Partnership(
                project=project,
                partner=self._organisation(row),
                country_id=row.country or "",
                role=role,
                position=position,
                name_as_published=row.name or "",
            )
            self.parts[row.line] = save_valid(part)

    def _organisation(self, row: ParsedRow) -> Partner | None:
        """The recorded organisation with this whole name in the country, or a new one."""
        if not row.name or not row.country:
            return None
        partner = recognise(row.name, Country(pk=row.country))
        if partner is None:
            slug = free_slug(is_slug_taken, row.name, row.country, "organisation")
            partner = Partner(
                name=row.name, country_id=row.country, slug=slug, kind=PartnerKind.UNKNOWN
            )
            self.saved.organisations.append(save_valid(partner))
        return partner

    def add_source(self, citation: str, url: str) -> None:
        """Add the publication as a source of each record, once."""
        citation = citation or url
        if not citation:
            return
        source = {"about": SourceAbout.ANNOUNCEMENT, "citation": citation, "url": url}
        if not self.saved.call.sources.filter(citation=citation, url=url).exists():
            save_valid(Source(call=self.saved.call, **source))
        for project in self.saved.projects:
            save_valid(Source(project=project, **source))

    def _keep_lines(self, reading: ParsedText) -> None:
        """Save the lines of the text, each with its record."""
        AnnouncementLine.objects.bulk_create(
            AnnouncementLine(
                announcement=self.saved.announcement,
                number=line.number,
                text=line.text,
                kind=line.kind,
                call=self.saved.call,
                project=None if line.project is None else self.saved.projects[line.project],
                partnership=self.parts.get(line.number),
            )
            for line in reading.lines
            if line.kind != LineKind.BLANK
        )


def _other_call(call: ParsedCall, chosen: Call) -> Flag | None:
    """A flag if no year in the heading is a year of the chosen call."""
    years = set(re.findall(YEAR, call.heading or ""))
    of_chosen = set(re.findall(YEAR, chosen.title))
    of_chosen |= {str(at.year) for at in [chosen.opens_at, chosen.closes_at] if at}
    if not years or not of_chosen or years & of_chosen:
        return None
    sentence = _("The text is about “%(name)s”, but you chose “%(call)s”: check the call.")
    return Flag(call.line or 1, sentence % {"name": call.heading, "call": chosen})


def _keep_flags(flags: list[Flag], **record: Call | Project) -> None:
    AnnouncementFlag.objects.bulk_create(
        AnnouncementFlag(sentence=flag.sentence[:500], line=flag.line, **record)
        for flag in flags[:MOST_FLAGS]
    )


def _without_country(project: ParsedProject) -> list[str]:
    """A note for each partner that cannot be saved."""
    sentence = _("Not saved as a partner, because the country is missing: %(name)s.")
    return [sentence % {"name": row.name} for _role, row in project.partners() if not row.country]


def working_title(project: ParsedProject, places: Places) -> str:
    """A name for the project until its title is known; "" if nothing is known."""
    lead = project.lead
    where = places.name_of(lead.country) if lead.country else ""
    if lead.name:
        who = f"{lead.name[:200]} ({where})" if where else lead.name[:200]
        return _("Project led by %(lead)s") % {"lead": who}
    countries = ", ".join(places.name_of(code) for code in project.countries()[:8])
    return _("Project in %(countries)s") % {"countries": countries} if countries else ""
