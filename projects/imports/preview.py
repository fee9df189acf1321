"""The preview of a plan, for pages and commands."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _, ngettext

from projects.imports.apply import write_plan
from projects.imports.differences import format_field, name_of_field
from projects.imports.organisations import MOST_NEW
from projects.imports.plan import Plan, ProjectPlan
from projects.models import Role
from psf.impact.preview import Impact, preview_impact
from psf.text.numbers_and_amounts import number

Data = dict[str, Any]


PROJECTS = "%(count)s project", "%(count)s projects"
PARTNER_ROWS = "%(count)s partner row", "%(count)s partner rows"
ORGANISATIONS = "%(count)s organisation", "%(count)s organisations"


def summary(plan: Plan) -> list[str]:
    """Sentences with the numbers of new, changed and unchanged records, without zeros."""
    new, changed = _("New: %(what)s."), _("Changed: %(what)s.")
    counts: list[tuple[str, tuple[str, str], int]] = [
        (new, PROJECTS, len(plan.new())),
        (changed, PROJECTS, len(plan.changed())),
        (_("Unchanged: %(what)s."), PROJECTS, len(plan.same())),
        (new, PARTNER_ROWS, sum(len(project.new_partners) for project in plan.projects)),
        (changed, PARTNER_ROWS, sum(len(project.changed_partners) for project in plan.projects)),
        (new, ORGANISATIONS, len(plan.new_organisations())),
        (changed, ORGANISATIONS, len(plan.changed_organisations())),
    ]
    return [
        sentence % {"what": ngettext(words[0], words[1], count) % {"count": number(count)}}
        for sentence, words, count in counts
        if count
    ]


def detail_lines(plan: Plan) -> Iterator[str]:
    """A line for every new or changed project and organisation."""
    for project in plan.projects:
        row = _in_words(project)
        if project.pk is None:
            words = {"reference": project.reference, "title": project.title}
            yield _("%(reference)s is new: %(title)s") % words
        changes = [
            f"{label}: {new}" if old is None else f"{label}: {old or _('empty')} → {new}"
            for label, old, new in row["lines"]
        ]
        for line in [*row["facts"], *changes, *row["notes"]]:
            yield f"{project.reference}: {line}"
    for organisation in plan.organisations.values():
        words = {"name": organisation.name, "country": organisation.country}
        if organisation.pk is None:
            yield _("New organisation: %(name)s (%(country)s)") % words
        for _key, name, why in organisation.options():
            yield _("Does “%(new)s” mean “%(name)s”? Reason: %(why)s") % {
                "new": organisation.name,
                "name": name,
                "why": why,
            }
        for line in organisation.differences():
            yield f"{organisation.recorded_name}: {line}"


def _in_words(project: ProjectPlan) -> Data:
    """A new or changed project, as the preview shows it."""
    lines: list[tuple[str, str | None, str]] = [*project.differences]
    partners = project.new_partners
    if project.pk and not project.rows.is_whole:  # a form names the cells of its partners
        lines += [(_("New partner"), None, row.name) for row in partners]
    stays = _("%(name)s is recorded but missing from the file. The partner stays.")
    notes = [*project.notes, *(stays % {"name": name} for name in project.not_in_file)]
    return {
        "key": project.pk,
        "reference": project.reference,
        "title": project.title,
        "lead": next((row.name for row in partners if row.role == Role.LEAD), ""),
        "facts": [
            f"{name_of_field(name)}: {format_field(name, value)}"
            for name, value in project.fields.items()
            if not project.pk
            and (isinstance(value, Decimal | date) or name in ["status", "amount_kind"])
        ],
        "lines": lines,
        "partners": len(partners),
        "countries": ", ".join(dict.fromkeys(row.country for row in partners)),
        "notes": notes,
    }


def preview_of(plan: Plan) -> Data:
    """What the preview page shows: the summary, and a section for each kind of records."""
    new = plan.new_organisations()
    return {
        "changes": plan.has_changes(),
        "similar": plan.uncertain(),
        "summary": summary(plan),
        "compared": len(new) <= MOST_NEW,
        "impact": impact_of(plan),
        "new": [_in_words(row) for row in plan.new()],
        "changed": [_in_words(row) for row in plan.changed()],
        "recognised": [row for row in plan.recognised() if not row.is_unconfirmed],
        "new_organisations": [row for row in new if not row.similar],
        "changed_organisations": plan.changed_organisations(),
    }


def impact_of(plan: Plan) -> Impact | None:
    """The changes that readers see after saving, None for none. New records are drafts."""
    is_public = any(project.record.published_at for project in plan.changed())
    if not is_public and not plan.changed_organisations():
        return None
    return preview_impact(lambda: write_plan(plan))
