"""Saves a plan: everything in one transaction, or nothing."""

import logging
from collections.abc import Callable

from django.db import DatabaseError, IntegrityError
from django.db.models import F
from django.utils.translation import gettext_lazy

from partners.matching.duplicates import find_duplicates_of
from partners.models import Partner, PartnerKind
from partners.slugs import taken_slugs
from projects.imports.differences import ProjectPlan
from projects.imports.organisations import MOST_NEW, Key, Organisation
from projects.imports.parser import PartnerRow, ProjectTable
from projects.imports.plan import Author, Plan, make_plan
from projects.imports.problems import refuse
from projects.models import Call, Partnership, Project, Role
from psf.database.record_version import lock, lock_record
from psf.history import recording
from psf.history.models import Channel
from psf.search.index import update_indexes
from psf.text.folding import fold
from psf.text.slugs import FreeSlugs

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
    finish: Callable[[Plan], None] = lambda plan: None,
) -> Plan:
    """Save the projects of the file in the call: everything, or nothing. Raises `Refused`.

    `expected` is the `Plan.fingerprint()` of the preview, "" without a preview. `finish` runs at
    the end of the transaction. The call and its projects are locked before they are compared.
    """
    try:
        with recording.change_set(author.user, channel=Channel.IMPORT, reason=author.file) as made:
            lock_record(call)
            lock(call.projects.all())
            plan = make_plan(table, call, author.may_decide, choices)
            if expected and plan.fingerprint() != expected:
                raise refuse(str(RECORDS_CHANGED))
            plan.change_set = made
            if plan.has_changes():
                write_plan(plan)
                update_indexes()
            finish(plan)
    except IntegrityError:
        raise refuse(str(RECORDS_LOCKED)) from None
    _find_duplicates(plan.new_organisations())
    return plan


def _find_duplicates(new: list[Organisation]) -> None:
    """Compare new organisations with each other and with the recorded ones, unless they are many.

    Runs after the import. An error does not concern the import, which is saved: the search of
    each night finds the same pairs.
    """
    keys = [organisation.key() for organisation in new] if len(new) <= MOST_NEW else []
    try:
        find_duplicates_of(*Partner.objects.filter(pk__in=keys).select_related("country"))
    except DatabaseError:
        logger.exception("The new organisations of an import were not compared.")


def write_plan(plan: Plan) -> None:
    """Write the plan without checks. The caller holds a transaction."""
    _add_organisations(plan.new_organisations())
    for organisation in plan.changed_organisations():
        old = {name: value for name, (value, _new) in organisation.changes.items()}
        new = {name: value for name, (_old, value) in organisation.changes.items()}
        record = Partner.objects.filter(pk=organisation.key(), **old)
        if not record.update(**new, version=F("version") + 1):
            raise refuse(str(RECORDS_LOCKED))
    changed, new_projects = plan.changed(), plan.new()
    _change(changed)
    _add(plan.call, new_projects)
    _add_partners([*changed, *new_projects])
    _set_terms([*changed, *new_projects])


def _add_organisations(organisations: list[Organisation]) -> None:
    slugs = FreeSlugs(taken_slugs())
    partners = [
        Partner(
            name=organisation.name,
            slug=slugs.take(organisation.name, organisation.country),
            country_id=organisation.country,
            kind=organisation.fact("kind", PartnerKind.UNKNOWN),
            website=organisation.fact("website", ""),
            name_language=organisation.fact("name_language", ""),
        )
        for organisation in organisations
    ]
    Partner.objects.bulk_create(partners, CHUNK)
    for organisation, partner in zip(organisations, partners, strict=True):
        organisation.new_pk = partner.pk


def _add(call: Call, plans: list[ProjectPlan]) -> None:
    slugs = FreeSlugs(Project.objects.values_list("slug", flat=True))
    projects = [
        Project(
            call=call,
            reference=plan.reference,
            slug=slugs.take(plan.reference, "project"),
            **plan.fields,
        )
        for plan in plans
    ]
    Project.objects.bulk_create(projects, CHUNK)
    for plan, project in zip(plans, projects, strict=True):
        plan.new_pk = project.pk


def _change(plans: list[ProjectPlan]) -> None:
    """A change of partners alone is a change of the project too."""
    projects = Project.objects.in_bulk([plan.key() for plan in plans])
    for plan in plans:
        project = projects[plan.key()]
        for name, value in plan.fields.items():
            setattr(project, name, value)
        project.version += 1
        project.save(update_fields=[*plan.fields, "version"])
        Partnership.objects.filter(pk__in=plan.removed_partners).delete()
        # At any moment a project has at most one lead partner: demote before promoting.
        partners = plan.changed_partners.items()
        in_order = sorted(partners, key=lambda item: item[1][0] == Role.LEAD)
        for pk, (role, country, position) in in_order:
            Partnership.objects.filter(pk=pk).update(role=role, country=country, position=position)


def _add_partners(plans: list[ProjectPlan]) -> None:
    partnerships = [
        Partnership(
            project_id=plan.key(),
            partner_id=row.partner_id(),
            country_id=row.country,
            role=row.role,
            position=row.position,
            name_as_published=_name_as_published(plan, row),
        )
        for plan in plans
        for row in plan.new_partners
    ]
    Partnership.objects.bulk_create(partnerships, CHUNK)


def _name_as_published(plan: ProjectPlan, row: PartnerRow) -> str:
    """The spelling in the file, "" if the organisation has the same.

    A quoted project keeps each name as it is written.
    """
    if plan.rows.quoted or row.organisation is None:
        return row.name
    recorded_name = row.organisation.recorded_name or row.organisation.name
    return row.name if row.name != recorded_name and fold(row.name) else ""


def _set_terms(plans: list[ProjectPlan]) -> None:
    for plan in plans:
        for name, terms in plan.terms.items():
            getattr(Project(pk=plan.key()), name).set([term.pk for term in terms])
