"""Compares the partners of a project in a file with the recorded partners."""

from collections import defaultdict
from typing import NamedTuple

from django.utils.translation import gettext as _

from projects.imports.organisations import Key, NamedOrganisations, Organisation, key_of
from projects.imports.parser import PartnerRow, ProjectRows
from projects.imports.problems import Problem
from projects.models import Partnership, Project, Role
from psf.staff.forms import MAX_ROWS
from psf.text.folding import fold


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
