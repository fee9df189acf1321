"""What an import would do, or did, in sentences."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from partners.models import PartnerKind
from projects.imports.organisations import Organisation
from projects.imports.partner_diff import PartChange
from projects.imports.plan import Plan, ProjectPlan
from projects.models import Role
from psf.text.numbers import number

FACT_LABELS = {"kind": gettext_lazy("kind"), "website": gettext_lazy("website")}


def summary(plan: Plan) -> list[str]:
    """One sentence for each of what is new, what changes and what stays; of no other."""
    numbers = plan.numbers
    return [
        sentence % {"what": what}
        for sentence, what, count in [
            (_("New: %(what)s."), projects(numbers.new), numbers.new),
            (_("Changed: %(what)s."), projects(numbers.changed), numbers.changed),
            (_("As recorded: %(what)s."), projects(numbers.same), numbers.same),
            (_("New: %(what)s."), partner_rows(numbers.new_parts), numbers.new_parts),
            (_("Changed: %(what)s."), partner_rows(numbers.changed_parts), numbers.changed_parts),
            (
                _("New: %(what)s."),
                organisations(numbers.new_organisations),
                numbers.new_organisations,
            ),
            (
                _("Changed: %(what)s."),
                organisations(numbers.changed_organisations),
                numbers.changed_organisations,
            ),
        ]
        if count
    ]


def projects(count: int) -> str:
    return _counted(ngettext("%(count)s project", "%(count)s projects", count), count)


def partner_rows(count: int) -> str:
    return _counted(ngettext("%(count)s partner row", "%(count)s partner rows", count), count)


def organisations(count: int) -> str:
    return _counted(ngettext("%(count)s organisation", "%(count)s organisations", count), count)


def _counted(words: str, count: int) -> str:
    return words % {"count": number(count)}


def details(plan: Plan) -> Iterator[str]:
    """Every project and organisation that is new or changes, old → new, one a line."""
    for project in plan.projects:
        if project.pk is None:
            yield _("%(reference)s is new: %(title)s") % {
                "reference": project.reference,
                "title": project.title,
            }
        for line in [*changes_of(project), *remarks_on(project)]:
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
        for line in facts_of(organisation):
            yield f"{organisation.recorded_name}: {line}"


def changes_of(project: ProjectPlan) -> list[str]:
    """What changes of a recorded project."""
    lines = [f"{change.label}: {_arrow(change.old, change.new)}" for change in project.differences]
    lines += [f"{part.name}: {part_change(part)}" for part in project.changed_parts]
    if project.pk:
        lines += [_("New partner: %(name)s") % {"name": part.name} for part in project.new_parts]
    return lines


def remarks_on(project: ProjectPlan) -> list[str]:
    """What should be known of a project besides."""
    return [
        *project.notes,
        *(
            _("%(name)s is recorded and not in the file: it stays.") % {"name": name}
            for name in project.not_in_file
        ),
    ]


def part_change(part: PartChange) -> str:
    """ "partner → lead partner": the role, the country, or both."""
    (old_role, old_country), (role, country) = part.old, part.new
    old, new = str(Role(old_role).label), str(Role(role).label)
    if old_country != country:
        old, new = f"{old} ({old_country})", f"{new} ({country})"
    return _arrow(old, new)


def facts_of(organisation: Organisation) -> list[str]:
    """What changes of a recorded organisation."""
    return [
        f"{FACT_LABELS[name]}: {_arrow(_fact(name, old), _fact(name, new))}"
        for name, (old, new) in organisation.changes.items()
    ]


def _fact(name: str, value: str) -> str:
    return str(PartnerKind(value).label) if name == "kind" else value


def _arrow(old: str, new: str) -> str:
    return f"{old or _('empty')} → {new}"
