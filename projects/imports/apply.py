"""Saves a plan: everything in one transaction, or nothing."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.db import DatabaseError, IntegrityError
from django.db.models import F
from django.utils.translation import gettext as _, gettext_lazy

from partners.matching.duplicates import find_duplicates_of
from partners.models import Country, Partner, PartnerKind
from partners.slugs import taken_slugs
from projects.imports.differences import LINKS, name_as_published
from projects.imports.parser import Progress, ProjectTable, no_progress
from projects.models import Call, Partnership, Project, Role
from psf.caching.data_version import DataVersion
from psf.database.record_version import lock, lock_record
from psf.database.sql import chunked
from psf.history import recording
from psf.history.models import ChangeSet, Channel
from psf.search.index import update_indexes
from psf.text.slugs import FreeSlugs

from .organisations import MOST_NEW, Key, Organisation
from .plan import Author, Plan, ProjectPlan, make_plan
from .problems import refuse

logger = logging.getLogger(__name__)

CHUNK = 500
RECORDS_CHANGED = gettext_lazy(
    "The records have changed since this preview. Check the new preview."
)
RECORDS_LOCKED = gettext_lazy("Somebody else is changing these records now. Try again.")


def import_table(
    table: ProjectTable,
    call: Call,
    author: Author,
    expected: str = "",
    choices: dict[Key, int | None] | None = None,
    progress: Progress = no_progress,
    finish: Callable[[Plan], None] = lambda plan: None,
) -> Plan:
    """Save the projects of the file in the call: everything, or nothing. Raises `Refused`.

    `expected` is the `Plan.fingerprint()` of the preview, "" without a preview. `finish` runs at
    the end of the transaction.
    """
    version = _data_version()
    plan = make_plan(table, call, author.may_decide, choices, progress)
    if expected and plan.fingerprint() != expected:
        raise refuse(str(RECORDS_CHANGED))
    with _locked_records(plan, author) as plan.change_set:
        if _data_version() != version:
            second_plan = make_plan(table, plan.call, author.may_decide, choices)
            if second_plan.fingerprint() != plan.fingerprint():
                raise refuse(str(RECORDS_LOCKED))
        if plan.has_changes():
            write_plan(plan, progress)
            update_indexes(partial(progress, _("Search index updated")))
        finish(plan)
    _find_duplicates(plan.new_organisations())
    return plan


def _find_duplicates(new: list[Organisation]) -> None:
    """Compare new organisations with each other and with the recorded ones, unless they are many.

    Runs after the import, because each comparison takes some milliseconds. An error does not
    concern the import, which is saved: the search of each night finds the same pairs.
    """
    keys = [organisation.key() for organisation in new] if len(new) <= MOST_NEW else []
    try:
        for partner in Partner.objects.filter(pk__in=keys):
            find_duplicates_of(partner)
    except DatabaseError:
        logger.exception("The new organisations of an import were not compared.")


def _data_version() -> int | None:
    """A number that differs after each change of a call, project or partner."""
    return DataVersion.objects.values_list("value", flat=True).first()


@contextmanager
def _locked_records(plan: Plan, author: Author) -> Iterator[ChangeSet]:
    """A transaction with locks on the records of the plan.

    Other transactions may still add foreign keys to the call and the countries.
    """
    codes = {organisation.country for organisation in plan.new_organisations()}
    try:
        with recording.change_set(author.user, channel=Channel.IMPORT, reason=author.file) as made:
            lock_record(plan.call)
            lock(Country.objects.filter(pk__in=codes))
            for keys in chunked((project.key() for project in plan.changed()), CHUNK):
                lock(Project.objects.filter(pk__in=keys))
            for keys in chunked((row.key() for row in plan.changed_organisations()), CHUNK):
                lock(Partner.objects.filter(pk__in=keys))
            yield made
    except IntegrityError:
        raise refuse(str(RECORDS_LOCKED)) from None


def write_plan(plan: Plan, progress: Progress = no_progress) -> None:
    """Write the plan without checks. The caller holds a transaction."""
    _Writer(plan, progress).write()


class _Writer:
    """Writes a plan in chunks, in the order of the file."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        self.plan = plan
        self.progress = progress
        self.slugs = FreeSlugs(Project.objects.values_list("slug", flat=True))

    def write(self) -> None:
        self._add_organisations(self.plan.new_organisations())
        self._change_organisations(self.plan.changed_organisations())
        changed, new = self.plan.changed(), self.plan.new()
        total, done = len(changed) + len(new), 0
        for write_chunk, projects in [(self._change, changed), (self._add, new)]:
            for chunk in chunked(projects, CHUNK):
                write_chunk(chunk)
                done += len(chunk)
                self.progress(_("Projects saved"), done, total)

    def _add_organisations(self, organisations: list[Organisation]) -> None:
        slugs, done = FreeSlugs(taken_slugs()), 0
        for chunk in chunked(organisations, CHUNK):
            partners = Partner.objects.bulk_create(
                Partner(
                    name=organisation.name,
                    slug=slugs.take(organisation.name, organisation.country),
                    country_id=organisation.country,
                    kind=organisation.fact("kind", PartnerKind.UNKNOWN),
                    website=organisation.fact("website", ""),
                    name_language=organisation.fact("name_language", ""),
                )
                for organisation in chunk
            )
            for organisation, partner in zip(chunk, partners, strict=True):
                organisation.new_pk = partner.pk
            done += len(chunk)
            self.progress(_("Organisations saved"), done, len(organisations))

    def _change_organisations(self, organisations: list[Organisation]) -> None:
        for organisation in organisations:
            values = {name: new for name, (_old, new) in organisation.changes.items()}
            Partner.objects.filter(pk=organisation.key()).update(**values, version=F("version") + 1)

    def _add(self, plans: list[ProjectPlan]) -> None:
        projects = Project.objects.bulk_create(
            Project(
                call=self.plan.call,
                reference=plan.reference,
                slug=self.slugs.take(plan.reference, "project"),
                **plan.fields,
            )
            for plan in plans
        )
        for plan, project in zip(plans, projects, strict=True):
            plan.new_pk = project.pk
        self._add_partners(plans)
        self._add_terms(plans)

    def _change(self, plans: list[ProjectPlan]) -> None:
        """A change of partners alone is a change of the project too."""
        projects = Project.objects.in_bulk([plan.key() for plan in plans])
        for plan in plans:
            project = projects[plan.key()]
            for name, value in plan.fields.items():
                setattr(project, name, value)
            project.version += 1
            project.save(update_fields=[*plan.fields, "version", "changed_at"])
        changes = [change for plan in plans for change in plan.changed_partners]
        # At any moment a project has at most one lead partner: demote before promoting.
        for change in sorted(changes, key=lambda change: change.new[0] == Role.LEAD):
            role, country = change.new
            Partnership.objects.filter(pk=change.pk).update(role=role, country=country)
        for name, (link, _term) in LINKS.items():
            changed = [plan.key() for plan in plans if name in plan.terms]
            link.objects.filter(project__in=changed).delete()
        self._add_partners(plans)
        self._add_terms(plans)

    def _add_partners(self, plans: list[ProjectPlan]) -> None:
        Partnership.objects.bulk_create(
            Partnership(
                project_id=plan.key(),
                partner_id=partner.organisation.key() if partner.organisation else None,
                country_id=partner.country,
                role=partner.role,
                position=partner.position,
                name_as_published=(
                    partner.name if plan.is_quoted() else name_as_published(partner)
                ),
            )
            for plan in plans
            for partner in plan.new_partners
        )

    def _add_terms(self, plans: list[ProjectPlan]) -> None:
        for name, (link, term_field) in LINKS.items():
            link.objects.bulk_create(
                link(project_id=plan.key(), **{f"{term_field}_id": term.pk})
                for plan in plans
                for term in plan.terms.get(name, ())
            )
