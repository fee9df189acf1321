"""The preview of a plan, as plain data that is stored until the import is confirmed."""

from collections.abc import Container, Iterable
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from projects.imports.summary import (
    new_project_facts,
    organisation_changes,
    participation_change,
    remarks_on,
    shared_notes,
    summary,
)
from projects.models import Role
from psf.impact.preview import Impact, preview_impact

from .apply import write_plan
from .organisations import MOST_NEW, Organisation, key_of, recognition_reason
from .plan import Plan, ProjectPlan

MOST_SHOWN = 500  # rows of each section; the summary counts all
MOST_COMPARED_CHANGES = 500  # changed public projects and organisations

Data = dict[str, Any]


def preview_of(plan: Plan) -> Data:
    """The data of the preview page: the summary and the sections with details."""
    names = {country.pk: country.name for country, _number in plan.countries()}
    new, shared = plan.new_organisations(), shared_notes(plan)
    sections: dict[str, Iterable[Data]] = {
        "new": (_new(project, shared) for project in plan.new()),
        "changed": (_changed(project, shared) for project in plan.changed()),
        "recognised": (
            _recognised(row, names) for row in plan.recognised() if not row.is_unconfirmed
        ),
        "new_organisations": (_organisation(row, names) for row in new if not row.similar),
        "changed_organisations": (_changes(row) for row in plan.changed_organisations()),
    }
    return {
        "changes": plan.has_changes(),
        "near": [
            *(_organisation(row, names) for row in new if row.similar),
            *(_generic(row, names) for row in plan.unconfirmed()),
        ],
        "summary": [*summary(plan), *shared.values()],
        "compared": len(new) <= MOST_NEW,
        "most": MOST_SHOWN,
        "impact": impact_of(plan),
        "countries": [[country.name, number] for country, number in plan.countries()],
        **{name: list(islice(rows, MOST_SHOWN)) for name, rows in sections.items()},
    }


def _new(project: ProjectPlan, shared: Container[str]) -> Data:
    lead = next((row.name for row in project.new_partners if row.role == Role.LEAD), "")
    return {
        "reference": project.reference,
        "title": project.title,
        "lead": lead,
        "facts": new_project_facts(project),
        "partners": len(project.new_partners),
        "countries": ", ".join(dict.fromkeys(row.country for row in project.new_partners)),
        "notes": [note for note in project.notes if note not in shared],
    }


def _changed(project: ProjectPlan, shared: Container[str]) -> Data:
    lines = [list(difference) for difference in project.differences]
    lines += [[row.name, *participation_change(row)] for row in project.changed_partners]
    lines += [[_("New partner"), "", row.name] for row in project.new_partners]
    return {
        "key": project.pk,
        "reference": project.reference,
        "title": project.title,
        "lines": lines,
        "notes": [note for note in remarks_on(project) if note not in shared],
    }


def _recognised(organisation: Organisation, countries: dict[str, str]) -> Data:
    return {
        "key": organisation.pk,
        "name": organisation.name,
        "recorded": organisation.recorded_name,
        "country": countries[organisation.country],
        "why": recognition_reason(organisation),
    }


def _organisation(organisation: Organisation, countries: dict[str, str]) -> Data:
    return {
        "key": list(key_of(organisation.name, organisation.country)),
        "name": organisation.name,
        "country": countries[organisation.country],
        "near": [
            {
                "pk": candidate.partner.pk,
                "name": candidate.partner.name,
                "why": str(candidate.reasons[0].label),
            }
            for candidate in organisation.similar
        ],
    }


def _generic(organisation: Organisation, countries: dict[str, str]) -> Data:
    candidate = {
        "pk": organisation.pk,
        "name": organisation.recorded_name,
        "why": recognition_reason(organisation),
    }
    return _organisation(organisation, countries) | {"near": [candidate]}


def _changes(organisation: Organisation) -> Data:
    return {
        "key": organisation.pk,
        "name": organisation.recorded_name,
        "lines": organisation_changes(organisation),
    }


def impact_of(plan: Plan) -> Data | None:
    """The changes that readers see after saving, None for none. New records are drafts."""
    projects = [project for project in plan.changed() if project.public]
    changed = plan.changed_organisations()
    if not projects and not changed:
        return None
    if len(projects) + len(changed) > MOST_COMPARED_CHANGES:
        why = _("Too many changes for a comparison before saving. They are listed below.")
        return Impact([], [], why_unknown=why).as_data()
    new_partners = [partner for project in projects for partner in project.new_partners]
    relevant = {id(row) for row in [*changed, *(row.organisation for row in new_partners)]}
    organisations = {key: row for key, row in plan.organisations.items() if id(row) in relevant}
    impact = preview_impact(lambda: write_plan(Plan(plan.call, projects, organisations)))
    for organisation in organisations.values():
        organisation.new_pk = None
    return impact and impact.as_data()
