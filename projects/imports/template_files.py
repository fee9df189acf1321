"""Empty files to fill in, with the allowed words of each column."""

import csv
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from partners.models import PartnerKind
from projects.imports.columns import REQUIRED, columns_for
from projects.imports.limits import MOST_ROWS
from projects.imports.recorded_projects import TERMS
from projects.imports.xlsx_rows import TEMPLATE_SHEET
from projects.models import AmountKind, Priority, ProjectStatus, Role, Topic
from psf.exports.csv_file import safe_row

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.styles import Font

WIDTHS = {"title": 40, "summary": 40, "description": 40, "partner_name": 40}
FIRST_ROW = 2  # below the header


def column_table(*, may_decide: bool) -> list[tuple[str, bool, str, list[str]]]:
    """Each column: name, whether it is required, what to enter, allowed words."""
    allowed = {
        "status": ProjectStatus.values,
        "amount_kind": AmountKind.values,
        "currency": ["EUR"],
        "priority": list(Priority.objects.values_list("name", flat=True)),
        "topics": list(Topic.objects.values_list("name", flat=True)),
        "partner_role": Role.values,
        "partner_kind": PartnerKind.values,
    }
    return [
        (name, name in REQUIRED, str(meaning), allowed.get(name, []))
        for name, meaning in columns_for(may_decide=may_decide).items()
    ]


def as_csv(*, may_decide: bool) -> bytes:
    """The header row, with a byte order mark for Excel."""
    text = StringIO()
    csv.writer(text).writerow(columns_for(may_decide=may_decide))
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(*, may_decide: bool) -> bytes:
    """A sheet to fill in, with lists of the allowed words, and a sheet of explanations."""
    # Imported here to save memory: few requests need openpyxl.
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet, explanation = book.active, book.create_sheet(_("Allowed values"))
    sheet.title = TEMPLATE_SHEET
    sheet.append(list(columns_for(may_decide=may_decide)))
    sheet.freeze_panes = "A2"
    explanation.append([_("Column"), _("Required"), _("What to enter"), _("Allowed words")])
    for row, (name, required, meaning, words) in enumerate(
        column_table(may_decide=may_decide), start=FIRST_ROW
    ):
        letter = get_column_letter(row - 1)
        sheet.column_dimensions[letter].width = WIDTHS.get(name, 18)
        required_in_words = _("yes") if required else ""
        explanation.append([name, required_in_words, meaning, *safe_row(words)])
        if words and name not in TERMS:  # a cell may name several terms
            last = get_column_letter(3 + len(words))
            offered = f"'{explanation.title}'!$D${row}:${last}${row}"
            rule = DataValidation(type="list", formula1=offered)
            rule.add(f"{letter}{FIRST_ROW}:{letter}{MOST_ROWS + 1}")
            sheet.add_data_validation(rule)
    for letter, width in [("A", 18), ("B", 10), ("C", 70)]:
        explanation.column_dimensions[letter].width = width
    return _file_content(book, Font(bold=True))


def _file_content(book: "Workbook", header_font: "Font") -> bytes:
    for sheet in book.worksheets:
        for cell in sheet[1]:
            cell.font = header_font
    file = BytesIO()
    book.save(file)
    return file.getvalue()
