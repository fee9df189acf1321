"""How the rows of a file differ from the records."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Prefetch
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from projects.eligibility.award_limits import amount_error, constraint_error
from projects.imports.columns import FIELDS, TERMS, VALUES
from projects.imports.organisations import Key, NamedOrganisations, Organisation, key_of
from projects.imports.parser import PartnerRow, ProjectRows, cell_text
from projects.imports.problems import Problem
from projects.models import Call, Partnership, Priority, Project, ProjectStatus, Role, Topic
from projects.models.post_award import is_extended
from psf.database.sql import chunked
from psf.history.tracking import fields_of
from psf.history.words import field_label, format_value
from psf.staff.forms import MAX_ROWS
from psf.text.dates import Precision
from psf.text.folding import fold

CHUNK = 500


def _link(field: Any) -> tuple[Any, str]:
    """The links of a many-to-many field, and the field of a link that names the term."""
    through, term = field.remote_field.through, field.related_model
    names = (row.name for row in through._meta.local_fields if row.related_model is term)
    return through, next(names)


LINKS = {FIELDS[column].name: _link(FIELDS[column]) for column in TERMS}


def in_chunks(
    projects: dict[str, ProjectRows], call: Call
) -> Iterator[list[tuple[ProjectRows, Project]]]:
    """The projects of a file with their records, which are unsaved for new projects."""
    for chunk in chunked(projects.values(), CHUNK):
        records = _load([project.reference.upper() for project in chunk])
        yield [(rows, records.get(rows.reference.upper()) or Project(call=call)) for rows in chunk]


def _load(references: list[str]) -> dict[str, Project]:
    """The projects with these references by reference, both in capitals."""
    partnerships = Partnership.objects.select_related("partner").order_by("role", "position", "pk")
    projects = Project.objects.alias(capitals=Upper("reference")).filter(capitals__in=references)
    rows = (
        projects.annotate(is_extended=is_extended())
        .select_related("call", "agreement")
        .prefetch_related(*TERMS.values(), Prefetch("partnerships", queryset=partnerships))
    )
    return {row.reference.upper(): row for row in rows}


class NewPartner(NamedTuple):
    """A partner to add. Without `organisation` only the name is stored."""

    organisation: Organisation | None
    name: str
    country: str
    role: str
    position: int


class ChangedPartner(NamedTuple):
    """A recorded partner whose role or country changes."""

    pk: int
    name: str
    old: tuple[str, str]
    new: tuple[str, str]

    def in_words(self) -> tuple[str, str]:
        """The old and the new role, with the countries if they differ."""
        (old_role, old_country), (role, country) = self.old, self.new
        old, new = str(Role(old_role).label), str(Role(role).label)
        if old_country != country:
            old, new = f"{old} ({old_country})", f"{new} ({country})"
        return old, new


class PartnerComparison:
    """The new and changed partners of a project, with notes and problems.

    A recorded partner stays if it is missing from the file.
    """

    def __init__(
        self,
        rows: ProjectRows,
        record: Project,
        organisations: NamedOrganisations,
    ) -> None:
        self.new: list[NewPartner] = []
        self.changed: list[ChangedPartner] = []
        self.notes: list[str] = []
        self.problems: list[Problem] = []
        self.organisations = organisations
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
        self._compare(rows)

    def _compare(self, rows: ProjectRows) -> None:
        for row in rows.partners:
            self._match(row)
        missing = self.unmatched.values()
        self.not_in_file = [_name_of(partner) for partner in missing]
        self._check_number(rows)
        self._check_lead(rows)

    def _match(self, row: PartnerRow) -> None:
        if not row.name:
            self._add_country(row)
            return
        partner = self._recorded_with_name(row)
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
            organisation.confirm_if_generic()
            self._add(row, organisation)

    def _recorded_with_name(self, row: PartnerRow) -> Partnership | None:
        partners = self.by_name.get(key_of(row.name, row.country), [])
        return next((partner for partner in partners if partner.pk in self.unmatched), None)

    def _keep(self, row: PartnerRow, partner: Partnership) -> None:
        self.unmatched.pop(partner.pk, None)
        old, new = (partner.role, partner.country_id), (row.role, row.country)
        self.roles[partner.pk] = row.role
        if row.role == Role.LEAD and partner.left_on:
            why = _("This partner has left the project, so it cannot lead it.")
            self.problems.append(Problem(row.row, "partner_role", row.name, why))
        if old != new:
            self.changed.append(ChangedPartner(partner.pk, row.name, old, new))

    def _add(self, row: PartnerRow, organisation: Organisation | None) -> None:
        self.position += 1
        self.new.append(NewPartner(organisation, row.name, row.country, row.role, self.position))

    def _add_country(self, row: PartnerRow) -> None:
        """Add a partner of which only the country is known."""
        if row.country in self.countries_without_organisation:
            why = _("The project already has this country without an organisation.")
            self.problems.append(Problem(row.row, "partner_country", row.country, why))
        self.countries_without_organisation.add(row.country)
        self._add(row, None)

    def _add_duplicate(self, row: PartnerRow, first: PartnerRow) -> None:
        """The second row of an organisation in a project keeps only the name."""
        is_lead = Role.LEAD in (row.role, first.role)
        if is_lead or row.country in self.countries_without_organisation:
            why = _("Row %(row)d of the same project names this organisation too. Delete one row.")
            problem = Problem(row.row, "partner_name", row.name, why % {"row": first.row})
            self.problems.append(problem)
            return
        self.countries_without_organisation.add(row.country)
        self._add(row, None)
        note = _(
            "Rows %(first)d and %(row)d name “%(name)s” twice. The second row keeps only the name, "
            "until somebody chooses its organisation."
        )
        self.notes.append(note % {"first": first.row, "row": row.row, "name": row.name})

    def _check_number(self, rows: ProjectRows) -> None:
        number = len(self.partners) + len(self.new)
        if self.new and number > MAX_ROWS:
            why = _("The project would have %(number)d partners. At most %(most)d fit its form.")
            why %= {"number": number, "most": MAX_ROWS}
            self.problems.append(Problem(rows.row, "partner_name", "", why))

    def _check_lead(self, rows: ProjectRows) -> None:
        leads = [row for row in rows.partners if row.role == Role.LEAD]
        recorded = [pk for pk, role in self.roles.items() if role == Role.LEAD]
        added = [partner for partner in self.new if partner.role == Role.LEAD]
        if leads and len(recorded) + len(added) > 1:
            lead = next(row for row in self.partners if row.role == Role.LEAD)
            why = _("“%(lead)s” is the recorded lead partner. Add a row that makes it a partner.")
            why %= {"lead": _name_of(lead)}
            self.problems.append(Problem(leads[0].row, "partner_role", leads[0].name, why))
        if not recorded and not added:
            self.notes.append(_("The project has no lead partner."))


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


def name_as_published(partner: NewPartner) -> str:
    """The spelling in the file, "" if the organisation has the same."""
    if partner.organisation is None:
        return partner.name
    recorded_name = partner.organisation.recorded_name or partner.organisation.name
    return partner.name if partner.name != recorded_name and fold(partner.name) else ""


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


class FieldChange(NamedTuple):
    """The change of a field in words: label, recorded value, value in the file."""

    label: str
    old: str
    new: str


class ComparedFields(NamedTuple):
    fields: dict[str, Any]
    terms: dict[str, tuple[Priority | Topic, ...]]
    differences: list[FieldChange]
    problems: list[Problem]


def compare_fields(rows: ProjectRows, record: Project, call: Call) -> ComparedFields:
    """The changes of a project. An empty cell keeps the recorded value."""
    fields: dict[str, Any] = {}
    differences = []
    for column, name in VALUES.items():
        value, old = rows.values.get(column), getattr(record, name)
        if value is None or (record.pk and old == value):
            continue
        fields[name] = value
        if name in PRECISIONS:
            fields[PRECISIONS[name]] = Precision.DAY
        words = name_of_field(name), format_field(name, old), format_field(name, value)
        differences += [FieldChange(*words)] if record.pk else []
    terms = {}
    for column, name in TERMS.items():
        recorded = getattr(record, name).all() if record.pk else []
        terms_before = tuple(sorted(recorded, key=lambda row: row.name))
        new = rows.values.get(column, terms_before)
        if new != terms_before:
            terms[name] = new
            words = name_of_field(name), cell_text(terms_before), cell_text(new)
            differences += [FieldChange(*words)] if record.pk else []
    return ComparedFields(fields, terms, differences, _problems(rows, record, fields, call))


def _problems(
    rows: ProjectRows, record: Project, fields: dict[str, Any], call: Call
) -> list[Problem]:
    """The rules that the saved record would break, each with its column."""
    after = vars(record) | fields
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
    return [
        Problem(rows.row, column, cell_text(rows.values.get(column)), why)
        for column, why in errors
        if why
    ]


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
