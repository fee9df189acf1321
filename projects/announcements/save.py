"""Saves the records of a draft: all of them, or none if a rule of a model fails."""

import hashlib
from typing import NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from partners.matching.duplicates import find_duplicates_of
from partners.models import Country, Partner
from projects.announcements.drafts import (
    DraftCall,
    DraftProject,
    PartnerDraft,
    without_repeated_countries,
)
from projects.announcements.grants import ProjectGrant
from projects.announcements.lines import TextLine
from projects.announcements.new_records import free_reference, priority_named, save_valid
from projects.announcements.organisation_matching import DraftOrganisations
from projects.models import (
    AmountKind,
    Announcement,
    AnnouncementFlag,
    AnnouncementLine,
    Call,
    Decision,
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
from psf.search.maintenance import update_indexes
from psf.text.dates import Precision
from psf.text.folding import fold
from psf.text.slugs import free_slug, slug_of, taken_by

MOST_FLAGS = 60  # of one record: as many as its form can hold
COUNTS = ["received_count", "eligible_count", "funded_count", "ceiling_eur"]


class Publication(NamedTuple):
    """Where the text was published, for readers. Empty if not stated."""

    citation: str = ""
    url: str = ""


class SavedRecords(NamedTuple):
    """The calls (new or extended), the new projects and the new organisations.

    `warnings`: a sentence for each recorded value that differs from the text and is kept, and for
    each partner that is not saved.
    """

    announcement: Announcement
    calls: list[Call]
    projects: list[Project]
    organisations: list[Partner]
    warnings: list[str]


def save_drafts(
    drafts: list[DraftCall],
    lines: list[TextLine],
    decided: bool,
    by: User | None,
    source: Publication = Publication(),  # noqa: B008 (nothing can change it)
) -> SavedRecords:
    """Save the records of an announcement as drafts, hidden from readers.

    `decided`: save the projects as funded, with ceiling and decision; otherwise as applications.
    `by` is the account, None for a command. Raises ValidationError with a sentence per problem.
    """
    title = next((line.text.strip() for line in lines if not line.is_blank()), "")[:300]
    with recording.change_set(by, channel=Channel.ANNOUNCEMENT, reason=title):
        text = "\n".join(line.text for line in lines)
        fingerprint = hashlib.sha256(text.encode()).hexdigest()
        _refuse_saved_text(fingerprint)
        announcement = save_valid(Announcement(title=title, fingerprint=fingerprint))
        saver = _Saver(announcement, decided, by)
        for draft in drafts:
            saver.save_call(draft)
        if saver.problems:
            raise ValidationError(saver.problems)
        saver.keep_lines(lines)
        saver.add_source(source)
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


class _Saver:
    def __init__(self, announcement: Announcement, decided: bool, by: User | None) -> None:
        self.decided = decided
        self.organisations = DraftOrganisations(by, source=str(announcement))
        self.saved = SavedRecords(announcement, [], [], self.organisations.created, [])
        self.problems: list[str] = []
        self.projects: dict[int, Project] = {}  # by their number in the text
        self.parts: dict[int, Partnership] = {}  # by their lines

    def save_call(self, draft: DraftCall) -> None:
        if not draft.title.strip() and draft.into is None:
            self.problems.append(
                _("Enter a title of the call: the text has no heading for the call.")
            )
            return
        try:
            call = self._fill(draft) if draft.into else self._make_call(draft)
        except ValidationError as error:
            self._note(draft.title or str(draft.into), error)
            return
        self.saved.calls.append(call)
        self._keep_flags(draft, call=call)
        if self.decided and draft.decided_by:
            body = draft.decided_by
            decision = call.recorded_decision() or save_valid(Decision(call=call, body=body))
            if decision.body != body:
                self._warn_of_difference(call, _("decided by"), decision.body, body)
        for project in draft.projects:
            with_title = project.title or project.working_title or str(call)
            try:
                self._save_project(call, project, with_title[:300])
            except ValidationError as error:
                self._note(with_title, error)

    def _note(self, name: str, error: ValidationError) -> None:
        self.problems += [f"{name[:120]}: {message}" for message in error.messages]

    def _make_call(self, draft: DraftCall) -> Call:
        slug = slug_of(draft.title)
        if existing_call := Call.objects.filter(slug=slug).first():
            raise ValidationError(
                _("“%(call)s” (%(slug)s) is already recorded: choose it to add the projects.")
                % {"call": existing_call, "slug": existing_call.slug}
            )
        fields = {name: getattr(draft, name) for name in COUNTS}
        call = Call(
            title=draft.title,
            slug=free_slug(taken_by(Call.objects.all()), draft.title, "call"),
            description=draft.description,
            closes_at=draft.closes_at,
            closes_precision=draft.closes_precision,
            **fields,
        )
        save_valid(call)
        call.priorities.set([priority_named(name) for name in draft.priorities])
        return call

    def _fill(self, draft: DraftCall) -> Call:
        """Fill the empty fields of the recorded call. Report values that differ and are kept."""
        assert draft.into
        call = lock_record(draft.into)
        for name in [*COUNTS, "closes_at"]:
            new, old = getattr(draft, name), getattr(call, name)
            if old is None and new is not None:
                setattr(call, name, new)
                if name == "closes_at":
                    call.closes_precision = draft.closes_precision
            elif new is not None and new != old:
                self._warn_of_difference(call, getattr(Call, name).field.verbose_name, old, new)
        save_valid(call)
        kept, read = [row.name for row in call.priorities.all()], draft.priorities
        if not kept:
            call.priorities.set([priority_named(name) for name in read])
        elif read and {*map(fold, kept)} != {*map(fold, read)}:
            self._warn_of_difference(call, _("priorities"), "; ".join(kept), "; ".join(read))
        bump_version(Call, [call.pk])
        return call

    def _warn_of_difference(self, call: Call, label: object, old: object, new: object) -> None:
        sentence = _("“%(call)s” keeps %(old)s for “%(label)s”. The text says %(new)s.")
        sentence %= {"call": call, "old": old, "label": label, "new": new}
        self.saved.warnings.append(sentence)

    def _save_project(self, call: Call, draft: DraftProject, title: str) -> None:
        self._refuse_recorded_project(call, draft)
        rows = without_repeated_countries(draft.rows)
        unsaved = _without_country(rows)
        grant = self._grant(call, draft)
        project = Project(
            call=call,
            reference=free_reference(call),
            title=title,
            description=draft.description,
            as_published=draft.headline,
            internal_note="\n".join(unsaved),
            status=ProjectStatus.FUNDED if self.decided else ProjectStatus.SUBMITTED,
            amount_eur=grant.amount_eur,
            amount_kind=grant.kind,
            starts_on=draft.starts_on,
            ends_on=draft.ends_on,
        )
        if draft.starts_on:
            project.starts_precision = project.ends_precision = Precision.YEAR
        project.slug = free_slug(taken_by(Project.objects.all()), project.reference, "project")
        self.projects[draft.number] = save_valid(project)
        self.saved.projects.append(project)
        self.saved.warnings.extend(f"{project.reference}: {sentence}" for sentence in unsaved)
        project.priorities.set([priority_named(name) for name in draft.priorities])
        project.announced_countries.set(Country.objects.filter(pk__in=draft.announced))
        self._save_rows(project, rows)
        self._keep_flags(draft, project=project)

    def _grant(self, call: Call, draft: DraftProject) -> ProjectGrant:
        """Return the stated grant of a funded project, or else the ceiling of the call."""
        if self.decided and draft.grant:
            return draft.grant
        if self.decided and call.ceiling_eur is not None:
            return ProjectGrant(AmountKind.CEILING, call.ceiling_eur)
        return ProjectGrant(AmountKind.NOT_PUBLISHED)

    def _refuse_recorded_project(self, call: Call, draft: DraftProject) -> None:
        same = Q(as_published=draft.headline) if draft.headline else Q(pk=None)
        if draft.title:
            same |= Q(title=draft.title)
        projects = call.projects.exclude(pk__in=[project.pk for project in self.saved.projects])
        if existing_project := projects.filter(same).first():
            raise ValidationError(
                _("The call already has this project: %(reference)s.")
                % {"reference": existing_project.reference}
            )

    def _save_rows(self, project: Project, rows: list[PartnerDraft]) -> None:
        for position, row in enumerate(rows, start=1):
            if row.country:
                part = Partnership(
                    project=project,
                    partner=self.organisations.meant_by(row, row.country),
                    country_id=row.country,
                    role=row.role,
                    position=position,
                    name_as_published=row.name or "",
                )
                self.parts[row.line] = save_valid(part)

    def _keep_flags(self, draft: DraftCall | DraftProject, **record: Call | Project) -> None:
        """Save the flags with the record, settled or not."""
        AnnouncementFlag.objects.bulk_create(
            AnnouncementFlag(
                sentence=flag.sentence[:500],
                line=flag.line,
                is_settled=flag in draft.settled,
                **record,
            )
            for flag in draft.flags[:MOST_FLAGS]
        )

    def add_source(self, given: Publication) -> None:
        """Add the publication as a source of each record, once."""
        if not given.citation and not given.url:
            return
        about, citation = SourceAbout.ANNOUNCEMENT, given.citation or given.url
        for call in self.saved.calls:
            if not call.sources.filter(citation=citation, url=given.url).exists():
                save_valid(Source(call=call, about=about, citation=citation, url=given.url))
        for project in self.saved.projects:
            save_valid(Source(project=project, about=about, citation=citation, url=given.url))

    def keep_lines(self, lines: list[TextLine]) -> None:
        """Save the lines of the text, each with its record."""
        AnnouncementLine.objects.bulk_create(
            AnnouncementLine(
                announcement=self.saved.announcement,
                number=line.number,
                text=line.text,
                kind=line.kind,
                call=None if line.call is None else self.saved.calls[line.call],
                project=self.projects.get(line.project) if line.project is not None else None,
                partnership=self.parts.get(line.number),
            )
            for line in lines
            if line.kind != LineKind.BLANK
        )


def _without_country(rows: list[PartnerDraft]) -> list[str]:
    """Return a note for each partner that cannot be saved."""
    sentence = _("Not saved as a partner, because the country is missing: %(name)s.")
    return [sentence % {"name": row.name} for row in rows if row.name and not row.country]
