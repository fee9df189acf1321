"""Writes the application form of a call as an XLSX workbook, and sends it to readers.

Cells to fill in are marked and open; all other cells are locked without a password. A locked row
stands between two answers, so that pasted rows do not overwrite the next answer. No cells are
merged and no formula depends on the language of the program.
"""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _, gettext_lazy

from projects.application_forms import checks
from projects.application_forms.layout import (
    AMOUNT,
    BUDGET,
    CHECK,
    CHOICE,
    DAY,
    FIRST_ROW,
    LINE,
    LISTS,
    MOST_PARTNERS,
    READ_ME,
    TEXT,
    Form,
    FormField,
    FormSheet,
    Values,
    row_of,
)
from projects.eligibility.rules import rules_of
from projects.models import Call
from projects.pages.open_call import deadline_elsewhere
from psf.exports.responses import CONTENT_TYPES, data_view, limit_downloads
from psf.text.dates import describe_moment

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

ANSWER_WIDTH = 80  # characters of a line of an answer
MOST_HEIGHT = 409  # points, the highest row of a spreadsheet
LINE_HEIGHT = 13
SPACER_HEIGHT = 4
TABLE_ROW_HEIGHT = 18
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)  # a spreadsheet has none before 1900
INPUT_COLOUR, LINE_COLOUR = "#FFF8E1", "#6B818E"
WRAPPED = {"text_wrap": True, "valign": "top"}
COLOURS = {"border": 1, "border_color": LINE_COLOUR, "bg_color": INPUT_COLOUR}
INPUT = {**WRAPPED, **COLOURS, "locked": False}
FORMATS: dict[str, dict[str, Any]] = {
    "heading": {"bold": True, "font_size": 14},
    "bold": {"bold": True},
    "note": WRAPPED,
    "head": {"bold": True, **WRAPPED},
    "sum": {"num_format": "#,##0.00;-#,##0.00;", "valign": "top"},
    "state": {"italic": True, "align": "left", "indent": 1, **WRAPPED},
    "number": {"align": "left", "valign": "top"},
    **dict.fromkeys([LINE, TEXT, CHOICE], INPUT),
    AMOUNT: {**INPUT, "num_format": "#,##0.00"},
    DAY: {**INPUT, "num_format": "yyyy-mm-dd", "align": "left"},
}
FONT = {"font_name": "Arial", "font_size": 10}
WIDTHS = {"partner_name": 34, "english": 30, "partner_country": 16, "partner_website": 24}
HOW_TO_FILL_IN = gettext_lazy(
    "Fill in the marked cells of all sheets. To paste a text, double-click the cell or press F2 "
    "first. If a cell no longer lets you in, undo the last step, or lift the protection of the "
    "sheet: it has no password. The sheet “Check” says what is missing."
)
YOUR_DATA = gettext_lazy(
    "The secretariat stores the answers to decide on the application. Readers of the site see "
    "title, summary, partners, period and grant of funded projects. The contact person is never "
    "shown."
)


class FormWriter:
    """Writes one form, filled in with the values of an application if there are any."""

    page: "Worksheet"  # that is being written

    def __init__(self, form: Form, book: "Workbook", values: Values) -> None:
        self.form = form
        self.book = book
        self.values = values
        self.formats = {name: book.add_format(values) for name, values in FORMATS.items()}

    def write(self) -> None:
        call, version = self.form.call, len(self.form.versions)
        self._begin(READ_ME, _("Application form of %(call)s") % {"call": call.title}, call.summary)
        self._write_read_me()
        for sheet in self.form.sheets:
            self._begin(sheet.name, sheet.name, sheet.instruction)
            for row, column, field, number in sheet.cells():
                value = self.form.content(field, self.values.get(number, {}))
                self.page.write(row, column, value, self.formats[field.kind])
                self.page.data_validation(row, column, row, column, _validation(field))
            if sheet.is_table:
                self._write_table(sheet)
            else:
                self._write_answers(sheet)
        self._begin(CHECK, CHECK, _("What the rules of the call say about your answers."))
        self._write_checks()
        self._write_lists()
        self.book.set_custom_property("form_call", call.slug)
        self.book.set_custom_property("form_changes", str(version))

    def _begin(self, name: str, heading: str, instruction: str) -> None:
        self.page = page = self.book.add_worksheet(name)
        self._write(0, 0, heading, "heading")
        page.write_string(1, 0, instruction)
        page.protect("", {"format_rows": True, "format_columns": True})
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        title, version = self.form.call.title.replace("&", "&&"), len(self.form.versions) + 1
        page.set_footer(f"&L{title} · {version}&R&P / &N")

    def _set_widths(self, *widths: int) -> None:
        for column, width in enumerate(widths):
            self.page.set_column(column, column, width)

    def _write(self, row: int, column: int, text: str, name: str = "head") -> None:
        self.page.write_string(row, column, text, self.formats[name])

    def _calculate(
        self, row: int, column: int, name: str, formula: str, of_empty: str | int
    ) -> None:
        """Write a formula with its result in an empty form, which previews of files show.

        Without a result LibreOffice calculates when it opens the file.
        """
        result = "" if self.values else of_empty
        self.page.write_formula(row, column, formula, self.formats[name], result)

    def _write_read_me(self) -> None:
        self._set_widths(24, 90)
        for place, (label, text) in enumerate(row for row in self._read_me() if row[1]):
            self._write(row_of(place), 0, label)
            self._write(row_of(place), 1, text, "note")

    def _read_me(self) -> Iterator[tuple[str, str]]:
        """Heading and text of each row; a row without a text is left out."""
        call = self.form.call
        yield _("Closes"), call.closes()
        yield _("On other clocks"), deadline_elsewhere(call)
        for rule in rules_of(call):
            yield rule.label, rule.in_words()
        for criterion in call.criteria.all():
            yield _("Criterion"), _("%(name)s, weight %(weight)d") % vars(criterion)
        yield _("How to apply"), call.how_to_apply
        yield _("Whom to ask"), call.contact
        yield _("Guidelines"), call.guidelines_url
        yield _("How to fill in"), str(HOW_TO_FILL_IN)
        yield _("Your data"), str(YOUR_DATA)
        for number, version in enumerate(self.form.versions, start=2):
            heading = _("Version %(number)d of this form") % {"number": number}
            yield heading, f"{describe_moment(version.moment)}. {' '.join(version.changes)}"

    def _write_answers(self, sheet: FormSheet) -> None:
        self._set_widths(30, ANSWER_WIDTH, 22)
        for row, _column, field, _number in sheet.cells():
            height = LINE_HEIGHT * (field.limit / ANSWER_WIDTH + (6 if field.kind == TEXT else 1))
            self.page.set_row(row, min(MOST_HEIGHT, max(height, LINE_HEIGHT * 3)))
            self.page.set_row(row + 1, SPACER_HEIGHT)
            self._write_caption(row, 0, field)
            state = checks.REQUIRED if field.required else ""
            self._calculate(row, 2, "state", checks.state_formula(field, f"B{row + 1}"), state)

    def _write_caption(self, row: int, column: int, field: FormField) -> None:
        """The label in bold letters, and the hint below."""
        if field.hint:
            parts = [self.formats["bold"], field.label, f"\n{field.hint}", self.formats["note"]]
            self.page.write_rich_string(row, column, *parts)
        else:
            self._write(row, column, field.label)

    def _write_table(self, sheet: FormSheet) -> None:
        """The heads, the numbers of the partners, and what is calculated for each of them."""
        head = FIRST_ROW - 1
        self.page.set_landscape()
        self.page.freeze_panes(FIRST_ROW, 2)
        self.page.repeat_rows(head)
        self.page.set_column(0, 0, 5)
        self._write(head, 0, _("No"))
        for column, field in enumerate(sheet.fields, start=sheet.first_column):
            self.page.set_column(column, column, WIDTHS.get(field.key, 16))
            self._write_caption(head, column, field)
        for column, (label, width) in checks.heads(sheet).items():
            self.page.set_column(column, column, width)
            self._write(head, column, label)
        for number in sheet.numbers():
            self.page.set_row(head + number, TABLE_ROW_HEIGHT)
            self.page.write_number(head + number, 0, number, self.formats["number"])
            for column, cell in checks.formulas(sheet, head + number).items():
                self._calculate(head + number, column, *cell)
        if sheet.name == BUDGET:
            row = FIRST_ROW + MOST_PARTNERS
            self._write(row, 0, _("All"))
            for column, formula in checks.sums_of_columns().items():
                self._calculate(row, column, "sum", formula, 0)

    def _write_checks(self) -> None:
        self._set_widths(26, 70, 18)
        for place, (label, working, verdict) in enumerate(checks.check_lines(self.form)):
            self._write(row_of(place), 0, label)
            self._calculate(row_of(place), 1, "note", *working)
            self._calculate(row_of(place), 2, "head", *verdict)

    def _write_lists(self) -> None:
        """The table of countries, named cells below it, and the words of the lists: hidden."""
        page = self.book.add_worksheet(LISTS)
        page.hide()
        rows = checks.country_rows(self.form)
        for row, (texts, formulas) in enumerate(rows, start=1):
            page.write_row(row, 0, texts)
            for column, formula in enumerate(formulas, start=len(texts)):
                page.write_formula(row, column, formula, None, "")
        names = checks.names_of(self.form, len(rows))
        for row, (name, formula) in enumerate(checks.helpers().items(), start=len(rows) + 1):
            page.write_formula(row, 0, formula, None, "")
            names[name] = f"={LISTS}!$A${row + 1}"
        for column, (name, words) in enumerate(self.form.lists.items(), start=checks.TABLE_WIDTH):
            page.write_column(0, column, words.values())
            last = LISTS, max(1, len(words)) - 1, column
            names[f"lists_{name}"] = f"={checks.range_of((LISTS, 0, column), last)}"
        for name, meaning in names.items():
            self.book.define_name(name, meaning)


def _validation(field: FormField) -> dict[str, Any]:
    """What a cell accepts, and the sentence for everything else."""
    if field.kind == CHOICE:
        rule: dict[str, Any] = {"validate": "list", "source": f"=lists_{field.options}"}
        why = _("Choose a word of the list.")
    elif field.kind == DAY:
        rule = {"validate": "date", "minimum": FIRST_DAY, "maximum": LAST_DAY}
        why = _("Enter a day, such as 2027-09-01.")
    elif field.kind == AMOUNT:
        rule = {"validate": "decimal", "minimum": 0, "maximum": 9_999_999_999}
        why = _("Enter an amount in EUR, 0 or more.")
    else:  # “stop” can throw away what was typed
        rule = {"validate": "length", "minimum": 0, "maximum": field.limit}
        rule["error_type"] = "warning"
        why = _("At most %(most)d characters fit. Shorten the text.") % {"most": field.limit}
    between = {} if field.kind == CHOICE else {"criteria": "between"}
    return {**rule, **between, "error_title": field.label[:32], "error_message": why}


def write_form(call: Call, values: Values | None = None) -> bytes:
    """The application form of a call, empty or filled in."""
    # Imported here to save memory: few requests need a workbook.
    from xlsxwriter import Workbook

    file = BytesIO()
    options = {
        "strings_to_urls": False,
        "strings_to_formulas": False,
        "default_format_properties": FONT,
    }
    with Workbook(file, options) as book:
        FormWriter(Form(call), book, values or {}).write()
    return file.getvalue()


def form_response(name: str, content: bytes) -> HttpResponse:
    """A workbook as a download."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return HttpResponse(content, CONTENT_TYPES["xlsx"], headers=headers)


@data_view
def application_form(request: HttpRequest, slug: str, suffix: str) -> HttpResponse:
    """The empty form of a public call that is not closed; 404 for any other call."""
    call = get_object_or_404(Call.objects.with_form(), slug=slug)
    limit_downloads(request)
    return form_response(f"{slug}-application-form", write_form(call))
