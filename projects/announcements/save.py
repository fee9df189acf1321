"""Makes the records of a draft: all of them, through the rules of the models, or none."""

import hashlib
from typing import NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from partners.matching.duplicates import find_duplicates_of
from partners.models import Country, Partner
from projects.announcements.create import free_reference, made, priority_named
from projects.announcements.drafts import (
    DraftCall,
    DraftProject,
    DraftRow,
    without_repeated_countries,
)
from projects.announcements.lines import Line
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
from psf.database.record_version import bump_version
from psf.history import recording
from psf.history.models import Channel
from psf.search.maintenance import update_indexes
from psf.text.dates import Precision
from psf.text.slugs import free_slug, slug_of, taken_by

MOST_FLAGS = 60  # of one record: as many as its form can hold
COUNTS = ["received_count", "eligible_count", "funded_count", "ceiling_eur"]


class Given(NamedTuple):
    """Where the text was published, as far as the person said; readers are told."""

    citation: str = ""
    url: str = ""


class Saved(NamedTuple):
    """What was made: calls (also those that projects were added to), projects, organisations.

    `left` are sentences about what a call already said otherwise, which stays.
    """

    announcement: Announcement
    calls: list[Call]
    projects: list[Project]
    organisations: list[Partner]
    left: list[str]


def save(
    drafts: list[DraftCall],
    lines: list[Line],
    decided: bool,
    by: User | None,
    source: Given = Given(),  # noqa: B008 (nothing can change it)
) -> Saved:
    """Make the records of an announcement, as drafts that no reader sees.

    `decided`: the person may say that the projects are funded, with their ceiling and by whom;
    else they are applications. `by` is the account of that person, None for a command.
    Raises ValidationError with a sentence for all that is wrong.
    """
    title = next((line.text.strip() for line in lines if not line.is_blank()), "")[:300]
    with recording.change_set(by, channel=Channel.ANNOUNCEMENT, reason=title):
        fingerprint = fingerprint_of(lines)
        _refuse_a_second_time(fingerprint)
        announcement = made(Announcement(title=title, fingerprint=fingerprint))
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


def fingerprint_of(lines: list[Line]) -> str:
    return hashlib.sha256("\n".join(line.text for line in lines).encode()).hexdigest()


def _refuse_a_second_time(fingerprint: str) -> None:
    before = AnnouncementLine.objects.filter(
        announcement__fingerprint=fingerprint, project__isnull=False
    )
    if line := before.select_related("announcement", "project__call").first():
        assert line.project
        raise ValidationError(
            _("This very text was saved already: its projects are in “%(call)s”.")
            % {"call": line.project.call}
        )


class _Saver:
    def __init__(self, announcement: Announcement, decided: bool, by: User | None) -> None:
        self.decided, self.by = decided, by
        self.organisations = DraftOrganisations(by, source=str(announcement))
        self.saved = Saved(announcement, [], [], self.organisations.made, [])
        self.problems: list[str] = []
        self.projects: dict[int, Project] = {}  # by their numbers in the text
        self.parts: dict[int, Partnership] = {}  # by their lines

    def save_call(self, draft: DraftCall) -> None:
        if not draft.title.strip() and draft.into is None:
            self.problems.append(_("Give the call a title: the text has no heading for it."))
            return
        try:
            call = self._fill(draft) if draft.into else self._make_call(draft)
        except ValidationError as error:
            self._note(draft.title or str(draft.into), error)
            return
        self.saved.calls.append(call)
        self._keep_flags(draft, call=call)
        if self.decided and draft.decided_by and not hasattr(call, "decision"):
            made(Decision(call=call, body=draft.decided_by))
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
        if there := Call.objects.filter(slug=slug).first():
            raise ValidationError(
                _("“%(call)s” is here already (%(slug)s): choose it to add these projects to it.")
                % {"call": there, "slug": there.slug}
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
        made(call)
        call.priorities.set([priority_named(name) for name in draft.priorities])
        return call

    def _fill(self, draft: DraftCall) -> Call:
        """What the chosen call does not say yet; what it says otherwise stays and is told."""
        assert draft.into
        call = Call.objects.select_for_update().get(pk=draft.into.pk)
        for name in [*COUNTS, "closes_at"]:
            new, old = getattr(draft, name), getattr(call, name)
            if old is None and new is not None:
                setattr(call, name, new)
                if name == "closes_at":
                    call.closes_precision = draft.closes_precision
            elif new is not None and new != old:
                self._tell_what_stays(call, name, new)
        made(call)
        if not call.priorities.exists():
            call.priorities.set([priority_named(name) for name in draft.priorities])
        bump_version(Call, [call.pk])
        return call

    def _tell_what_stays(self, call: Call, name: str, new: object) -> None:
        label = getattr(Call, name).field.verbose_name
        sentence = _("“%(call)s” keeps %(old)s for “%(label)s”; the text says %(new)s.")
        values = {"call": call, "old": getattr(call, name), "label": label, "new": new}
        self.saved.left.append(sentence % values)

    def _save_project(self, call: Call, draft: DraftProject, title: str) -> None:
        self._refuse_if_there(call, draft)
        rows = without_repeated_countries(draft.rows)
        amount = call.ceiling_eur if self.decided else None
        project = Project(
            call=call,
            reference=free_reference(call),
            title=title,
            description=draft.description,
            as_published=draft.headline,
            internal_note="\n".join(_without_country(rows)),
            status=ProjectStatus.FUNDED if self.decided else ProjectStatus.SUBMITTED,
            amount_eur=amount,
            amount_kind=AmountKind.NOT_PUBLISHED if amount is None else AmountKind.CEILING,
            starts_on=draft.starts_on,
            ends_on=draft.ends_on,
        )
        if draft.starts_on:
            project.starts_precision = project.ends_precision = Precision.YEAR
        project.slug = free_slug(taken_by(Project.objects.all()), project.reference, "project")
        self.projects[draft.number] = made(project)
        self.saved.projects.append(project)
        project.priorities.set([priority_named(name) for name in draft.priorities])
        project.announced_countries.set(Country.objects.filter(pk__in=draft.announced))
        self._save_rows(project, rows)
        self._keep_flags(draft, project=project)

    def _refuse_if_there(self, call: Call, draft: DraftProject) -> None:
        same = call.projects.exclude(pk__in=[made.pk for made in self.saved.projects])
        same = same.filter(as_published=draft.headline) if draft.headline else same.none()
        if there := same.first():
            raise ValidationError(
                _("The call has a project with this headline already: %(reference)s.")
                % {"reference": there.reference}
            )

    def _save_rows(self, project: Project, rows: list[DraftRow]) -> None:
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
                self.parts[row.line] = made(part)

    def _keep_flags(self, draft: DraftCall | DraftProject, **record: Call | Project) -> None:
        """What was pointed out, for whoever has not settled it yet."""
        AnnouncementFlag.objects.bulk_create(
            AnnouncementFlag(
                sentence=flag.sentence[:500],
                line=flag.line,
                is_settled=flag in draft.settled,
                **record,
            )
            for flag in draft.flags[:MOST_FLAGS]
        )

    def add_source(self, given: Given) -> None:
        """Say of each record where it was published, unless it says so already."""
        if not given.citation and not given.url:
            return
        about, citation = SourceAbout.ANNOUNCEMENT, given.citation or given.url
        for call in self.saved.calls:
            if not call.sources.filter(citation=citation, url=given.url).exists():
                made(Source(call=call, about=about, citation=citation, url=given.url))
        for project in self.saved.projects:
            made(Source(project=project, about=about, citation=citation, url=given.url))

    def keep_lines(self, lines: list[Line]) -> None:
        """The text, line by line, each with the record that it became."""
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


def _without_country(rows: list[DraftRow]) -> list[str]:
    """What cannot be saved as a partner, for the note to the project."""
    sentence = _("Without a country, and so not among the partners: %(name)s.")
    return [sentence % {"name": row.name} for row in rows if row.name and not row.country]
