"""The partners of a project in a file beside those that are recorded."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from projects.imports.existing import Part, Stored
from projects.imports.organisations import Key, NamedOrganisations, Organisation, key_of
from projects.imports.parser import PartnerRow, ProjectRows
from projects.imports.problems import Problem
from projects.models import Role
from psf.text.folding import fold


class PartNew(NamedTuple):
    """A row of a partner to be added; without `organisation` only its name is kept."""

    organisation: Organisation | None
    name: str
    country: str
    role: str
    position: int


class PartChange(NamedTuple):
    """A recorded row whose role or country changes."""

    pk: int
    name: str
    old: tuple[str, str]
    new: tuple[str, str]


class ComparedParts(NamedTuple):
    new: list[PartNew]
    changed: list[PartChange]
    not_in_file: list[str]
    notes: list[str]
    problems: list[Problem]


def compare_parts(
    rows: ProjectRows, stored: Stored | None, organisations: NamedOrganisations
) -> ComparedParts:
    """A recorded partner that the file does not name stays."""
    return _PartsOfOne(rows, stored or Stored({}), organisations).compare()


class _PartsOfOne:
    def __init__(
        self, rows: ProjectRows, stored: Stored, organisations: NamedOrganisations
    ) -> None:
        self.rows = rows
        self.stored = stored
        self.organisations = organisations
        self.free = {part.pk: part for part in stored.parts}
        self.by_name = stored.parts_by_name()
        self.by_partner = {part.partner: part for part in stored.parts if part.partner}
        self.places: dict[int | Key, PartnerRow] = {}
        self.bare = {part.country for part in stored.parts if part.partner is None}
        self.roles = {part.pk: part.role for part in stored.parts}
        self.position = max((part.position for part in stored.parts), default=0)
        self.result = ComparedParts([], [], [], [], [])

    def compare(self) -> ComparedParts:
        for row in self.rows.partners:
            self._take(row)
        self.result.not_in_file.extend(part.name or part.country for part in self.free.values())
        self._check_lead()
        return self.result

    def _take(self, row: PartnerRow) -> None:
        part = self._recorded_under(row)
        if part and part.partner is None:
            self._keep(row, part)
            return
        organisation = self.organisations.named_in(row)
        if part and organisation.pk is None:
            organisation.pk = part.partner  # it sits elsewhere than it takes part for
        place = (part.partner if part else organisation.pk) or key_of(row.name, row.country)
        first = self.places.setdefault(place, row)
        if first is not row:
            self._take_again(row, first)
        elif isinstance(place, int) and place in self.by_partner:
            self._keep(row, self.by_partner[place])
        else:
            self._add(row, organisation)

    def _recorded_under(self, row: PartnerRow) -> Part | None:
        named = self.by_name.get(key_of(row.name, row.country), [])
        return next((part for part in named if part.pk in self.free), None)

    def _keep(self, row: PartnerRow, part: Part) -> None:
        self.free.pop(part.pk, None)
        old, new = (part.role, part.country), (row.role, row.country)
        self.roles[part.pk] = row.role
        if old != new:
            self.result.changed.append(PartChange(part.pk, row.name, old, new))

    def _add(self, row: PartnerRow, organisation: Organisation | None) -> None:
        self.position += 1
        self.result.new.append(
            PartNew(organisation, row.name, row.country, row.role, self.position)
        )

    def _take_again(self, row: PartnerRow, first: PartnerRow) -> None:
        """One organisation twice in a project: its second row keeps the name alone."""
        if row.role == Role.LEAD or first.role == Role.LEAD or row.country in self.bare:
            why = _("Row %(row)d names this organisation in the same project: delete one of them.")
            problem = Problem(row.row, "partner_name", row.name, why % {"row": first.row})
            self.result.problems.append(problem)
            return
        self.bare.add(row.country)
        self._add(row, None)
        note = _(
            "Rows %(first)d and %(row)d name “%(name)s” twice: the second is kept under its name, "
            "without an organisation, until somebody says which body it is."
        )
        self.result.notes.append(note % {"first": first.row, "row": row.row, "name": row.name})

    def _check_lead(self) -> None:
        leads = [row for row in self.rows.partners if row.role == Role.LEAD]
        recorded = [pk for pk, role in self.roles.items() if role == Role.LEAD]
        added = [part for part in self.result.new if part.role == Role.LEAD]
        if leads and len(recorded) + len(added) > 1:
            lead = self.stored.lead()
            why = _("“%(lead)s” leads the project in the records: give it a row that says partner.")
            why %= {"lead": (lead.name or lead.country) if lead else ""}
            self.result.problems.append(Problem(leads[0].row, "partner_role", leads[0].name, why))
        if not recorded and not added:
            self.result.notes.append(_("It has no lead partner."))


def name_as_published(part: PartNew) -> str:
    """The file's spelling, where the organisation is shown under another."""
    if part.organisation is None:
        return part.name
    shown = part.organisation.recorded_name or part.organisation.name
    return part.name if part.name != shown and fold(part.name) else ""
