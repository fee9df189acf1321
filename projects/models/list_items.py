"""Projects in rows of lists, as light objects instead of model instances."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from projects.models.choices import Role
from psf.search.highlight import Explanation
from psf.text.urls import slug_url

FIELDS = ["pk", "title", "title_language", "acronym", "reference", "slug", "status"]
FIELDS += ["amount_kind", "amount_eur", "ends_on", "ends_precision", "call__title"]
PART_FIELDS = ["project", "role", "country", "country__name"]
PART_FIELDS += ["partner__name", "partner__name_language"]


class PartInList(NamedTuple):
    """A partner in a row of a list; `name` is None if only the country is known."""

    project: int
    role: str
    code: str
    country: str
    name: str | None
    language: str | None


@dataclass(slots=True)
class ListedProject:
    """A project in a row of a list with its partners, the lead partner first.

    In the results of a search, `explanation` shows why the project matches.
    """

    parts: list[PartInList]
    pk: int
    title: str
    title_language: str
    acronym: str
    reference: str
    slug: str
    status: str
    amount_kind: str
    amount_eur: Decimal | None
    ends_on: date | None
    ends_precision: str
    call: str
    is_extended: bool
    explanation: Explanation | None = None

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return slug_url("projects:project-detail", self.slug)

    @property
    def lead(self) -> PartInList | None:
        first = self.parts[0] if self.parts else None
        return first if first and first.role == Role.LEAD else None

    @property
    def other_countries(self) -> list[str]:
        """The countries of the partners without the country of the lead partner."""
        countries = {part.code: part.country for part in self.parts}
        if lead := self.lead:
            del countries[lead.code]
        return [*countries.values()]
