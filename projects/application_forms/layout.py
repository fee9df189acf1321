"""The sheets and fields of the application form of a call.

Workbook, reader and filled form follow this layout, so a field has one place, one label and one
limit. The reader finds a cell by the label, never by an address.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import CharField, Count, DateField, DecimalField, Max, TextField
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from partners.models import Country, NameKind, Partner, PartnerKind, PartnerName
from projects.imports.cells import NOTATIONS, PLAIN, CellReader
from projects.imports.template import TERMS
from projects.models import (
    Call,
    Contact,
    PartnerBudget,
    Partnership,
    Priority,
    Project,
    Question,
    Role,
    Topic,
)
from projects.models.application_forms import COSTS, SHARES, WHOLE_PROJECT
from projects.pages.form_versions import FormVersion, form_versions, questions_before
from psf.database.fields import keep_rows
from psf.text.dates import Precision
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
    `field` of a model decides kind, limit and rules. `options` names the list of a choice, `place`
    the place among several cells for one list.
    """

    key: str
    label: str
    field: Any
    hint: str = ""
    options: str = ""
    required: bool = False
    place: int = 0

    @property
    def kind(self) -> str:
        kinds = (kind for type_, kind in KINDS.items() if isinstance(self.field, type_))
        return CHOICE if self.options else next(kinds, LINE)

    @property
    def limit(self) -> int:
        """The most characters; 0 for cells that are no texts."""
        return 0 if self.options else self.field.max_length or 0

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
    """A cell for the values of a field of a model, by default with its name."""
    field = model._meta.get_field(name)
    return FormField(key or name, label or capfirst(str(field.verbose_name)), field, **facts)


@dataclass
class Form:
    """The application form of a call, made from its rules and questions.

    `changes`: the form as it was after so many of its later versions.
    """

    call: Call
    changes: int | None = None

    @cached_property
    def countries(self) -> dict[str, Country]:
        """All countries by code, in the order of their names."""
        rows = Country.objects.prefetch_related("memberships").order_by("name")
        return {row.code: row for row in rows}

    @cached_property
    def lists(self) -> dict[str, dict[Any, str]]:
        """The words of each list by value: code, or priority or topic."""
        return {
            "countries": {code: country.name for code, country in self.countries.items()},
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

    def value(self, field: FormField, row: dict[str, Any]) -> Any:
        """The value of one cell, None for an empty one."""
        value = row.get(field.key)
        return dict(enumerate(value or (), start=1)).get(field.place) if field.place else value

    def content(self, field: FormField, row: dict[str, Any]) -> Any:
        """What the cell of a field shows; None for an empty cell."""
        value = self.value(field, row)
        words = self.lists.get(field.options, {})  # a recorded term may be missing by now
        return words.get(value, str(value)) if words and value is not None else value

    def read(self, field: FormField, cell: object) -> Any:
        """The value of a cell, None for an empty one. Raises ValidationError."""
        content = self._cells.read(field.key, cell)
        values = {word: value for value, word in self.lists.get(field.options, {}).items()}
        return values.get(content, content)

    @cached_property
    def _cells(self) -> CellReader:
        fields = {field.key: field.field for sheet in self.sheets for field in sheet.fields}
        return CellReader(NOTATIONS[PLAIN], fields)

    @cached_property
    def sheets(self) -> list[FormSheet]:
        """The sheets with fields."""
        every = _("Fill in the marked cells. To paste a text, double-click the cell first.")
        rows = _("One row for each organisation. The first row is the lead partner.")
        amounts = _("Amounts in EUR. The sums are calculated.")
        budget = [_of_model(PartnerBudget, name) for name in [*COSTS, *SHARES]]
        later = [] if self.changes is None else self.versions[self.changes :]
        answers: dict[bool, list[FormField]] = {True: [], False: []}  # of each partner, or of all
        for row in questions_before(self.call, later):
            answers[bool(row.for_each_partner)].append(_answer(row))
        sheets = [
            FormSheet(PROJECT, every, [*self._project()]),
            FormSheet(PARTNERS, rows, [*self._partner(), *answers[True]], is_table=True),
            FormSheet(BUDGET, amounts, budget, is_table=True, first_column=2),
            FormSheet("Questions", every, answers[False]),
            FormSheet("Contact", every, [*self._contact()]),
        ]
        return [sheet for sheet in sheets if sheet.fields]

    @cached_property
    def versions(self) -> list[FormVersion]:
        """The versions after the first, with their changes in words."""
        return form_versions(self.call)

    def _project(self) -> Iterator[FormField]:
        day = _("Such as 2027-09-01.")
        public = _("One or two sentences. Readers see them if the project is funded.")
        short, summary = _("The project in short."), _("Summary for the public")
        yield _of_model(Project, "title", required=True)
        yield _of_model(Project, "acronym")
        yield _of_model(Project, "summary", summary, hint=public, required=True)
        yield FormField("description", _("Description"), TextField(max_length=2000), short)
        yield _of_model(Project, "starts_on", _("First day"), hint=day, required=True)
        yield _of_model(Project, "ends_on", _("Last day"), hint=day, required=True)
        yield from self._choices("priority", _("Priority"), "priorities", required=True)
        yield from self._choices("topics", _("Topic"), "topics")
        yield from self._choices("activity_countries", _("Country of activity"), "countries")

    def _partner(self) -> Iterator[FormField]:
        own, short = _("Name in its own language"), _("Abbreviation")
        yield _of_model(Partner, "name", own, "partner_name", required=True)
        yield self._choice("partner_name_language", _("Language"), "languages")
        yield _of_model(PartnerName, "text", _("English name"), NameKind.ENGLISH)
        yield _of_model(PartnerName, "text", short, NameKind.ABBREVIATION)
        yield self._choice("partner_country", _("Country"), "countries", required=True)
        yield self._choice("partner_kind", _("Kind"), "kinds")
        yield _of_model(Partner, "website", key="partner_website")

    def _contact(self) -> Iterator[FormField]:
        """The contact person, and what the lead partner declares."""
        agreed = _("We declare that all partners agree to this application and its budget")
        yield _of_model(Contact, "name", _("Contact person"), required=True)
        yield _of_model(Contact, "function")
        yield _of_model(Contact, "email", required=True)
        yield _of_model(Contact, "telephone")
        yield self._choice("declared", agreed, "declarations", required=True)

    def _choice(self, key: str, label: str, options: str, **facts: Any) -> FormField:
        """A cell for a word of a list. Countries have further names."""
        field: Any = CharField(choices=[(word, key) for key, word in self.lists[options].items()])
        if options == "countries":
            field = Partnership._meta.get_field("country")
        return FormField(key, label, field, options=options, **facts)

    def _choices(
        self, key: str, label: str, options: str, *, required: bool = False
    ) -> Iterator[FormField]:
        """Some cells for one list: a cell has one word. A longer list changes no label.

        An application may have more of them than the call names by now.
        """
        numbers = self.call.projects.annotate(number=Count(TERMS.get(key, key)))
        most = numbers.aggregate(most=Max("number", default=0))["most"]
        for place in range(1, min(MOST_TERMS, max(most, len(self.lists[options]))) + 1):
            name, needed = label if place == 1 else f"{label} {place}", required and place == 1
            yield self._choice(key, name, options, required=needed, place=place)

    def application_of(self, values: Values, waivers: Iterable[Any] = ()) -> Project:
        """An application with these values for the rules of the call. It is not saved."""
        whole = values.get(WHOLE_PROJECT, {})
        days = {name: whole.get(name) for name in ["starts_on", "ends_on"]}
        precisions = dict.fromkeys(["starts_precision", "ends_precision"], Precision.DAY)
        project = Project(call=self.call, **days, **precisions, **sums_of(values))
        partners = [
            Partnership(
                role=Role.LEAD if number == 1 else Role.PARTNER,
                country=self.countries[row["partner_country"]],
            )
            for number, row in partners_of(values).items()
        ]
        keep_rows(project, "partnerships", partners)
        keep_rows(project, "waivers", [*waivers])
        return project


def _answer(question: Question) -> FormField:
    """The cell of a question. One for the whole project requires an answer."""
    field, required = TextField(max_length=question.limit), not question.for_each_partner
    return FormField(
        f"{ANSWER}{question.pk}", question.text, field, question.hint, required=required
    )


def partners_of(values: Values) -> Values:
    """The values of each partner by number; 1 is the lead partner."""
    return {number: row for number, row in sorted(values.items()) if number}


def budgets_of(values: Values) -> list[PartnerBudget]:
    """The budget of each partner, not saved. A partner without amounts has one too."""
    return [
        PartnerBudget(
            number=number,
            name=row.get("partner_name", ""),
            **{name: row[name] for name in [*COSTS, *SHARES] if name in row},
        )
        for number, row in partners_of(values).items()
    ]


def sums_of(values: Values) -> dict[str, Decimal]:
    """Total budget and amount requested by field of the application; {} without amounts."""
    if not any(name in row for row in values.values() for name in [*COSTS, *SHARES]):
        return {}
    budgets = budgets_of(values)
    total = sum((budget.costs() for budget in budgets), Decimal())
    requested = sum((budget.grant() for budget in budgets), Decimal())
    return {"total_budget_eur": total, "requested_eur": requested}
