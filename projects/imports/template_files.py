"""The workbook to fill in for an import."""

from io import BytesIO

from django.utils.translation import gettext as _

from projects.imports.columns import FIELDS, REQUIRED, TERMS, columns_for
from projects.imports.file_rows import TEMPLATE_SHEET
from projects.imports.problems import MOST_ROWS
from psf.exports.files import safe_row

WIDTHS = {"title": 40, "summary": 40, "description": 40, "partner_name": 40}


def column_table(*, may_decide: bool) -> list[tuple[str, bool, str, list[str]]]:
    """Each column: name, whether it is required, what to enter, allowed words."""
    return [
        (name, name in REQUIRED, str(meaning), _allowed_words(name))
        for name, meaning in columns_for(may_decide=may_decide).items()
    ]


def _allowed_words(column: str) -> list[str]:
    if column in TERMS:
        return list(FIELDS[column].related_model.objects.values_list("name", flat=True))
    if column == "currency":
        return ["EUR"]
    return [value for value, _label in FIELDS[column].flatchoices or []]


def template(*, may_decide: bool) -> bytes:
    """A sheet to fill in, with lists of the allowed words, and a sheet of explanations."""
    # Imported here to save memory: few requests need a workbook.
    from xlsxwriter import Workbook
    from xlsxwriter.utility import xl_range_abs

    file = BytesIO()
    with Workbook(file, {"strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True})
        sheet, explanation = map(book.add_worksheet, [TEMPLATE_SHEET, _("Allowed values")])
        sheet.freeze_panes(1, 0)
        heads = [_("Column"), _("Required"), _("What to enter"), _("Allowed words")]
        explanation.write_row(0, 0, heads, bold)
        columns = column_table(may_decide=may_decide)
        for place, (name, required, meaning, words) in enumerate(columns):
            sheet.set_column(place, place, WIDTHS.get(name, 18))
            sheet.write_string(0, place, name, bold)
            explained = [name, _("yes") if required else "", meaning, *safe_row(words)]
            explanation.write_row(place + 1, 0, explained)
            if words and name not in TERMS:  # a cell may name several terms
                offered = xl_range_abs(place + 1, 3, place + 1, 2 + len(words))
                rule = {"validate": "list", "source": f"='{explanation.name}'!{offered}"}
                sheet.data_validation(1, place, MOST_ROWS, place, rule)
        for place, width in enumerate([18, 10, 70]):
            explanation.set_column(place, place, width)
    return file.getvalue()
