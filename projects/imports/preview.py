"""The preview of a plan, as plain data that is stored until the import is confirmed."""

from collections.abc import Callable, Container, Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _, ngettext

from partners.models import Partner
from projects.imports.apply import write_plan
from projects.imports.differences import ChangedPartner, format_field, name_of_field
from projects.imports.organisations import MOST_NEW, Organisation, key_of, recognition_reason
from projects.imports.plan import Plan, ProjectPlan
from projects.models import Role
from psf.history.tracking import fields_of
from psf.history.words import format_value
from psf.impact.preview import Impact, preview_impact
from psf.text.numbers import number
from psf.text.phrases import join_names

MOST_NAMED = 10  # projects with the same note


def summary(plan: Plan) -> list[str]:
    """Sentences with the numbers of new, changed and unchanged records, without zeros."""
    new, changed = _("New: %(what)s."), _("Changed: %(what)s.")
    new_rows = sum(len(project.new_partners) for project in plan.projects)
    changed_rows = sum(len(project.changed_partners) for project in plan.projects)
    counts: list[tuple[str, Callable[[int], str], int]] = [
        (new, projects_in_words, len(plan.new())),
        (changed, projects_in_words, len(plan.changed())),
        (_("Unchanged: %(what)s."), projects_in_words, len(plan.same())),
        (new, partner_rows_in_words, new_rows),
        (changed, partner_rows_in_words, changed_rows),
        (new, organisations_in_words, len(plan.new_organisations())),
        (changed, organisations_in_words, len(plan.changed_organisations())),
    ]
    return [sentence % {"what": words(count)} for sentence, words, count in counts if count]


def projects_in_words(count: int) -> str:
    words = ngettext("%(count)s project", "%(count)s projects", count)
    return words % {"count": number(count)}


def partner_rows_in_words(count: int) -> str:
    words = ngettext("%(count)s partner row", "%(count)s partner rows", count)
    return words % {"count": number(count)}


def organisations_in_words(count: int) -> str:
    words = ngettext("%(count)s organisation", "%(count)s organisations", count)
    return words % {"count": number(count)}


def detail_lines(plan: Plan) -> Iterator[str]:
    """A line for every new or changed project and organisation."""
    for project in plan.projects:
        if project.pk is None:
            yield _("%(reference)s is new: %(title)s") % {
                "reference": project.reference,
                "title": project.title,
            }
            for line in new_project_facts(project):
                yield f"{project.reference}: {line}"
        for line in [*project_changes(project), *remarks_on(project)]:
            yield f"{project.reference}: {line}"
    for organisation in plan.organisations.values():
        if organisation.pk is None:
            yield _("New organisation: %(name)s (%(country)s)") % {
                "name": organisation.name,
                "country": organisation.country,
            }
            for candidate in organisation.similar:
                yield _("Did you mean “%(recorded)s”? It has %(why)s.") % {
                    "recorded": candidate.partner,
                    "why": candidate.reasons[0].label,
                }
        if organisation.is_unconfirmed:
            yield _("%(name)s (%(country)s) is a generic name. Does it mean “%(recorded)s”?") % {
                "name": organisation.name,
                "country": organisation.country,
                "recorded": organisation.recorded_name,
            }
        for line in organisation_changes(organisation):
            yield f"{organisation.recorded_name}: {line}"


def new_project_facts(project: ProjectPlan) -> list[str]:
    """The amounts, days and stated choices of a new project, such as its status."""
    return [
        f"{name_of_field(name)}: {format_field(name, value)}"
        for name, value in project.fields.items()
        if isinstance(value, Decimal | date) or name in ["status", "amount_kind"]
    ]


def project_changes(project: ProjectPlan) -> list[str]:
    lines = [f"{change.label}: {_arrow(change.old, change.new)}" for change in project.differences]
    lines += [
        f"{row.name}: {_arrow(*participation_change(row))}" for row in project.changed_partners
    ]
    if project.pk:
        lines += [_("New partner: %(name)s") % {"name": row.name} for row in project.new_partners]
    return lines


def shared_notes(plan: Plan) -> dict[str, str]:
    """Each note on several projects, with a sentence that names the projects."""
    references: dict[str, list[str]] = {}
    for project in (*plan.new(), *plan.changed()):
        for note in project.notes:
            references.setdefault(note, []).append(project.reference)
    return {
        note: _("%(note)s Projects: %(references)s.")
        % {"note": note, "references": _first_names(names)}
        for note, names in references.items()
        if len(names) > 1
    }


def _first_names(names: list[str]) -> str:
    """The first names, and the number of the others if there are several."""
    unnamed = len(names) - MOST_NAMED
    if unnamed > 1:
        names = [*names[:MOST_NAMED], _("%(count)s others") % {"count": number(unnamed)}]
    return join_names(names)


def remarks_on(project: ProjectPlan) -> list[str]:
    return [
        *project.notes,
        *(
            _("%(name)s is recorded but missing from the file. The partner stays.") % {"name": name}
            for name in project.not_in_file
        ),
    ]


def participation_change(partner: ChangedPartner) -> tuple[str, str]:
    """The old and the new role, with the countries if they differ."""
    (old_role, old_country), (role, country) = partner.old, partner.new
    old, new = str(Role(old_role).label), str(Role(role).label)
    if old_country != country:
        old, new = f"{old} ({old_country})", f"{new} ({country})"
    return old, new


def organisation_changes(organisation: Organisation) -> list[str]:
    lines = []
    for name, change in organisation.changes.items():
        field = fields_of(Partner)[name]
        old, new = (format_value(field, value) for value in change)
        lines.append(f"{field.verbose_name}: {_arrow(old, new)}")
    return lines


def _arrow(old: str, new: str) -> str:
    return f"{old or _('empty')} → {new}"


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
        "similar": [
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
        "similar": [
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
    return _organisation(organisation, countries) | {"similar": [candidate]}


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
