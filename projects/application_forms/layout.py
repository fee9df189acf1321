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

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from partners.models import Country, NameKind, Partner, PartnerKind, PartnerName
from projects.imports.cells import NOTATIONS, PLAIN, CellReader
from projects.models import Call, Contact, PartnerBudget, Priority, Project, Question, Topic
from projects.models.application_forms import COSTS, SHARES
from projects.pages.form_versions import FormVersion, form_versions
from psf.text.phrases import language_name

MOST_PARTNERS = 20
MOST_TERMS = 3  # priorities, topics and places of activity of one application
PROJECT, PARTNERS, BUDGET, QUESTIONS = "Project", "Partners", "Budget", "Questions"
CONTACT, CHECK, READ_ME, LISTS = "Contact", "Check", "Read me", "Lists"
LINE, TEXT, DAY, AMOUNT, CHOICE = "line", "text", "day", "amount", "choice"
FIRST_ROW = 3  # of the fields, counted from 0, below heading, instruction and head of a table
# Languages of the members and observers.
LANGUAGES = ["be", "cs", "da", "de", "en", "es", "et", "fi", "fo", "fr", "hu", "is", "it"]
LANGUAGES += ["kl", "lt", "lv", "nb", "nl", "nn", "pl", "ro", "ru", "se", "sk", "sv", "uk"]
ANSWER = "answer-"  # begins the key of a question
# The fields of a new organisation that the form asks for.
FACTS = {"partner_kind": "kind", "partner_website": "website"}
FACTS |= {"partner_name_language": "name_language"}
FURTHER_NAMES = [NameKind.ENGLISH, NameKind.ABBREVIATION]
# The content of cells by sheet, key of the field, and number of the partner (1 outside tables): a
# text, a day, an amount, or the value of a list.
Key = tuple[str, str, int]
Cells = dict[Key, Any]


class FormField(NamedTuple):
    """A cell to fill in; in a table, a column of cells.

    `key` is a column of the import, the field of a model, or `ANSWER` with the key of a question.
    `options` names the list of a choice. Without `limit` a text has the limit of its list or day.
    """

    key: str
    label: str
    hint: str = ""
    kind: str = LINE
    limit: int = 0
    options: str = ""
    required: bool = False

    def caption(self) -> str:
        """The text beside the cell, which the reader looks for."""
        return f"{self.label}\n{self.hint}" if self.hint else self.label

    def stem(self) -> str:
        """The key without the place among the cells for one list."""
        return self.key.rpartition("-")[0] if self.kind == CHOICE and "-" in self.key else self.key


class FormSheet(NamedTuple):
    """One sheet. A table has a row for each partner; the others have a row for each field."""

    name: str
    instruction: str
    fields: list[FormField]
    is_table: bool = False

    def place_of(self, key: str) -> int:
        return next(place for place, field in enumerate(self.fields) if field.key == key)


def row_of(place: int) -> int:
    """The row of a field of a sheet that is no table, counted from 0. An empty row follows."""
    return FIRST_ROW + 2 * place


def _line(model: Any, name: str, label: str, key: str = "", **facts: Any) -> FormField:
    """A text with the limit of a field of a model."""
    length = model._meta.get_field(name).max_length
    return FormField(key or name, label, **{"limit": length} | facts)


@dataclass
class Form:
    """The application form of a call, made from its rules and questions."""

    call: Call

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

    def word(self, field: FormField, value: Any) -> Any:
        """What the cell of a value shows."""
        return self.lists[field.options].get(value, value) if field.options else value

    @cached_property
    def columns(self) -> CellReader:
        """Reads the cells that are columns of an import too."""
        return CellReader(NOTATIONS[PLAIN])

    @cached_property
    def questions(self) -> list[Question]:
        return [*self.call.questions.order_by("position", "pk")]

    @cached_property
    def sheets(self) -> list[FormSheet]:
        every = _("Fill in the marked cells. To paste a text, double-click the cell first.")
        rows = _("One row for each organisation. The first row is the lead partner.")
        amounts = _("Amounts in EUR. The sums are calculated.")
        return [
            FormSheet(PROJECT, every, self._project()),
            FormSheet(PARTNERS, rows, [*_partner(), *self._answers(each=True)], is_table=True),
            FormSheet(BUDGET, amounts, _budget(), is_table=True),
            FormSheet(QUESTIONS, every, self._answers(each=False)),
            FormSheet(CONTACT, every, _contact()),
        ]

    def sheet(self, name: str) -> FormSheet:
        return next(sheet for sheet in self.sheets if sheet.name == name)

    @cached_property
    def version(self) -> str:
        """A name of this form. It differs as soon as a label, a limit or a list differs."""
        words = {name: [*words.values()] for name, words in self.lists.items()}
        return sha256(json.dumps([self.sheets, words]).encode()).hexdigest()[:8]

    @cached_property
    def versions(self) -> list[FormVersion]:
        """The versions after the first, with their changes in words."""
        return form_versions(self.call)

    def _project(self) -> list[FormField]:
        day = _("Such as 2027-09-01.")
        public = _("One or two sentences. Readers see them if the project is funded.")
        return [
            _line(Project, "title", _("Title"), required=True),
            _line(Project, "acronym", _("Acronym")),
            _line(
                Project,
                "summary",
                _("Summary for the public"),
                hint=public,
                kind=TEXT,
                required=True,
            ),
            FormField("description", _("Description"), _("The project in short."), TEXT, 2000),
            FormField("starts_on", _("First day"), day, DAY, required=True),
            FormField("ends_on", _("Last day"), day, DAY, required=True),
            *self._choices("priority", _("Priority"), "priorities", required=True),
            *self._choices("topics", _("Topic"), "topics"),
            *self._choices("activity_countries", _("Place of activity"), "countries"),
        ]

    def _choices(
        self, key: str, label: str, options: str, *, required: bool = False
    ) -> Iterator[FormField]:
        """Some cells for one list: a cell has one word."""
        number = min(MOST_TERMS, len(self.lists[options]))
        for place in range(1, number + 1):
            name = label if number == 1 else f"{label} {place}"
            needed = required and place == 1
            yield FormField(f"{key}-{place}", name, kind=CHOICE, options=options, required=needed)

    def _answers(self, *, each: bool) -> list[FormField]:
        return [
            FormField(f"{ANSWER}{row.pk}", row.text, row.hint, TEXT, row.limit, required=not each)
            for row in self.questions
            if row.for_each_partner == each
        ]


def _partner() -> list[FormField]:
    return [
        _line(Partner, "name", _("Name in its own language"), "partner_name", required=True),
        FormField("partner_name_language", _("Language"), kind=CHOICE, options="languages"),
        _line(PartnerName, "text", _("English name"), NameKind.ENGLISH),
        _line(PartnerName, "text", _("Abbreviation"), NameKind.ABBREVIATION, limit=50),
        FormField("partner_country", _("Country"), kind=CHOICE, options="countries", required=True),
        FormField("partner_kind", _("Kind"), kind=CHOICE, options="kinds"),
        _line(Partner, "website", _("Website"), "partner_website"),
    ]


def _budget() -> list[FormField]:
    """The amounts of a partner. All but the last two are costs."""
    names = {field.name: str(field.verbose_name) for field in PartnerBudget._meta.fields}
    return [FormField(name, capfirst(names[name]), kind=AMOUNT) for name in [*COSTS, *SHARES]]


def _contact() -> list[FormField]:
    """The contact person, and what the lead partner declares."""
    agreed = _("We declare that all partners agree to this application and its budget")
    return [
        _line(Contact, "name", _("Contact person"), required=True),
        _line(Contact, "function", _("Function")),
        _line(Contact, "email", _("E-mail"), required=True),
        _line(Contact, "telephone", _("Telephone")),
        FormField("declared", agreed, kind=CHOICE, options="declarations", required=True),
    ]
