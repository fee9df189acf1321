"""The plan of an import: new, changed and unchanged records. Nothing is written."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count, filterfalse
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from partners.similar_names import is_generic
from projects.eligibility.award_limits import award_of, awarded_total, budget_error
from projects.imports.differences import ProjectPlan, compare, records_of
from projects.imports.organisations import Key, NamedOrganisations, Organisation
from projects.imports.parser import ProjectTable
from projects.imports.problems import Problem, Refused
from projects.imports.template import DECIDED
from projects.models import Call, Project
from psf.history.models import ChangeSet


class Author(NamedTuple):
    """The person and the file of an import. Without `user`: somebody at the command line."""

    file: str
    user: User | None = None
    may_decide: bool = True


@dataclass
class Plan:
    """All changes of a file in the records of one call."""

    call: Call
    projects: list[ProjectPlan] = field(default_factory=list)
    organisations: dict[Key, Organisation] = field(default_factory=dict)
    change_set: ChangeSet | None = None  # of the saved plan

    def new(self) -> list[ProjectPlan]:
        return [project for project in self.projects if project.pk is None]

    def changed(self) -> list[ProjectPlan]:
        return [project for project in self.projects if project.pk and project.has_changes()]

    def same(self) -> list[ProjectPlan]:
        return [project for project in self.projects if not project.has_changes()]

    def new_organisations(self) -> list[Organisation]:
        return [row for row in self.organisations.values() if row.pk is None]

    def changed_organisations(self) -> list[Organisation]:
        return [row for row in self.organisations.values() if row.changes]

    def recognised(self) -> list[Organisation]:
        return [row for row in self.organisations.values() if row.pk is not None]

    def uncertain(self) -> list[Organisation]:
        """The organisations among which a person chooses: similar and generic names."""
        similar = [row for row in self.new_organisations() if row.similar]
        return [*similar, *(row for row in self.recognised() if row.is_unconfirmed)]

    def has_changes(self) -> bool:
        return any(project.has_changes() for project in self.projects) or bool(
            self.changed_organisations()
        )

    def fingerprint(self) -> str:
        """A check sum of the records behind the plan. It changes if the records change."""
        return hashlib.sha256("\n".join(self._fingerprint_lines()).encode()).hexdigest()

    def _fingerprint_lines(self) -> Iterator[str]:
        yield f"{self.call.pk} {self.call.version}"
        for project in self.projects:
            yield f"{project.reference} {project.pk} {project.record.version}"
        for (country, name), organisation in self.organisations.items():
            may_be_chosen = organisation.chosen or is_generic(organisation.name)
            changes = [] if may_be_chosen else sorted(organisation.changes.items())
            yield f"{country} {name} {organisation.recognised} {changes}"


def free_references(call: Call) -> Iterator[str]:
    """The free references of the call, such as PSF-2019-01."""
    stem = call.slug.upper()[:24].rstrip("-")
    capitals = Project.objects.values_list(Upper("reference"), flat=True)
    references = set(capitals.filter(reference__istartswith=stem))
    numbered = map(f"{stem}-{{:02d}}".format, count(call.projects.count() + 1))
    return filterfalse(references.__contains__, numbered)


def make_plan(
    table: ProjectTable,
    call: Call,
    may_decide: bool,
    choices: dict[Key, int | None] | None = None,
) -> Plan:
    """Compare a file with the records. Raises `Refused` with all problems.

    `choices` are the recorded organisations that a person chose for names in the file.
    """
    columns = [name for name in DECIDED if name in table.columns]
    if columns and not may_decide:
        why = _("Only publishers may import this column. Delete the column.")
        raise Refused([Problem(1, name, "", why) for name in columns])
    organisations, records = NamedOrganisations(choices or {}), records_of(table.projects)
    projects = [
        compare(rows, records.get(reference) or Project(call=call), call, organisations)
        for reference, rows in table.projects.items()
    ]
    organisations.compare()
    problems = [problem for project in projects for problem in project.problems]
    problems += [*organisations.problems, *_budget_problems(projects, call)]
    if problems:
        raise Refused(sorted(problems, key=lambda problem: problem.row))
    return Plan(call, projects, organisations.by_key)


def _budget_problems(projects: list[ProjectPlan], call: Call) -> Iterator[Problem]:
    more = Decimal()
    for project in projects:
        values = vars(project.record)
        more += award_of(values | project.fields) - award_of(values)
    if more > 0 and (why := budget_error(call, awarded_total(call) + more, call.budget_eur)):
        yield Problem(0, "amount", "", why)
