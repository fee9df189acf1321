"""A form is read by its labels: every cell is read, or named as a fault or a note."""

import re
import zipfile
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from projects.application_forms.layout import Form
from projects.application_forms.reader import read_form
from projects.application_forms.records import rows_of_import
from psf.history import recording
from psf.history.models import Channel
from tests.projects.application_forms.support import (
    file_of,
    filled,
    make_open_call,
    shown,
)
from tests.projects.imports.test_parser import HOSTILE
from tests.support import factories

DECLARATION = "We declare that all partners agree to this application and its budget"
pytestmark = pytest.mark.django_db


@pytest.fixture
def call():
    return make_open_call()


def read(call, content, name="form.xlsx"):
    return read_form(content, name, Form(call))


def faults(call, content):
    return [str(fault) for fault in read(call, content).faults]


def notes(call, content):
    result = read(call, content)
    assert not result.faults, result.faults
    return result.notes


def test_a_filled_form_is_read_back_without_a_difference(call):
    cells = filled(call)
    result = read(call, file_of(call, cells))
    assert not result.faults
    assert not result.notes
    assert shown(call, result.values) == cells
    result.reference, result.received_on = "PSF-2027-01", date(2027, 1, 2)
    rows = rows_of_import(result, 1)
    assert rows.values["received_on"] == date(2027, 1, 2)
    assert rows.values["total_cost"] == Decimal("60001.50")
    assert rows.values["requested_amount"] == Decimal("52501.50")
    assert [row.role for row in rows.partners] == ["lead", "partner", "partner"]


def test_an_empty_form_names_every_required_cell(call):
    assert faults(call, file_of(call, {})) == [
        "Project B4, “Title”: This cell is empty. Fill it in.",
        "Project B8, “Summary for the public”: This cell is empty. Fill it in.",
        "Project B12, “First day”: This cell is empty. Fill it in.",
        "Project B14, “Last day”: This cell is empty. Fill it in.",
        "Project B16, “Priority”: This cell is empty. Fill it in.",
        "Partners B4, “Name in its own language”: This cell is empty. Fill it in.",
        "Partners F4, “Country”: This cell is empty. Fill it in.",
        "Questions B4, “Why?”: This cell is empty. Fill it in.",
        "Questions B6, “How?”: This cell is empty. Fill it in.",
        "Contact B4, “Contact person”: This cell is empty. Fill it in.",
        "Contact B8, “E-mail”: This cell is empty. Fill it in.",
        f"Contact B12, “{DECLARATION}”: This cell is empty. Fill it in.",
    ]


def put(*cells):
    """Write values into cells of a sheet."""

    def edit(book):
        for sheet, spot, value in cells:
            book[sheet][spot] = value

    return edit


def cut_and_paste(book):
    book["Project"].move_range("B4", rows=2)


def calendar_of_1904(book):
    book.epoch = CALENDAR_MAC_1904


def insert_a_partner(book):
    book["Partners"].insert_rows(5)
    book["Partners"]["B5"] = "Another partner"


def empty_the_numbers(book):
    for (cell,) in book["Partners"].iter_rows(min_row=4, max_col=1):
        cell.value = None


def rename(book):
    book["Questions"].title = "Answers"


def add_a_sheet(book):
    book.create_sheet("Letter")["A1"] = "Dear all"


# What people do to a form, and all that is said: faults, which stop the file, and notes.
FAULTS = [
    (put(("Project", "B12", "next spring")), "Project B12, “First day”: This day cannot be read."),
    (put(("Project", "B12", "31.08.2027")), "Project B12, “First day”: This day cannot be read."),
    (put(("Project", "B12", 46631.5)), "This is a day with a time."),
    (put(("Project", "B4", "=A4")), "This is a formula."),
    (put(("Project", "B4", "#DIV/0!")), "This formula has an error."),
    (put(("Project", "B4", "x" * 301)), "The text has 301 characters. At most 300 are allowed."),
    (put(("Project", "B4", "a\u202eb")), "a character that cannot be stored (U+202E)"),
    (put(("Project", "B4", "a_x000B_b")), "a character that cannot be stored (U+000B)"),
    (put(("Project", "B16", "Fun")), "Use one of these words: Safe and Secure Region."),
    (put(("Partners", "F4", "Atlantis")), "No country has this name."),
    (put(("Partners", "F5", None)), "Partners F5, “Country”: This cell is empty."),
    (put(("Budget", "C4", "1.234")), "“1.234” is ambiguous"),
    (put(("Budget", "C4", "65.000,00")), "“Personnel”: This amount cannot be read. Write it like"),
    (put(("Budget", "C4", "1 200 EUR")), "This amount cannot be read. Write it like 65000.50."),
    (put(("Budget", "C4", 1234.5678)), "An amount has at most two decimals."),
    (put(("Budget", "C4", -5)), "Budget C4, “Personnel”"),
    (put(("Budget", "C9", 5), ("Partners", "F9", "LV")), "Partners B9, “Name in its own language”"),
    (put(("Budget", "H4", 90000)), "Own share and other funding are higher than the costs of Osta"),
    (
        put(("Partners", "B6", "Sadam "), ("Partners", "F6", "Estonia")),
        "Partners B6, “Name in its own language”: Row 2 names this organisation too.",
    ),
    (put(("Budget", "C4", 9e9), ("Budget", "D5", 9e9)), "Budget: The sum of all costs: An amount"),
    (put(("Contact", "B8", "anna")), "Contact B8, “E-mail”: Enter a valid e-mail address."),
    (put(("Questions", "A4", "Warum?")), "Questions, “Why?”: The label is missing, changed or the"),
    (cut_and_paste, "Project B4, “Title”: This cell is empty. Fill it in."),
    (empty_the_numbers, "Partners: The sheet, its labels or its numbers are missing."),
    (
        lambda book: book.remove(book["Budget"]),
        "Budget: The sheet, its labels or its numbers are missing.",
    ),
    (lambda book: book["Partners"].merge_cells("B8:C9"), "Partners B8:C9: These cells are merged."),
    (
        lambda book: book["Partners"].delete_rows(6),
        "Partners: The rows of these partners are missing or there twice: 3.",
    ),
    (
        put(("Partners", "A4", 9.5)),
        "Partners: The rows of these partners are missing or there twice: 1.",
    ),
    (
        put(("Budget", "A9", 1), ("Budget", "C9", 9e4)),
        "Budget: The rows of these partners are missing or there twice: 1, 6.",
    ),
]
NOTES = [
    (put(("Project", "B6", 46000.5)), "Project B6 is a number and was read as “46000.5”."),
    (put(("Project", "B4", "Storm\nWatch")), "Project B4 has an end of line, read as a blank."),
    (put(("Project", "D7", "Call me")), "Project D7 is not part of the form: “Call me”."),
    (put(("Partners", "N9", "late")), "Partners N9 is not part of the form: “late”."),
    (put(("Budget", "A30", "paid late")), "Budget A30 is not part of the form: “paid late”."),
    (put(("Contact", "D1", "new post")), "Contact D1 is not part of the form: “new post”."),
    (insert_a_partner, "Partners B5 is not part of the form: “Another partner”."),
    (rename, "The sheet “Answers” was read as “Questions”."),
    (add_a_sheet, "Not read: the sheet “Letter”."),
    (lambda book: book.copy_worksheet(book["Contact"]), "Not read: the sheet “Contact Copy”."),
]
WITHOUT_A_WORD = [
    lambda book: None,  # another program has written the file
    calendar_of_1904,
    put(("Project", "B12", "2027-09-01"), ("Budget", "C4", "20000.50")),
    put(("Questions", "B4", "Storms come_x000D_\nwithout a warning.")),
    put(("Partners", "F4", "LV"), ("Partners", "F5", "estonia"), ("Partners", "F6", "FI")),
    lambda book: book["Project"].insert_rows(4),
    lambda book: book.move_sheet("Budget", -3),
    lambda book: book["Project"].protection.disable(),
]


@pytest.mark.parametrize(("edit", "told"), [*FAULTS, *NOTES, *((e, "") for e in WITHOUT_A_WORD)])
def test_whatever_people_do_to_a_form_is_read_or_said(call, edit, told):
    result = read(call, file_of(call, edit=edit))
    said = [str(fault) for fault in result.faults] or result.notes
    assert bool(result.faults) == ((edit, told) in FAULTS)
    assert (len(said), told in " ".join(said)) == (bool(told), True)
    if not told:
        assert shown(call, result.values) == filled(call)


def test_a_gap_between_partners_is_closed(call):
    cells = {
        (sheet, key, number + (sheet in ["Partners", "Budget"] and number == 3)): value
        for (sheet, key, number), value in filled(call).items()
    }
    result = read(call, file_of(call, cells))
    assert (result.faults, shown(call, result.values)) == ([], filled(call))


def test_forms_of_other_calls_and_older_forms_are_recognised(call):
    other = factories.make_call(slug="psf-2026")
    other.questions.set([])
    content = file_of(other, {})
    assert faults(call, content) == ["This is the form of another call (psf-2026)."]
    content = file_of(call)
    with recording.change_set(None, channel=Channel.COMMAND):
        call.questions.filter(text="How?").update(limit=1999)
    [note] = notes(call, content)
    assert note.startswith("The form is older than the rules and questions. Check the answers.")

    def spoil(book):
        for row in book.custom_doc_props.props:
            row.value = {"form_changes": "many"}.get(row.name, row.value)

    assert note in notes(call, file_of(call, edit=spoil))


def zipped(parts):
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "The file is empty."),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "This is an old Excel file or has a password."),
        (b"%PDF-1.7", "The content is a PDF."),
        (b"reference,title\n", "This is not a workbook."),
        (b"PK" + b"0" * 2_000_001, "The file has more than 2 MB."),
        (b"PK\x03\x04 broken", "The workbook is damaged"),
        (zipped({f"xl/{number}": b"" for number in range(61)}), "more than 60 parts"),
        (zipped({"xl/workbook.xml": b"0" * 5_300_000}), "Unpacked, the workbook has 5 MB."),
        (zipped({"content.xml": b""}), "This is an OpenDocument file"),
        (zipped({"xl/workbook.xml": b"<x"}), "The workbook is damaged"),
    ],
)
def test_other_files_are_refused_with_a_sentence(call, content, fault):
    [told] = faults(call, content)
    assert fault in told


def test_a_cell_with_an_unknown_format_is_refused_as_damage(call):
    with zipfile.ZipFile(BytesIO(file_of(call))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet4.xml"  # the budget
    parts[name] = re.sub(rb'(r="C4" s=)"\d+"', rb'\1"9999"', parts[name])
    [told] = faults(call, zipped(parts))
    assert "The workbook is damaged" in told


@pytest.mark.parametrize("content", [content for content, _sentence in HOSTILE])
def test_the_hostile_files_of_the_import_are_refused_here_too(call, content):
    result = read(call, content)
    assert result.faults
    assert result.values == {0: {}}


def test_a_form_may_have_neither_amounts_nor_questions(call):
    before = filled(call)
    call.questions.filter(for_each_partner=False).delete()
    cells = {key: cell for key, cell in before.items() if key[0] not in ["Budget", "Questions"]}
    result = read(call, file_of(call, cells | {("Project", "acronym", 1): "  "}))
    assert not result.faults
    rows = rows_of_import(result, 1)
    assert rows.values["acronym"] == ""
    assert rows.values.keys().isdisjoint(["total_cost", "requested_amount", "received_on"])
