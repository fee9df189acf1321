"""The organisations of a file: recorded and new organisations."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from django.utils.translation import gettext as _

from partners.matching.lookup import Candidate, RecordedNames
from partners.models import Partner
from projects.imports.parser import PartnerRow
from projects.imports.problems import Problem
from psf.database.sql import chunked
from psf.history.tracking import fields_of
from psf.history.words import format_value
from psf.text.folding import fold

Key = tuple[str, str]
CHUNK = 500
MOST_NEW = 2000  # new organisations: a file with more is not compared with similar names
MOST_SIMILAR = 5  # recorded organisations offered for one new name
FACTS = ["kind", "website", "name_language"]  # fields of the columns that begin with partner_


@lru_cache(maxsize=2**16)
def key_of(name: str, country: str) -> Key:
    """The key of an organisation in a file: country and folded name."""
    return country, fold(name) or name


@dataclass(slots=True)
class Organisation:
    """An organisation in the file. A new organisation has no `pk`; the import sets `new_pk`.

    `recognised` is the key of the record with the same name, `similar` are records with similar
    names. `chosen` is set if a person chose the record. `changes` are old and new value by field.
    """

    name: str
    country: str
    row: int
    pk: int | None = None
    recorded_name: str = ""
    chosen: bool = False
    facts: dict[str, tuple[int, str]] = field(default_factory=dict)
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    new_pk: int | None = None
    recognised: int | None = None
    similar: list[Candidate] = field(default_factory=list)
    is_unconfirmed: bool = False  # a generic name in a new participation

    def key(self) -> int:
        """The key of the record. A new organisation has none before saving."""
        return cast(int, self.pk or self.new_pk)

    def fact(self, name: str, default: str) -> str:
        return self.facts.get(name, (0, default))[1]

    def reason(self) -> str:
        """Why the record is the organisation in the file."""
        if self.is_unconfirmed:
            return _("Same generic name and country.")
        if fold(self.name) == fold(self.recorded_name):
            return _("Same name and country.")
        return _("Another name of the organisation, same country.")

    def options(self) -> list[tuple[int | None, str, str]]:
        """The records among which a person chooses: key, name and reason."""
        own = [(self.pk, self.recorded_name, self.reason())] if self.is_unconfirmed else []
        return own + [
            (row.partner.pk, row.partner.name, str(row.reasons[0].label)) for row in self.similar
        ]

    def differences(self) -> list[str]:
        """The changes of the record in words."""
        fields, lines = fields_of(Partner), []
        for name, change in self.changes.items():
            old, new = (format_value(fields[name], value) for value in change)
            lines.append(f"{fields[name].verbose_name}: {old or _('empty')} → {new}")
        return lines


class NamedOrganisations:
    """All organisations in a file. `choices` are the records that a person chose, None: new."""

    def __init__(self, choices: dict[Key, int | None]) -> None:
        self.recorded = RecordedNames()
        self.choices = choices
        self.by_key: dict[Key, Organisation] = {}
        self.problems: list[Problem] = []

    def organisation_of(self, row: PartnerRow, participant: int | None = None) -> Organisation:
        """`participant` is the recorded organisation with this name in the project of the row."""
        key = key_of(row.name, row.country)
        organisation = self.by_key.get(key)
        if organisation is None:
            organisation = self.by_key[key] = self._find(key, row, participant)
        for name in FACTS:
            if value := getattr(row, name):
                self._add_fact(organisation, row.row, name, value)
        return organisation

    def _find(self, key: Key, row: PartnerRow, participant: int | None) -> Organisation:
        keys = self.recorded.partners_named(row.name, row.country)
        if participant in keys:
            keys = [participant]
        recognised = keys[0] if keys else None
        pk, chosen = self.choices.get(key, recognised), key in self.choices
        if len(keys) > 1 and not chosen:
            why = _(
                "%(number)d organisations of this country have this name: give them different ones."
            )
            self.problems.append(
                Problem(row.row, "partner_name", row.name, why % {"number": len(keys)})
            )
        return Organisation(
            row.name, row.country, row.row, pk, chosen=chosen, recognised=recognised
        )

    def _add_fact(self, organisation: Organisation, row: int, name: str, value: str) -> None:
        first_row, first_value = organisation.facts.setdefault(name, (row, value))
        if first_value != value:
            why = _(
                "Row %(row)d says “%(value)s” about the same organisation. The rows must agree."
            )
            why %= {"row": first_row, "value": first_value}
            self.problems.append(Problem(row, f"partner_{name}", value, why))

    def compare(self) -> None:
        """Compare organisations with their records, and new names with recorded names."""
        new = [organisation for organisation in self.by_key.values() if organisation.pk is None]
        for organisation in new if len(new) <= MOST_NEW else []:
            candidates = self.recorded.similar_partners(organisation.name, organisation.country)
            organisation.similar = candidates[:MOST_SIMILAR]
        by_pk: dict[int, list[Organisation]] = defaultdict(list)
        for organisation in self.by_key.values():
            if organisation.pk:
                by_pk[organisation.pk].append(organisation)
        for keys in chunked(sorted(by_pk), CHUNK):
            rows = Partner.objects.filter(pk__in=keys)
            for recorded in rows.values("pk", "name", *FACTS):
                for organisation in by_pk[recorded["pk"]]:
                    _compare_facts(organisation, recorded)


def _compare_facts(organisation: Organisation, recorded: Mapping[str, str]) -> None:
    organisation.recorded_name = recorded["name"]
    for name, (_row, value) in organisation.facts.items():
        # The language belongs to the name in the file, not to another recorded name.
        is_of_other_name = name == "name_language" and organisation.name != recorded["name"]
        if recorded[name] != value and not is_of_other_name:
            organisation.changes[name] = (recorded[name], value)
