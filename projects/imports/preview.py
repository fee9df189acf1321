"""What a plan's page shows, as plain data that can be kept until it is confirmed."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from projects.imports.summary import facts_of, part_change, remarks_on, summary
from projects.models import Role
from psf.impact.preview import Impact, preview_impact

from .apply import write
from .organisations import MOST_NEW, Organisation, key_of, why_recognised
from .plan import Plan, ProjectPlan

MOST_SHOWN = 500  # of each kind; the sentences above count all
MOST_TRIED = 500  # public projects and organisations that change

Data = dict[str, Any]


def preview_of(plan: Plan) -> Data:
    """The whole page: sentences first, then what stands behind each."""
    names = {country.pk: country.name for country, _number in plan.countries()}
    new = plan.new_organisations()
    sections: dict[str, Iterable[Data]] = {
        "new": (_new(project) for project in plan.new()),
        "changed": (_changed(project) for project in plan.changed()),
        "recognised": (_recognised(found, names) for found in plan.recognised()),
        "new_organisations": (_organisation(found, names) for found in new if not found.similar),
        "changed_organisations": (_changes(found) for found in plan.changed_organisations()),
    }
    return {
        "changes": plan.changes(),
        "near": [_organisation(found, names) for found in new if found.similar],
        "summary": summary(plan),
        "compared": len(new) <= MOST_NEW,
        "most": MOST_SHOWN,
        "seen": seen_of(plan),
        "countries": [[country.name, number] for country, number in plan.countries()],
        **{name: list(islice(rows, MOST_SHOWN)) for name, rows in sections.items()},
    }


def _new(project: ProjectPlan) -> Data:
    lead = next((part.name for part in project.new_parts if part.role == Role.LEAD), "")
    return {
        "reference": project.reference,
        "title": project.title,
        "lead": lead,
        "partners": len(project.new_parts),
        "countries": ", ".join(dict.fromkeys(part.country for part in project.new_parts)),
        "notes": project.notes,
    }


def _changed(project: ProjectPlan) -> Data:
    lines = [list(difference) for difference in project.differences]
    lines += [[part.name, *part_change(part).split(" → ")] for part in project.changed_parts]
    lines += [[_("New partner"), "", part.name] for part in project.new_parts]
    return {
        "key": project.pk,
        "reference": project.reference,
        "title": project.title,
        "lines": lines,
        "notes": remarks_on(project),
    }


def _recognised(found: Organisation, countries: dict[str, str]) -> Data:
    return {
        "key": found.pk,
        "name": found.name,
        "recorded": found.recorded_name,
        "country": countries[found.country],
        "why": why_recognised(found),
    }


def _organisation(found: Organisation, countries: dict[str, str]) -> Data:
    return {
        "key": list(key_of(found.name, found.country)),
        "name": found.name,
        "country": countries[found.country],
        "near": [
            {
                "pk": candidate.partner.pk,
                "name": candidate.partner.name,
                "why": str(candidate.reasons[0].label),
            }
            for candidate in found.similar
        ],
    }


def _changes(found: Organisation) -> Data:
    return {"key": found.pk, "name": found.recorded_name, "lines": facts_of(found)}


def seen_of(plan: Plan) -> Data | None:
    """What readers will see otherwise as soon as this is saved; None if it concerns no reader.

    Only what is recorded already is tried: what is new is a draft.
    """
    projects = [project for project in plan.changed() if project.public]
    changed = plan.changed_organisations()
    if not projects and not changed:
        return None
    if len(projects) + len(changed) > MOST_TRIED:
        why = _("More changes than can be compared before they are saved. They are listed below.")
        return Impact([], [], why_unknown=why).as_data()
    parts = [part for project in projects for part in project.new_parts]
    wanted = {id(found) for found in [*changed, *(part.organisation for part in parts)]}
    some = {key: found for key, found in plan.organisations.items() if id(found) in wanted}
    seen = preview_impact(lambda: write(Plan(plan.call, projects, some)))
    for found in some.values():
        found.made = None
    return seen and seen.as_data()
