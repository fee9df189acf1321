"""The changes of an import in sentences."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _, ngettext

from partners.models import Partner
from projects.imports.organisations import Organisation
from projects.imports.partner_diff import ChangedPartner
from projects.imports.plan import Plan, ProjectPlan
from projects.imports.project_diff import format_field, name_of_field
from projects.models import Role
from psf.history.tracking import fields_of
from psf.history.words import format_value
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
