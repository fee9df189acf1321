"""What importing a file would do: what is new, what changes, what stays. Nothing is written."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple, cast

from django.utils.translation import gettext as _

from partners.models import Country
from projects.eligibility.award_limits import award_of, awarded_total, budget_error
from projects.imports.existing import Stored, in_chunks
from projects.imports.parser import Progress, ProjectRows, Table, nobody_asks
from projects.imports.partner_diff import PartChange, PartNew, compare_parts
from projects.imports.project_diff import Difference, compare_values
from projects.models import Call

from .columns import DECIDED
from .organisations import Key, NamedOrganisations, Organisation
from .problems import Problem, Refused


@dataclass(slots=True)
class ProjectPlan:
    """What becomes of one project. Without `pk` it is new, and `made` by the import.

    `fields` are the new values by field of the model, `differences` the same in words.
    """

    reference: str
    title: str
    row: int
    pk: int | None
    version: int
    public: bool
    fields: dict[str, Any]
    priorities: tuple[Any, ...] | None
    differences: list[Difference]
    new_parts: list[PartNew]
    changed_parts: list[PartChange]
    not_in_file: list[str]
    notes: list[str]
    made: int | None = None

    def key(self) -> int:
        """The key of its record, once there is one."""
        return cast(int, self.pk or self.made)

    def changes(self) -> bool:
        return self.pk is None or bool(self.differences or self.new_parts or self.changed_parts)


class Numbers(NamedTuple):
    """How many of each; the parts are rows of partners."""

    new: int
    changed: int
    same: int
    new_parts: int
    changed_parts: int
    new_organisations: int
    changed_organisations: int


@dataclass
class Plan:
    """All that a file would do to the records of one call."""

    call: Call
    projects: list[ProjectPlan] = field(default_factory=list)
    organisations: dict[Key, Organisation] = field(default_factory=dict)

    def new(self) -> list[ProjectPlan]:
        return [project for project in self.projects if project.pk is None]

    def changed(self) -> list[ProjectPlan]:
        return [project for project in self.projects if project.pk and project.changes()]

    def same(self) -> list[ProjectPlan]:
        return [project for project in self.projects if not project.changes()]

    def new_organisations(self) -> list[Organisation]:
        return [found for found in self.organisations.values() if found.pk is None]

    def changed_organisations(self) -> list[Organisation]:
        return [found for found in self.organisations.values() if found.changes]

    def recognised(self) -> list[Organisation]:
        return [found for found in self.organisations.values() if found.pk is not None]

    @cached_property
    def numbers(self) -> Numbers:
        return Numbers(
            new=len(self.new()),
            changed=len(self.changed()),
            same=len(self.same()),
            new_parts=sum(len(project.new_parts) for project in self.projects),
            changed_parts=sum(len(project.changed_parts) for project in self.projects),
            new_organisations=len(self.new_organisations()),
            changed_organisations=len(self.changed_organisations()),
        )

    def changes(self) -> bool:
        return any(project.changes() for project in self.projects) or bool(
            self.changed_organisations()
        )

    def countries(self) -> list[tuple[Country, int]]:
        """The countries that the file names, with the number of organisations in each."""
        numbers: dict[str, int] = {}
        for organisation in self.organisations.values():
            numbers[organisation.country] = numbers.get(organisation.country, 0) + 1
        return [
            (country, numbers[country.pk]) for country in Country.objects.filter(pk__in=numbers)
        ]

    def met(self) -> str:
        """What stands for the records that the plan was made from; it differs once they do."""
        return hashlib.sha256("\n".join(self._met()).encode()).hexdigest()

    def _met(self) -> Iterator[str]:
        yield f"{self.call.pk} {self.call.version}"
        for project in self.projects:
            yield f"{project.reference} {project.pk} {project.version}"
        for (country, name), organisation in self.organisations.items():
            changes = [] if organisation.chosen else sorted(organisation.changes.items())
            yield f"{country} {name} {organisation.recognised} {changes}"


def make_plan(
    table: Table,
    call: Call,
    may_decide: bool,
    choices: dict[Key, int] | None = None,
    progress: Progress = nobody_asks,
) -> Plan:
    """Compare a file with the records; raises `Refused` with all that cannot be imported.

    `choices` says which recorded organisation some of the file's names mean.
    """
    _check_rights(table, may_decide)
    return _Planner(call, choices or {}).plan(table, progress)


def _check_rights(table: Table, may_decide: bool) -> None:
    columns = [name for name in DECIDED if name in table.columns]
    if columns and not may_decide:
        why = _("Only those who may decide set this: leave the column out.")
        raise Refused([Problem(1, name, "", why) for name in columns])


class _Planner:
    def __init__(self, call: Call, choices: dict[Key, int]) -> None:
        self.call = call
        self.organisations = NamedOrganisations(choices)
        self.problems: list[Problem] = []
        self.more_awarded = Decimal()  # EUR, by this file

    def plan(self, table: Table, progress: Progress) -> Plan:
        plan = Plan(self.call)
        for chunk in in_chunks(table.projects):
            plan.projects += [self._project(rows, stored) for rows, stored in chunk]
            progress(_("Projects compared"), len(plan.projects), len(table.projects))
        self.organisations.compare()
        self._check_sum()
        problems = [*self.problems, *self.organisations.problems]
        if problems:
            raise Refused(sorted(problems, key=lambda problem: problem.row))
        plan.organisations = self.organisations.by_key
        return plan

    def _check_sum(self) -> None:
        if self.more_awarded > 0:
            given = awarded_total(self.call) + self.more_awarded
            if why := budget_error(self.call, given, self.call.budget_eur):
                self.problems.append(Problem(0, "amount", "", why))

    def _project(self, rows: ProjectRows, stored: Stored | None) -> ProjectPlan:
        if stored and stored.values["call_id"] != self.call.pk:
            why = _("This project belongs to “%(call)s”: a file is imported into one call.")
            why %= {"call": stored.values["call__title"]}
            self.problems.append(Problem(rows.row, "reference", rows.reference, why))
        compared = compare_values(rows, stored, self.call)
        parts = compare_parts(rows, stored, self.organisations)
        self.problems += [*compared.problems, *parts.problems]
        values = stored.values if stored else {}
        self.more_awarded += award_of(values | compared.fields) - award_of(values)
        return ProjectPlan(
            reference=rows.reference,
            title=rows.values["title"],
            row=rows.row,
            pk=values.get("pk"),
            version=values.get("version", 0),
            public=bool(values.get("published_at")),
            fields=compared.fields,
            priorities=compared.priorities,
            differences=compared.differences,
            new_parts=parts.new,
            changed_parts=parts.changed,
            not_in_file=parts.not_in_file,
            notes=[*rows.notes, *parts.notes],
        )
