"""Writing what a plan says: all of it in one transaction, or nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.models import Country, Partner, PartnerKind
from partners.slugs import taken_slugs
from projects.imports.parser import Progress, Table, nobody_asks
from projects.imports.partner_diff import name_as_published
from projects.models import Call, Partnership, Project, Role
from psf.caching.models import DataVersion
from psf.database.bulk_insert import bulk_insert, reserve_keys
from psf.database.record_version import lock
from psf.database.sql import chunked
from psf.history import recording
from psf.history.models import Channel
from psf.search.maintenance import update_indexes
from psf.text.slugs import FreeSlugs

from .organisations import Key, Organisation
from .plan import Plan, ProjectPlan, make_plan
from .problems import refuse
from .records import Author

CHUNK = 500
CHANGED = gettext_lazy("The records have changed since you were shown this: look at it again.")
MEANWHILE = gettext_lazy("Somebody is changing these records at this moment: try again.")


def import_table(
    table: Table,
    call: Call,
    author: Author,
    expected: str = "",
    choices: dict[Key, int] | None = None,
    progress: Progress = nobody_asks,
    finish: Callable[[Plan], None] = lambda plan: None,
) -> Plan:
    """Write the file's projects into the call: everything, or nothing; raises `Refused`.

    `expected` is what `Plan.met()` was when a person saw it. `finish` ends the transaction.
    """
    version = _data_version()
    plan = make_plan(table, call, author.may_decide, choices, progress)
    if expected and plan.met() != expected:
        raise refuse(str(CHANGED))
    with _holding_still(plan, author):
        if version is None or _data_version() != version:
            again = make_plan(table, plan.call, author.may_decide, choices)
            if again.met() != plan.met():
                raise refuse(str(MEANWHILE))
        if plan.changes():
            write(plan, progress)
            update_indexes(partial(progress, _("Records made findable")))
        finish(plan)
    return plan


def _data_version() -> int | None:
    """It differs once anything of calls, projects or partners was changed, by whomever."""
    return DataVersion.objects.values_list("value", flat=True).first()


@contextmanager
def _holding_still(plan: Plan, author: Author) -> Iterator[None]:
    """A transaction in which nobody else changes these records, or imports the same ones.

    Others may still point at the call and at the countries.
    """
    codes = {organisation.country for organisation in plan.new_organisations()}
    try:
        with recording.change_set(author.user, channel=Channel.IMPORT, reason=author.file):
            plan.call = Call.objects.select_for_update(no_key=True).get(pk=plan.call.pk)
            countries = Country.objects.filter(pk__in=codes).order_by("pk")
            list(countries.select_for_update(no_key=True))
            for projects in chunked(plan.changed(), CHUNK):
                lock(Project.objects.filter(pk__in=[project.pk for project in projects]))
            for organisations in chunked(plan.changed_organisations(), CHUNK):
                lock(Partner.objects.filter(pk__in=[found.pk for found in organisations]))
            yield
    except IntegrityError:
        raise refuse(str(MEANWHILE)) from None


def write(plan: Plan, progress: Progress = nobody_asks) -> None:
    """Write the plan as it is, in the transaction of whoever asks for it."""
    _Writer(plan, progress).write()


class _Writer:
    """Writes a plan, some rows at a time. Everything is made in the order of the file.

    Keys are asked for once: between the rows that would wait for those before.
    """

    def __init__(self, plan: Plan, progress: Progress) -> None:
        self.plan = plan
        self.progress = progress
        self.slugs = FreeSlugs(Project.objects.values_list("slug", flat=True))
        self.links: Any = Project.priorities.through
        priorities = (len(project.priorities or ()) for project in plan.projects)
        self.keys = {
            model: reserve_keys(model, number)
            for model, number in [
                (Partner, plan.numbers.new_organisations),
                (Project, plan.numbers.new),
                (Partnership, plan.numbers.new_parts),
                (self.links, sum(priorities)),
            ]
        }

    def write(self) -> None:
        self._add_organisations(self.plan.new_organisations())
        self._change_organisations(self.plan.changed_organisations())
        changed, new = self.plan.changed(), self.plan.new()
        total, done = len(changed) + len(new), 0
        for write, projects in [(self._change, changed), (self._add, new)]:
            for chunk in chunked(projects, CHUNK):
                write(chunk)
                done += len(chunk)
                self.progress(_("Projects saved"), done, total)

    def _add_organisations(self, organisations: list[Organisation]) -> None:
        slugs, done = FreeSlugs(taken_slugs()), 0
        for chunk in chunked(organisations, CHUNK):
            made = bulk_insert(
                Partner(
                    pk=next(self.keys[Partner]),
                    name=found.name,
                    slug=slugs.take(found.name, found.country),
                    country_id=found.country,
                    kind=found.fact("kind", PartnerKind.OTHER),
                    website=found.fact("website", ""),
                )
                for found in chunk
            )
            for found, partner in zip(chunk, made, strict=True):
                found.made = partner.pk
            done += len(chunk)
            self.progress(_("Organisations saved"), done, len(organisations))

    def _change_organisations(self, organisations: list[Organisation]) -> None:
        for found in organisations:
            values = {name: new for name, (_old, new) in found.changes.items()}
            Partner.objects.filter(pk=found.key()).update(**values, version=F("version") + 1)

    def _add(self, plans: list[ProjectPlan]) -> None:
        made = bulk_insert(
            Project(
                pk=next(self.keys[Project]),
                call=self.plan.call,
                reference=plan.reference,
                slug=self.slugs.take(plan.reference, "project"),
                **plan.fields,
            )
            for plan in plans
        )
        for plan, project in zip(plans, made, strict=True):
            plan.made = project.pk
        self._add_parts(plans)
        self._add_priorities(plans)

    def _change(self, plans: list[ProjectPlan]) -> None:
        """Also a project of which only the parts change: they are edited with it."""
        projects = Project.objects.in_bulk([plan.key() for plan in plans])
        for plan in plans:
            project = projects[plan.key()]
            for name, value in plan.fields.items():
                setattr(project, name, value)
            project.version += 1
            project.save(update_fields=[*plan.fields, "version", "changed_at"])
        changes = [change for plan in plans for change in plan.changed_parts]
        # A lead partner steps back before another one takes its place.
        for change in sorted(changes, key=lambda change: change.new[0] == Role.LEAD):
            role, country = change.new
            Partnership.objects.filter(pk=change.pk).update(role=role, country=country)
        chosen = [plan.key() for plan in plans if plan.priorities is not None]
        self.links.objects.filter(project__in=chosen).delete()
        self._add_parts(plans)
        self._add_priorities(plans)

    def _add_parts(self, plans: list[ProjectPlan]) -> None:
        bulk_insert(
            Partnership(
                pk=next(self.keys[Partnership]),
                project_id=plan.key(),
                partner_id=part.organisation.key() if part.organisation else None,
                country_id=part.country,
                role=part.role,
                position=part.position,
                name_as_published=name_as_published(part),
            )
            for plan in plans
            for part in plan.new_parts
        )

    def _add_priorities(self, plans: list[ProjectPlan]) -> None:
        bulk_insert(
            self.links(
                pk=next(self.keys[self.links]), project_id=plan.key(), priority_id=priority.pk
            )
            for plan in plans
            for priority in plan.priorities or ()
        )
