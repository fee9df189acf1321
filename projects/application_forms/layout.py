"""The sheets and fields of the application form of a call.

Workbook, reader and filled form follow this layout, so a field has one place, one label and one
limit. The reader finds a cell by the label, never by an address.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple

from django.db.models import DateField, DecimalField, TextField
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from partners.models import Country, NameKind, Partner, PartnerKind, PartnerName
from projects.imports.cells import NOTATIONS, PLAIN, CellReader
from projects.models import Answer, Call, Contact, PartnerBudget, Priority, Project, Question, Topic
from projects.models.application_forms import COSTS, SHARES, WHOLE_PROJECT
from projects.pages.form_versions import FormVersion, form_versions, questions_before
from psf.text.phrases import language_name

MOST_PARTNERS = 20
MOST_TERMS = 3  # priorities, topics and places of activity of one application
PROJECT, PARTNERS, BUDGET = "Project", "Partners", "Budget"
READ_ME, CHECK, LISTS = "Read me", "Check", "Lists"
LINE, TEXT, DAY, AMOUNT, CHOICE = "line", "text", "day", "amount", "choice"
KINDS = {TextField: TEXT, DateField: DAY, DecimalField: AMOUNT}  # of other fields: a line
FIRST_ROW = 3  # of the fields, counted from 0, below heading, instruction and head of a table
# Languages of the members and observers.
LANGUAGES = ["be", "cs", "da", "de", "en", "es", "et", "fi", "fo", "fr", "hu", "is", "it"]
LANGUAGES += ["kl", "lt", "lv", "nb", "nl", "nn", "pl", "ro", "ru", "se", "sk", "sv", "uk"]
ANSWER = "answer-"  # begins the key of a question
# The fields of a new organisation that the form asks for.
FACTS = {"partner_kind": "kind", "partner_website": "website"}
FACTS |= {"partner_name_language": "name_language"}
FURTHER_NAMES = [NameKind.ENGLISH, NameKind.ABBREVIATION]
CONTACT_FIELDS = ["name", "function", "email", "telephone"]
# What a form says: by number of the partner (0: the whole project), then by key of the field. A
# text, a day, an amount, the value of a list, or a tuple of these for a list with several cells.
Values = dict[int, dict[str, Any]]


class FormField(NamedTuple):
    """A cell to fill in; in a table, a column of cells.

    `key` is a column of the import, the field of a model, or `ANSWER` with the key of a question.
    `options` names the list of a choice, `place` the place among several cells for one list.
    `model_field` checks texts.
    """

    key: str
    label: str
    hint: str = ""
    kind: str = LINE
    limit: int = 0
    options: str = ""
    required: bool = False
    place: int = 0
    model_field: Any = None

    def caption(self) -> str:
        """The text beside the cell, which the reader looks for."""
        return f"{self.label}\n{self.hint}" if self.hint else self.label


class FormSheet(NamedTuple):
    """One sheet. A table has a row for each partner; the others have a row for each field."""

    name: str
    instruction: str
    fields: list[FormField]
    is_table: bool = False
    first_column: int = 1  # of the fields, counted from 0

    def numbers(self) -> list[int]:
        """The numbers of the partners with a row in a table; elsewhere the whole project."""
        return [*range(1, MOST_PARTNERS + 1)] if self.is_table else [WHOLE_PROJECT]

    def cells(self) -> Iterator[tuple[int, int, FormField, int]]:
        """Row and column of each cell, counted from 0, with field and number of the partner."""
        for number in self.numbers():
            for place, field in enumerate(self.fields):
                if self.is_table:
                    yield FIRST_ROW - 1 + number, self.first_column + place, field, number
                else:
                    yield row_of(place), self.first_column, field, number


def row_of(place: int) -> int:
    """The row of a field of a sheet that is no table, counted from 0. An empty row follows."""
    return FIRST_ROW + 2 * place


def _of_model(model: Any, name: str, label: str = "", key: str = "", **facts: Any) -> FormField:
    """A cell for the values of a field of a model, by default with its name and limit."""
    field = model._meta.get_field(name)
    kind = next((kind for type_, kind in KINDS.items() if isinstance(field, type_)), LINE)
    given = {"kind": kind, "limit": field.max_length or 0, "model_field": field}
    return FormField(key or name, label or capfirst(str(field.verbose_name)), **given | facts)


@dataclass
class Form:
    """The application form of a call, made from its rules and questions.

    `changes`: the form as it was after so many of its later versions.
    """

    call: Call
    changes: int | None = None

    @cached_property
    def lists(self) -> dict[str, dict[Any, str]]:
        """The words of each list by value: code, or priority or topic."""
        return {
            "countries": {row.code: row.name for row in Country.objects.order_by("name")},
            "kinds": {key: str(label) for key, label in PartnerKind.choices if key != "unknown"},
            "languages": {code: f"{code} {language_name(code)}" for code in LANGUAGES},
            "priorities": self._terms(Priority, self.call.priorities),
            "topics": self._terms(Topic, self.call.topics),
            "declarations": {"yes": _("yes")},
        }

    def _terms(self, model: type[Priority | Topic], chosen: Any) -> dict[Any, str]:
        """The terms of the call, or all terms."""
        rows = chosen.order_by("name") or model.objects.order_by("name")
        return {term: term.name for term in rows}

    def content(self, field: FormField, row: dict[str, Any]) -> Any:
        """What the cell of a field shows; None for an empty cell."""
        value = row.get(field.key)
        if field.place:
            value = dict(enumerate(value or (), start=1)).get(field.place)
        return self.lists[field.options].get(value, value) if field.options else value

    @cached_property
    def columns(self) -> CellReader:
        """Reads countries as an import does."""
        return CellReader(NOTATIONS[PLAIN])

    @cached_property
    def questions(self) -> list[Question]:
        later = [] if self.changes is None else self.versions[self.changes :]
        return questions_before(self.call, later)

    @cached_property
    def sheets(self) -> list[FormSheet]:
        """The sheets with fields."""
        every = _("Fill in the marked cells. To paste a text, double-click the cell first.")
        rows = _("One row for each organisation. The first row is the lead partner.")
        amounts = _("Amounts in EUR. The sums are calculated.")
        budget = [_of_model(PartnerBudget, name) for name in [*COSTS, *SHARES]]
        sheets = [
            FormSheet(PROJECT, every, self._project()),
            FormSheet(PARTNERS, rows, [*_partner(), *self._answers(each=True)], is_table=True),
            FormSheet(BUDGET, amounts, budget, is_table=True, first_column=2),
            FormSheet("Questions", every, self._answers(each=False)),
            FormSheet("Contact", every, _contact()),
        ]
        return [sheet for sheet in sheets if sheet.fields]

    @cached_property
    def version(self) -> str:
        """A name of this form. It differs as soon as a label, a limit or a list differs."""
        words = {name: [*words.values()] for name, words in self.lists.items()}
        return sha256(json.dumps([self.sheets, words], default=str).encode()).hexdigest()[:8]

    @cached_property
    def versions(self) -> list[FormVersion]:
        """The versions after the first, with their changes in words."""
        return form_versions(self.call)

    def _project(self) -> list[FormField]:
        day = _("Such as 2027-09-01.")
        public = _("One or two sentences. Readers see them if the project is funded.")
        return [
            _of_model(Project, "title", required=True),
            _of_model(Project, "acronym"),
            _of_model(Project, "summary", _("Summary for the public"), hint=public, required=True),
            _of_model(Project, "description", hint=_("The project in short."), limit=2000),
            _of_model(Project, "starts_on", _("First day"), hint=day, required=True),
            _of_model(Project, "ends_on", _("Last day"), hint=day, required=True),
            *self._choices("priority", _("Priority"), "priorities", required=True),
            *self._choices("topics", _("Topic"), "topics"),
            *self._choices("activity_countries", _("Place of activity"), "countries"),
        ]

    def _choices(
        self, key: str, label: str, options: str, *, required: bool = False
    ) -> Iterator[FormField]:
        """Some cells for one list: a cell has one word. A longer list changes no label."""
        number = min(MOST_TERMS, len(self.lists[options]))
        for place in range(1, number + 1):
            name, needed = label if place == 1 else f"{label} {place}", required and place == 1
            yield FormField(key, name, "", CHOICE, 0, options, required=needed, place=place)

    def _answers(self, *, each: bool) -> list[FormField]:
        """The questions for each partner, or those for the project, which require an answer."""
        fields = []
        for row in self.questions:
            facts = {"hint": row.hint, "limit": row.limit, "required": not each}
            if bool(row.for_each_partner) == each:
                fields.append(_of_model(Answer, "text", row.text, f"{ANSWER}{row.pk}", **facts))
        return fields


def _partner() -> list[FormField]:
    own_name = _("Name in its own language")
    return [
        _of_model(Partner, "name", own_name, "partner_name", required=True),
        FormField("partner_name_language", _("Language"), kind=CHOICE, options="languages"),
        _of_model(PartnerName, "text", _("English name"), NameKind.ENGLISH),
        _of_model(PartnerName, "text", _("Abbreviation"), NameKind.ABBREVIATION, limit=50),
        FormField("partner_country", _("Country"), kind=CHOICE, options="countries", required=True),
        FormField("partner_kind", _("Kind"), kind=CHOICE, options="kinds"),
        _of_model(Partner, "website", key="partner_website"),
    ]


def _contact() -> list[FormField]:
    """The contact person, and what the lead partner declares."""
    agreed = _("We declare that all partners agree to this application and its budget")
    return [
        _of_model(Contact, "name", _("Contact person"), required=True),
        _of_model(Contact, "function"),
        _of_model(Contact, "email", required=True),
        _of_model(Contact, "telephone"),
        FormField("declared", agreed, kind=CHOICE, options="declarations", required=True),
    ]
