"""The plan of an import: new, changed and unchanged records. Nothing is written."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count, filterfalse
from typing import Any, NamedTuple, cast

from django.contrib.auth.models import User
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from partners.models import Country
from partners.similarity.profile import is_generic
from projects.eligibility.award_limits import award_of, awarded_total, budget_error
from projects.eligibility.rules import warning_about
from projects.eligibility.unlikely_values import period_warning, small_amount_warning
from projects.imports.differences import (
    ChangedPartner,
    FieldChange,
    NewPartner,
    PartnerComparison,
    compare_fields,
    in_chunks,
)
from projects.imports.parser import Progress, ProjectRows, ProjectTable, no_progress
from projects.models import Call, Priority, Project, Topic
from psf.history.models import ChangeSet
from psf.text.dates import Precision

from .columns import DECIDED
from .organisations import Key, NamedOrganisations, Organisation
from .problems import Problem, Refused


class Author(NamedTuple):
    """The person and the file of an import. Without `user`: somebody at the command line."""

    file: str
    user: User | None = None
    may_decide: bool = True


@dataclass(slots=True)
class ProjectPlan:
    """The changes of one project. A new project has no `pk`; the import sets `new_pk`.

    `fields` are the new values by field of the model, `differences` the same in words.
    """

    reference: str
    title: str
    row: int
    pk: int | None
    version: int
    public: bool
    fields: dict[str, Any]
    terms: dict[str, tuple[Priority | Topic, ...]]
    differences: list[FieldChange]
    new_partners: list[NewPartner]
    changed_partners: list[ChangedPartner]
    not_in_file: list[str]
    notes: list[str]
    new_pk: int | None = None

    def key(self) -> int:
        """The key of the record. A new project has none before saving."""
        return cast(int, self.pk or self.new_pk)

    def is_quoted(self) -> bool:
        """Whether each name stays as it is written, even if the organisation has the same."""
        return "as_published" in self.fields

    def has_changes(self) -> bool:
        return self.pk is None or bool(
            self.differences or self.new_partners or self.changed_partners
        )


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

    def unconfirmed(self) -> list[Organisation]:
        """Recognised organisations with a generic name: a person chooses the organisation."""
        return [row for row in self.organisations.values() if row.is_unconfirmed]

    def has_changes(self) -> bool:
        return any(project.has_changes() for project in self.projects) or bool(
            self.changed_organisations()
        )

    def countries(self) -> list[tuple[Country, int]]:
        """The countries in the file, with the number of organisations in each."""
        numbers: dict[str, int] = {}
        for organisation in self.organisations.values():
            numbers[organisation.country] = numbers.get(organisation.country, 0) + 1
        return [
            (country, numbers[country.pk]) for country in Country.objects.filter(pk__in=numbers)
        ]

    def fingerprint(self) -> str:
        """A check sum of the records behind the plan. It changes if the records change."""
        return hashlib.sha256("\n".join(self._fingerprint_lines()).encode()).hexdigest()

    def _fingerprint_lines(self) -> Iterator[str]:
        yield f"{self.call.pk} {self.call.version}"
        for project in self.projects:
            yield f"{project.reference} {project.pk} {project.version}"
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
    progress: Progress = no_progress,
) -> Plan:
    """Compare a file with the records. Raises `Refused` with all problems.

    `choices` are the recorded organisations that a person chose for names in the file.
    """
    _check_rights(table, may_decide)
    return _Planner(call, choices or {}).plan(table, progress)


def _check_rights(table: ProjectTable, may_decide: bool) -> None:
    columns = [name for name in DECIDED if name in table.columns]
    if columns and not may_decide:
        why = _("Only publishers may import this column. Delete the column.")
        raise Refused([Problem(1, name, "", why) for name in columns])


class _Planner:
    def __init__(self, call: Call, choices: dict[Key, int | None]) -> None:
        self.call = call
        self.organisations = NamedOrganisations(choices)
        self.problems: list[Problem] = []
        self.additional_awards = Decimal()  # EUR

    def plan(self, table: ProjectTable, progress: Progress) -> Plan:
        plan = Plan(self.call)
        for chunk in in_chunks(table.projects, self.call):
            plan.projects += [self._project(rows, record) for rows, record in chunk]
            progress(_("Projects compared"), len(plan.projects), len(table.projects))
        self.organisations.compare()
        self._check_sum()
        problems = [*self.problems, *self.organisations.problems]
        if problems:
            raise Refused(sorted(problems, key=lambda problem: problem.row))
        plan.organisations = self.organisations.by_key
        return plan

    def _warnings(self, record: Project, changes: Mapping[str, Any]) -> list[str]:
        """The warnings about the days and amounts of a new project, or about changed ones."""
        values = {**vars(record), **changes}
        warnings = []
        if not record.pk or "received_on" in changes:
            received = {name: values[name] for name in ["status", "received_on"]}
            warnings.append(warning_about(Project(call=self.call, **received)))
        if "starts_on" in changes or "ends_on" in changes:
            precision = changes.get("starts_precision", Precision.YEAR)
            days = values["starts_on"], values["ends_on"]
            warnings.append(period_warning(self.call, *days, precision))
        requested, kind = values["requested_eur"], values["amount_kind"]
        warnings += [
            small_amount_warning(changes.get(name), requested, self.call.ceiling_eur, kind)
            for name in ["requested_eur", "amount_eur"]
        ]
        return [*filter(None, dict.fromkeys(warnings))]

    def _check_sum(self) -> None:
        if self.additional_awards > 0:
            total = awarded_total(self.call) + self.additional_awards
            if why := budget_error(self.call, total, self.call.budget_eur):
                self.problems.append(Problem(0, "amount", "", why))

    def _project(self, rows: ProjectRows, record: Project) -> ProjectPlan:
        if record.call_id != self.call.pk:
            why = _("This project belongs to “%(call)s”. Import the file there.")
            why %= {"call": record.call}
            self.problems.append(Problem(rows.row, "reference", rows.reference, why))
        compared = compare_fields(rows, record, self.call)
        partners = PartnerComparison(rows, record, self.organisations)
        found = [*compared.problems, *partners.problems]
        self.problems += [problem._replace(reference=rows.reference) for problem in found]
        values = vars(record)
        self.additional_awards += award_of(values | compared.fields) - award_of(values)
        return ProjectPlan(
            reference=rows.reference,
            title=rows.values["title"],
            row=rows.row,
            pk=record.pk,
            version=record.version,
            public=bool(record.published_at),
            fields=compared.fields | rows.quoted,
            terms=compared.terms,
            differences=compared.differences,
            new_partners=partners.new,
            changed_partners=partners.changed,
            not_in_file=partners.not_in_file,
            notes=[*rows.notes, *partners.notes, *self._warnings(record, compared.fields)],
        )
