"""How the rows of a project differ from its record."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from django.db.models import Prefetch
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from partners.similar_names import is_generic
from projects.eligibility.award_limits import amount_error, constraint_error
from projects.eligibility.rules import warning_about
from projects.eligibility.unlikely_values import period_warning, small_amount_warning
from projects.imports.organisations import Key, NamedOrganisations, Organisation, key_of
from projects.imports.parser import PartnerRow, ProjectRows, cell_text
from projects.imports.problems import Problem
from projects.imports.template import TERMS, VALUES
from projects.models import Call, Partnership, Priority, Project, ProjectStatus, Role, Topic
from projects.models.post_award import is_extended
from projects.publication.publish import LEAD_IS_NEEDED
from psf.database.sql import chunked
from psf.history.tracking import fields_of
from psf.history.words import field_label, format_value
from psf.staff.forms import MAX_ROWS
from psf.text.dates import Precision

CHUNK = 500


@dataclass(slots=True)
class ProjectPlan:
    """The rows of a project and how they differ from its record, which is unsaved if it is new.

    `fields` are the new values by field of the model. `changed_partners` are the new role, country
    and position by key, `removed_partners` are keys. `differences` has label, recorded value and
    new value in words. The import sets `new_pk`.
    """

    rows: ProjectRows
    record: Project
    fields: dict[str, Any] = field(default_factory=dict)
    terms: dict[str, tuple[Priority | Topic, ...]] = field(default_factory=dict)
    differences: list[tuple[str, str, str]] = field(default_factory=list)
    new_partners: list[PartnerRow] = field(default_factory=list)
    changed_partners: dict[int, tuple[str, str, int]] = field(default_factory=dict)
    removed_partners: list[int] = field(default_factory=list)
    not_in_file: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    new_pk: int | None = None

    @property
    def reference(self) -> str:
        return self.rows.reference

    @property
    def title(self) -> str:
        return cast(str, self.rows.values["title"])

    @property
    def pk(self) -> int | None:
        return self.record.pk

    def key(self) -> int:
        """The key of the record. A new project has none before saving."""
        return cast(int, self.pk or self.new_pk)

    def has_changes(self) -> bool:
        partners = self.new_partners or self.changed_partners or self.removed_partners
        return self.pk is None or bool(self.differences or partners)

    def refuse(self, column: str, value: str, why: str, row: int = 0) -> None:
        """Report a problem of a row, or of the first row of the project."""
        found = Problem(row or self.rows.row, column, value, why, self.reference)
        self.problems.append(found)


def compare(
    rows: ProjectRows, record: Project, call: Call, organisations: NamedOrganisations
) -> ProjectPlan:
    """The plan of a project. An empty cell keeps the recorded value."""
    plan = ProjectPlan(rows, record, notes=[*rows.notes])
    if record.call_id != call.pk:
        why = _("This project belongs to “%(call)s”. Import the file there.")
        plan.refuse("reference", rows.reference, why % {"call": record.call})
    _compare_fields(plan)
    _check_fields(plan, call)
    _PartnerComparison(plan, organisations).compare()
    plan.notes += _warnings(plan, call)
    plan.fields |= rows.quoted
    return plan


def records_of(references: Iterable[str]) -> dict[str, Project]:
    """The projects with these references by reference, both in capitals."""
    partnerships = Partnership.objects.select_related("partner").order_by("role", "position", "pk")
    records = dict[str, Project]()
    for chunk in chunked(references, CHUNK):
        projects = Project.objects.alias(capitals=Upper("reference")).filter(capitals__in=chunk)
        rows = (
            projects.annotate(is_extended=is_extended())
            .select_related("call", "agreement")
            .prefetch_related(*TERMS.values(), Prefetch("partnerships", queryset=partnerships))
        )
        records |= {row.reference.upper(): row for row in rows}
    return records


class _PartnerComparison:
    """The new and changed partners of a project, with notes and problems.

    A recorded partner stays if it is missing from the file.
    """

    def __init__(self, plan: ProjectPlan, organisations: NamedOrganisations) -> None:
        self.plan = plan
        self.organisations = organisations
        record = plan.record
        self.partners = partners = [*record.partnerships.all()] if record.pk else []
        self.unmatched = {row.pk: row for row in partners}
        self.by_name = _by_name(partners)
        self.by_organisation = {row.partner_id: row for row in partners if row.partner_id}
        self.first_rows: dict[int | Key, PartnerRow] = {}
        self.countries_without_organisation = {
            row.country_id for row in partners if row.partner_id is None
        }
        self.roles = {row.pk: row.role for row in partners}
        self.position = max((row.position for row in partners), default=0)

    def compare(self) -> None:
        for row in self.plan.rows.partners:
            self._match(row)
        if self.plan.rows.is_whole:
            self._remove_others()
        self.plan.not_in_file = [_name_of(partner) for partner in self.unmatched.values()]
        number = len(self.partners) + len(self.plan.new_partners)
        if self.plan.new_partners and number > MAX_ROWS:
            why = _("The project would have %(number)d partners. At most %(most)d fit its form.")
            self.plan.refuse("partner_name", "", why % {"number": number, "most": MAX_ROWS})
        self._check_lead()

    def _match(self, row: PartnerRow) -> None:
        if not row.name:
            self._add_country(row)
            return
        partners = self.by_name.get(key_of(row.name, row.country), [])
        partner = next((partner for partner in partners if partner.pk in self.unmatched), None)
        if partner and partner.partner_id is None:
            self._keep(row, partner)
            return
        participant = partner.partner_id if partner else None
        organisation = self.organisations.organisation_of(row, participant)
        organisation.pk = organisation.pk or participant  # its seat is in another country
        key = participant or organisation.pk or key_of(row.name, row.country)
        first = self.first_rows.setdefault(key, row)
        if partner:  # perhaps the second time, because it left and joined again
            self._keep(row, partner)
        elif first is not row:
            self._add_duplicate(row, first)
        elif isinstance(key, int) and key in self.by_organisation:
            self._keep(row, self.by_organisation[key])
        else:
            if organisation.recognised and is_generic(organisation.name):
                organisation.is_unconfirmed = True
            self._add(row, organisation)

    def _remove_others(self) -> None:
        """Remove the organisations that the file no longer names."""
        named = {row.recorded for row in self.plan.rows.partners}
        for partner in [row for row in self.unmatched.values() if row.partner_id]:
            if partner.partner_id not in named:
                self.plan.removed_partners.append(partner.pk)
                del self.unmatched[partner.pk], self.roles[partner.pk]

    def _keep(self, row: PartnerRow, partner: Partnership) -> None:
        self.unmatched.pop(partner.pk, None)
        self.roles[partner.pk], row.recorded = row.role, partner.partner_id
        if row.role == Role.LEAD and partner.left_on:
            why = _("This partner has left the project, so it cannot lead it.")
            self.plan.refuse("partner_role", row.name, why, row.row)
        before = partner.role, partner.country_id, partner.position
        after = row.role, row.country, row.position or partner.position
        if before != after:
            self.plan.changed_partners[partner.pk] = after
        if before[:2] != after[:2]:
            old, new = str(Role(partner.role).label), str(Role(row.role).label)
            if partner.country_id != row.country:
                old, new = f"{old} ({partner.country_id})", f"{new} ({row.country})"
            self.plan.differences.append((row.name, old, new))

    def _add(self, row: PartnerRow, organisation: Organisation | None) -> None:
        self.position += 1
        row.organisation, row.position = organisation, row.position or self.position
        self.plan.new_partners.append(row)

    def _add_country(self, row: PartnerRow) -> None:
        """Add a partner of which only the country is known."""
        if row.country in self.countries_without_organisation:
            why = _("The project already has this country without an organisation.")
            self.plan.refuse("partner_country", row.country, why, row.row)
        self.countries_without_organisation.add(row.country)
        self._add(row, None)

    def _add_duplicate(self, row: PartnerRow, first: PartnerRow) -> None:
        """The second row of an organisation in a project keeps only the name."""
        is_lead = Role.LEAD in (row.role, first.role)
        if is_lead or row.country in self.countries_without_organisation:
            why = _("Row %(row)d of the same project names this organisation too. Delete one row.")
            self.plan.refuse("partner_name", row.name, why % {"row": first.row}, row.row)
            return
        self.countries_without_organisation.add(row.country)
        self._add(row, None)
        note = _(
            "Rows %(first)d and %(row)d name “%(name)s” twice. The second row keeps only the name, "
            "until somebody chooses its organisation."
        )
        self.plan.notes.append(note % {"first": first.row, "row": row.row, "name": row.name})

    def _check_lead(self) -> None:
        leads = [row for row in self.plan.rows.partners if row.role == Role.LEAD]
        for row in leads[1:]:
            why = _("Row %(row)d names another lead partner of the project. Keep one.")
            self.plan.refuse("partner_role", row.name, why % {"row": leads[0].row}, row.row)
        recorded = [pk for pk, role in self.roles.items() if role == Role.LEAD]
        added = [partner for partner in self.plan.new_partners if partner.role == Role.LEAD]
        if len(leads) == 1 and len(recorded) + len(added) > 1:
            lead = next(row for row in self.partners if row.role == Role.LEAD)
            why = _("“%(lead)s” is the recorded lead partner. Add a row that makes it a partner.")
            why %= {"lead": _name_of(lead)}
            self.plan.refuse("partner_role", leads[0].name, why, leads[0].row)
        if not recorded and not added and self.plan.record.published_at:
            self.plan.refuse("partner_role", "", str(LEAD_IS_NEEDED))
        elif not recorded and not added:
            self.plan.notes.append(_("The project has no lead partner."))


def _name_of(partner: Partnership) -> str:
    return partner.partner.name if partner.partner else partner.country_id


def _by_name(partners: list[Partnership]) -> dict[Key, list[Partnership]]:
    """The partners by name: those with an organisation first, then those that have not left."""
    by_name: dict[Key, list[Partnership]] = defaultdict(list)
    for row in sorted(partners, key=lambda row: (not row.partner_id, bool(row.left_on))):
        for name in dict.fromkeys([row.partner and row.partner.name, row.name_as_published]):
            if name:
                by_name[key_of(name, row.country_id)].append(row)
    return by_name


# Days in a file have the precision of a day.
PRECISIONS = {"starts_on": "starts_precision", "ends_on": "ends_precision"}
# The constraints of projects that a file may break, each with the column of its error.
CONSTRAINTS = {
    "project_amount_has_a_kind": "amount",
    "project_ceiling_is_not_zero": "amount",
    "project_award_is_of_a_funded_project": "amount_kind",
    "project_ends_on_is_at_least_starts_on": "ends_on",
}
AMOUNT = ["amount_eur", "amount_kind"]


def _compare_fields(plan: ProjectPlan) -> None:
    record, values = plan.record, plan.rows.values
    for column, name in [*VALUES.items(), ("received_time", "received_time")]:
        value, old = values.get(column), getattr(record, name)
        # A day of receipt has no time of another day. A form may have no amounts any more.
        is_emptied = name == "received_time" and "received_on" in plan.fields
        is_emptied = is_emptied or (plan.rows.is_whole and column in values)
        if (value is None and not is_emptied) or (record.pk and old == value):
            continue
        plan.fields[name] = value
        if name in PRECISIONS:
            plan.fields[PRECISIONS[name]] = Precision.DAY
        if record.pk:
            words = name_of_field(name), format_field(name, old), format_field(name, value)
            plan.differences.append(words)
    for column, name in TERMS.items():
        recorded = getattr(record, name).all() if record.pk else []
        before = tuple(sorted(recorded, key=lambda row: row.name))
        new = values.get(column, before)
        if new != before:
            plan.terms[name] = new
            words = name_of_field(name), cell_text(before), cell_text(new)
            plan.differences += [words] if record.pk else []


def _check_fields(plan: ProjectPlan, call: Call) -> None:
    """Report the rules that the saved record would break, each with its column."""
    rows, record = plan.rows, plan.record
    after = vars(record) | plan.fields
    errors = [(column, constraint_error(name, after)) for name, column in CONSTRAINTS.items()]
    if "amount" in rows.values:
        errors.append(("amount", amount_error(call, after["amount_eur"])))
    funding = Project(call=call, status=after["status"], amount_kind=after["amount_kind"])
    funding.pk, funding.amount_eur = record.pk, after["amount_eur"]
    errors.append(("amount" if record.pk else "status", funding.funding_error()))
    if record.pk:
        errors.append(("status", _status_error(record.status, after["status"])))
    if hasattr(record, "agreement") and any(
        getattr(record, name) != after[name] for name in AMOUNT
    ):
        words = _("This project has an agreement. Change the amount in the form of the project.")
        errors.append(("amount", words))
    if getattr(record, "is_extended", False) and record.ends_on != after["ends_on"]:
        words = _(
            "This project was prolonged. Leave the cell empty, or change the end in the form."
        )
        errors.append(("ends_on", words))
    for column, why in errors:
        if why:
            plan.refuse(column, cell_text(rows.values.get(column)), why)


def _warnings(plan: ProjectPlan, call: Call) -> list[str]:
    """The warnings about the days and amounts of a new project, or about changed ones."""
    changes, values = plan.fields, vars(plan.record) | plan.fields
    warnings = []
    if not plan.pk or "received_on" in changes or "received_time" in changes:
        received = {name: values[name] for name in ["status", "received_on", "received_time"]}
        warnings.append(warning_about(Project(call=call, **received)))
    if "starts_on" in changes or "ends_on" in changes:
        precision = changes.get("starts_precision", Precision.YEAR)
        warnings.append(period_warning(call, values["starts_on"], values["ends_on"], precision))
    requested, kind = values["requested_eur"], values["amount_kind"]
    warnings += [
        small_amount_warning(changes.get(name), requested, call.ceiling_eur, kind)
        for name in ["requested_eur", "amount_eur"]
    ]
    return [*filter(None, dict.fromkeys(warnings))]


def _status_error(before: str, after: str) -> str:
    """A file sets the status of new projects only."""
    if before == after:
        return ""
    return _(
        "This project is recorded as %(status)s. Change the status on the page of the project."
    ) % {"status": ProjectStatus(before).label}


def name_of_field(name: str) -> str:
    field: Any = Project._meta.get_field(name)
    return field_label(field)


def format_field(name: str, value: object) -> str:
    """A value in words as in the history, "" for none. No field of a file names a record."""
    return format_value(fields_of(Project)[name], value)
