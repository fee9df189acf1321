"""The empty file that staff fill in, with the words that each column takes."""

import csv
from io import BytesIO, StringIO
from typing import Any

from django.utils.translation import gettext as _

from partners.models import PartnerKind
from projects.imports.columns import COLUMNS, REQUIRED
from projects.imports.limits import MOST_ROWS
from projects.imports.xlsx_rows import TEMPLATE_SHEET
from projects.models import AmountKind, Priority, ProjectStatus, Role

WIDTHS = {"title": 40, "summary": 40, "description": 40, "partner_name": 40}
FIRST_ROW = 2  # below the heads
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def allowed_values() -> dict[str, list[str]]:
    """The words that a column takes, for those that take no others."""
    return {
        "status": ProjectStatus.values,
        "amount_kind": AmountKind.values,
        "currency": ["EUR"],
        "priority": list(Priority.objects.values_list("name", flat=True)),
        "partner_role": Role.values,
        "partner_kind": PartnerKind.values,
    }


def explained() -> list[tuple[str, bool, str, list[str]]]:
    """Each column: its name, whether it is required, what to enter, which words it takes."""
    allowed = allowed_values()
    return [
        (name, name in REQUIRED, str(meaning), allowed.get(name, []))
        for name, meaning in COLUMNS.items()
    ]


def as_csv() -> bytes:
    """The heads alone, as Excel opens them: with a byte order mark."""
    text = StringIO()
    csv.writer(text).writerow(COLUMNS)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx() -> bytes:
    """A sheet to fill in, whose cells offer their words, and one that explains the columns."""
    # Here and not above: each worker would hold six megabytes that few requests need.
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet, explanation = book.active, book.create_sheet(_("Allowed values"))
    sheet.title = TEMPLATE_SHEET
    sheet.append(list(COLUMNS))
    sheet.freeze_panes = "A2"
    explanation.append([_("Column"), _("Required"), _("What to enter"), _("Allowed words")])
    for row, (name, required, meaning, words) in enumerate(explained(), start=FIRST_ROW):
        letter = get_column_letter(row - 1)
        sheet.column_dimensions[letter].width = WIDTHS.get(name, 18)
        required_in_words = _("yes") if required else ""
        explanation.append([name, required_in_words, meaning, *(as_data(word) for word in words)])
        if words and name != "priority":  # of which a cell may name several
            last = get_column_letter(3 + len(words))
            offered = f"'{explanation.title}'!$D${row}:${last}${row}"
            rule = DataValidation(type="list", formula1=offered)
            rule.add(f"{letter}{FIRST_ROW}:{letter}{MOST_ROWS + 1}")
            sheet.add_data_validation(rule)
    for letter, width in [("A", 18), ("B", 10), ("C", 70)]:
        explanation.column_dimensions[letter].width = width
    return _saved(book, Font(bold=True))


def _saved(book: Any, of_heads: Any) -> bytes:
    """With its heads in that font."""
    for sheet in book.worksheets:
        for cell in sheet[1]:
            cell.font = of_heads
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def as_data(text: str) -> str:
    """The text of a cell, never a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
