"""Reading a file of projects, and every sentence that refuses a file."""

import zipfile
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from partners.models import CountryName
from projects.imports import problems
from projects.imports.cells import NOTATIONS, amount_in_cell, day_in_cell, read_text
from projects.imports.file_rows import open_workbook
from projects.imports.problems import Refused
from projects.imports.template import COLUMNS
from tests.projects.imports.support import (
    ROW,
    as_bytes,
    as_csv,
    as_workbook,
    read,
    refusals,
    rows,
)
from tests.support.cases import HOSTILE_TEXTS
from tests.support.factories import make_country, make_priority

pytestmark = pytest.mark.django_db

TEXTS_IN_CSV = {
    name: text
    for name, text in HOSTILE_TEXTS.items()
    if "\0" not in text and text == text.encode(errors="ignore").decode()
}


@pytest.fixture(autouse=True)
def countries():
    for code in ["LV", "FI"]:
        make_country(code)


def only(table):
    (project,) = table.projects.values()
    return project


# Formats

FULL = rows(
    {"starts_on": "2030-09-01", "amount": "65000.50", "amount_kind": "ceiling"},
    {
        "starts_on": "2030-09-01",
        "amount": "65000.50",
        "amount_kind": "ceiling",
        "partner_role": "partner",
        "partner_name": "Åbo Akademi",
        "partner_country": "Finland",
    },
)


@pytest.mark.parametrize(
    "content",
    [
        as_csv(FULL),
        as_csv(FULL, ";"),
        b"\xef\xbb\xbf" + as_csv(FULL, ";").encode(),
        as_csv(FULL).encode("utf-16"),
        as_csv(FULL).replace("\r\n", "\n").encode(),
        as_workbook(FULL),
    ],
    ids=[
        *["commas", "semicolons", "byte order mark"],
        *["UTF-16 by its mark", "line feeds", "XLSX"],
    ],
)
def test_the_same_rows_are_read_from_every_format(content):
    table = read(content)
    project = only(table)
    assert project.values == {
        "reference": "PSF-2030-01",
        "title": "Storm Watch",
        "starts_on": date(2030, 9, 1),
        "amount": Decimal("65000.50"),
        "amount_kind": "ceiling",
    }
    assert [(part.row, part.role, part.name, part.country) for part in project.partners] == [
        (2, "lead", "Harbour Office", "LV"),
        (3, "partner", "Åbo Akademi", "FI"),
    ]


def test_cells_of_a_workbook_keep_their_kind():
    text = "Storm_x000D_\nWatch"  # an end of line of Windows
    numbers = {"reference": 308974, "starts_on": date(2030, 9, 1), "total_cost": 90000.1}
    project = only(read(as_workbook(rows({"description": text, **numbers}))))
    assert project.values["description"] == "Storm\nWatch"
    assert project.reference == "308974"
    assert project.values["starts_on"] == date(2030, 9, 1)
    assert project.values["total_cost"] == Decimal("90000.10")


def test_rows_of_a_project_may_be_apart_and_empty_rows_are_skipped():
    text = as_csv(rows({}, {"reference": "B"}, {"partner_role": "partner", "partner_name": "Pier"}))
    text = text.replace("\r\nB", "\r\n\r\n, ,,,\r\nB")
    table = read(text)
    assert [part.row for part in table.projects["PSF-2030-01"].partners] == [2, 6]
    assert [part.row for part in table.projects["B"].partners] == [5]


def test_columns_have_any_order_and_empty_columns_may_follow():
    text = as_csv([dict(reversed(ROW.items()))]).replace("\r\n", ",,\r\n")
    assert only(read(text)).values["title"] == "Storm Watch"


def test_texts_are_normalised_and_stripped():
    assert only(read(rows({"title": "x" * 300}))).values["title"] == "x" * 300
    content = rows({"title": "  Ka\u0304rlis \u201cWatch\u201d\r\nnext  ", "partner_role": "LEAD"})
    project = only(read(content))
    assert project.values["title"] == "K\u0101rlis \u201cWatch\u201d next"
    assert project.partners[0].role == "lead"


def test_semicolons_separate_priorities():
    sea, safe = make_priority("Sea"), make_priority("Safe Region")
    project = only(read(rows({"priority": " safe region;Sea"})))
    assert project.values["priority"] == (safe, sea)


# Notations


@pytest.mark.parametrize(
    ("notation", "text", "amount"),
    [
        ("plain", "65000", "65000"),
        ("plain", "65000.5", "65000.50"),
        ("plain", "EUR 65000", "65000"),
        ("british", "65,000.50", "65000.50"),
        ("american", "9,999,999,999.99", "9999999999.99"),
        ("german", "65.000,50", "65000.50"),
        ("german", "1.234", "1234"),
        ("german", "65000", "65000"),
        ("nordic", "65 000,50", "65000.50"),
        ("nordic", "65\N{NO-BREAK SPACE}000", "65000"),
        ("nordic", "65 000,50 €", "65000.50"),
    ],
)
def test_amounts_are_read_in_the_chosen_notation(notation, text, amount):
    assert amount_in_cell(text, NOTATIONS[notation]) == Decimal(amount)


OTHER_NOTATION = "This amount cannot be read. Write it like"
OUT_OF_BOUNDS = "An amount lies between 0 and 9 999 999 999.99 EUR."
AMBIGUOUS = "“65.000” is ambiguous: is it 65 or 65 000 EUR? Write 65 or 65000."


@pytest.mark.parametrize(
    ("notation", "text", "why"),
    [
        *[("plain", text, OTHER_NOTATION) for text in ["65,000", "65 000", "SEK 65000", "6.5e4"]],
        *[("plain", text, OTHER_NOTATION) for text in ["٣", ".5", "1" * 31, "Infinity", "NaN"]],
        *[("plain", text, OTHER_NOTATION) for text in ["65000.", "--1", "1.2.3"]],
        *[("british", text, OTHER_NOTATION) for text in ["65.000,50", "6,50", "65,0000", ",100"]],
        *[("german", text, OTHER_NOTATION) for text in ["65,000.50", "6.50", "65 000"]],
        *[("nordic", text, OTHER_NOTATION) for text in ["65.000", "65  000", "65,000,000"]],
        *[("plain", text, OUT_OF_BOUNDS) for text in ["-1", "10000000000"]],
        ("plain", "1.0055", "An amount has at most two decimals."),
        *[(notation, "65.000", AMBIGUOUS) for notation in ["plain", "british", "american"]],
    ],
)
def test_other_amounts_are_refused(notation, text, why):
    (problem,) = refusals(rows({"total_cost": text}), notation=notation)
    assert problem.startswith(f"Row 2, total_cost “{text}”: {why}")
    example = NOTATIONS[notation].example.split(", ")[0]
    assert why != OTHER_NOTATION or problem.endswith(f"{why} {example}.")


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        *[(notation, "2030-08-31") for notation in NOTATIONS],
        ("british", "31/08/2030"),
        ("american", "8/31/2030"),
        ("german", "31.8.2030"),
        ("nordic", "31.08.2030"),
    ],
)
def test_days_are_read_in_the_chosen_notation(notation, text):
    assert day_in_cell(text, NOTATIONS[notation]) == date(2030, 8, 31)


NO_DAY = "This day cannot be read."


@pytest.mark.parametrize(
    ("notation", "text", "why"),
    [
        *[("plain", text, NO_DAY) for text in ["31/08/2030", "31.08.2030", "2030-8-31", "2030"]],
        *[("plain", text, NO_DAY) for text in ["August 2030", "2030-08-31, closed", "٢٠٣٠-٠٨-٣١"]],
        *[(notation, "31.08.2030", NO_DAY) for notation in ["british", "american"]],
        *[("german", "31/08/2030", NO_DAY), ("nordic", "31.08.30", NO_DAY)],
        *[
            ("plain", text, "This day does not exist.")
            for text in ["2030-02-30", "2030-13-01", "0000-01-01"]
        ],
        ("plain", "0001-03-01", "The year 0001 cannot be right."),
        ("plain", "43709", "This is the internal number of a day in a spreadsheet."),
    ],
)
def test_other_days_are_refused(notation, text, why):
    (problem,) = refusals(rows({"starts_on": text}), notation=notation)
    assert problem.startswith(f"Row 2, starts_on “{text}”: {why}")


NOON = datetime(2030, 9, 1, 12, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("value", "why"), [(NOON, "This is a day with a time."), (43709, "number")]
)
def test_time_or_number_of_a_workbook_is_not_a_day(value, why):
    (problem,) = refusals(as_workbook(rows({"starts_on": value})))
    assert why in problem


# Cells


EMPTY = "This cell is empty. Fill it in."
NO_TEXT = "This is a day or a time. Write text here."
SHORTENED = "A spreadsheet has shortened this number."


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        *[(column, " ", EMPTY) for column in ["reference", "title", "partner_name"]],
        ("reference", "PSF 2030", "Use letters, digits, full stops, slashes and hyphens only."),
        ("title", "x" * 301, "The text has 301 characters. At most 300 are allowed."),
        ("description", "x" * 20001, "The text has 20001 characters. At most 20000 are allowed."),
        ("status", "won", "Use one of these words: submitted, not_eligible, eligible, reserve"),
        ("partner_role", "boss", "Use one of these words: lead, partner."),
        ("currency", "SEK", "Use one of these words: EUR."),
        ("partner_country", "Atlantis", "No country has this name. Use the English name"),
        ("priority", "Fame", "No priority has this name. The priorities are: Sea."),
        ("website", "javascript:alert(1)", "Enter a valid URL."),
        ("title", True, "Write text or a number here."),
        ("title", "J\ufffdras", "The file has lost a letter here"),
        *[("total_cost", value, OUT_OF_BOUNDS) for value in [1e15, -3]],
        ("total_cost", 1.0055, "An amount has at most two decimals."),
        *[("total_cost", value, "This is not an amount.") for value in [True, date(2030, 1, 1)]],
        (
            "title",
            "Safe \u202eesuoH",
            "The text contains a character that cannot be stored (U+202E",
        ),
        *[("title", value, NO_TEXT) for value in [date(2030, 1, 1), time(12), timedelta(hours=30)]],
        *[("acronym", value, SHORTENED) for value in ["1.23457E+11", "1,2E+05", "1E+05", 1.5e21]],
        ("acronym", 123456789012345680.0, SHORTENED),
    ],
)
def test_unreadable_cell_is_reported(column, value, why):
    make_priority("Sea")
    (problem,) = refusals(as_workbook(rows({column: value})))
    assert problem.startswith(f"Row 2, {column}")
    assert f": {why}" in problem


@pytest.mark.parametrize("value", ["E+1", "1E", "123456789012345678", 123456789012345.0])
def test_number_with_all_its_digits_is_text(value):
    text = only(read(as_workbook(rows({"acronym": value})))).values["acronym"]
    assert text == str(value).removesuffix(".0")


def test_name_of_two_countries_is_refused():
    CountryName.objects.create(country_id="FI", text="Amber Coast", language="en")
    for name in ["amber coast", "The Amber Coast", "fi"]:
        [partner] = only(read(rows({"partner_country": name}))).partners
        assert partner.country == "FI"
    CountryName.objects.create(country_id="LV", text="Amber Coast", language="en")
    assert "No country has this name" in refusals(rows({"partner_country": "amber coast"}))[0]


def test_all_unreadable_cells_are_reported_at_once():
    bad = {"amount": "EUR 13 799 999,35", "ends_on": "2017-12-31, closed project"}
    sentences = refusals(
        rows(bad, bad | {"partner_role": "partner", "partner_country": "?"}, {"reference": "!"}),
    )
    assert [problem.split(" “")[0] for problem in sentences] == [
        "Row 2, ends_on",
        "Row 2, amount",
        "Row 3, ends_on",
        "Row 3, amount",
        "Row 3, partner_country",
        "Row 4, reference",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\x00b", "a character that cannot be stored (U+0000). Delete it."),
        ("\ud800", "a character that cannot be stored (U+D800). Delete it."),
        ("x" * 40_000, "The text has 40000 characters. A cell has at most 32767."),
        # Half as many once normalised.
        ("a\u0301" * 20_000, "The text has 40000 characters. A cell has at most 32767."),
    ],
)
def test_unreadable_text_is_refused(text, words):
    with pytest.raises(ValidationError) as error:
        read_text(text)
    assert words in error.value.message


@pytest.mark.parametrize("text", TEXTS_IN_CSV.values(), ids=TEXTS_IN_CSV)
def test_hostile_texts_are_stored_or_reported(text):
    content = rows({"title": text, "partner_name": text, "partner_country": text})
    for problem in refusals(content):
        assert problem.startswith("Row 2, ")
        assert problem.isprintable()
        assert len(problem) < 300


def test_number_of_problems_is_limited(monkeypatch):
    monkeypatch.setattr("projects.imports.parser.MOST_PROBLEMS", 3)
    assert len(refusals(rows(*[{"partner_role": "boss"}] * 9))) == 3


# Rows together


def test_contradicting_rows_of_a_project_are_both_named():
    second = {"title": "Storm Clock", "acronym": "SC", "partner_role": "partner"}
    third = second | {"title": "Storm Watch", "acronym": "SW"}
    assert refusals(rows({"acronym": ""}, second, third)) == [
        (
            "Row 3, title “Storm Clock”: Row 2 says “Storm Watch” about the same project. "
            "The rows must agree."
        ),
        "Row 4, acronym “SW”: Row 3 says “SC” about the same project. The rows must agree.",
    ]


def test_an_empty_cell_repeats_the_first_row_of_the_project():
    second = {"title": " ", "acronym": "", "partner_role": "partner", "partner_name": "Pier"}
    project = only(read(rows({"acronym": "SW"}, second)))
    assert (project.values["acronym"], len(project.partners)) == ("SW", 2)


def test_an_empty_cell_does_not_repeat_the_problem_of_the_first_row():
    first, empty = {"starts_on": "31.02.2027", "title": ""}, {"starts_on": "", "title": ""}
    others = [{**empty, "acronym": acronym, "partner_role": "partner"} for acronym in ["", "SC"]]
    problems = refusals(rows(first, *others, {**others[0], "starts_on": "31.02.2027"}))
    assert [problem.split(":")[0] for problem in problems] == [
        "Row 2, title",
        "Row 2, starts_on “31.02.2027”",
        "Row 5, starts_on “31.02.2027”",
    ]


def test_headings_and_words_are_read_as_people_write_them():
    content = as_csv(rows({"partner_role": "Lead partner"}))
    content = content.replace("partner_role", "Partner Role").replace("title", " TITLE")
    [partner] = only(read(content)).partners
    assert partner.role == "lead"


def test_columns_are_listed_once():
    problems = refusals(as_csv(rows({"budget": "1", "lead": "2"})))
    assert [problem.count("The columns are") for problem in problems] == [1, 0]


# The whole file


NO_COLUMNS = "Row 1: The first row has no column names. The columns are: "
NO_CELLS = "The row cannot be split into cells: a quotation mark is missing or stray"
DAMAGED = "The workbook is damaged or not made by a spreadsheet program."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "The file is empty."),
        ("\n\n", NO_COLUMNS + ", ".join(COLUMNS)),
        (Workbook(), NO_COLUMNS + ", ".join(COLUMNS)),
        (as_csv(rows()).split("\r\n")[0], "The file has column names but no rows."),
        (
            as_csv(rows({"budget": "1"})),
            f"Row 1, budget: This column does not exist. The columns are: {', '.join(COLUMNS)}.",
        ),
        (as_csv(rows()).replace("title", "Titel"), "Row 1, title: This column is missing."),
        (
            as_csv(rows({"acronym": "X"})).replace("acronym", "title"),
            "Row 1, title: Two columns have this name. Delete one.",
        ),
        (
            as_csv(rows()).replace("LV", "LV,more"),
            "Row 2 “more”: The row has more cells than there are columns. Is there a stray",
        ),
        (as_csv(rows()).replace("Storm", '"Storm'), f"Row 2: {NO_CELLS}"),
        (as_csv(rows({"title": "x" * 40000})), f"Row 2: {NO_CELLS}"),
        (
            as_csv(rows({"title": "Liepāja"})).encode("cp1257"),
            "Line 2 of the file is not UTF-8. Save the table as .xlsx or CSV UTF-8.",
        ),
        (b"PK\x03\x04 and no more", DAMAGED),
    ],
)
def test_file_without_a_table_is_refused_with_a_sentence(content, sentence):
    assert any(problem.startswith(sentence) for problem in refusals(content))


# Workbooks


def workbook_with(change):
    book = as_workbook(rows({}, {"partner_role": "partner", "partner_name": "Pier"}))
    change(book, book.active)
    return book


def put(cell, value):
    return lambda book, sheet: sheet.__setitem__(cell, value)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (put("B2", '="Storm"&" Watch"'), 'Row 2, title “="Storm"&" Watch"”: This is a formula.'),
        (put("B2", "#N/A"), "Row 2, title “#N/A”: This formula has an error."),
        (lambda _book, sheet: sheet.merge_cells("A2:A3"), "A2:A3: These cells are merged."),
        (
            lambda _book, sheet: setattr(sheet.row_dimensions[3], "hidden", True),
            "Row 3: The row is hidden. Unhide or delete it.",
        ),
        (
            lambda _book, sheet: setattr(sheet.column_dimensions["B"], "hidden", True),
            "B: The column is hidden. Unhide or delete it.",
        ),
        (
            lambda book, _sheet: book.create_sheet("More"),
            "The workbook has several sheets, visible or hidden (“Sheet”, “More”).",
        ),
        (put("XFD1048576", "far away"), "The file has more than 20,000 rows. Split it."),
        (put("XFD2", "far away"), "Row 2 “far away”: The row has more cells than there are"),
        (put("CV1", "far away"), "Row 1, far away: This column does not exist."),
        (put("F1", "=B1"), "Row 1, =B1: This column does not exist."),
        (put("CW1", "far away"), "The file has 101 columns. At most 100 are allowed."),
    ],
)
def test_hidden_or_computed_parts_of_a_workbook_are_refused(change, sentence):
    sentences = refusals(workbook_with(change))
    assert any(problem.startswith(sentence) for problem in sentences), sentences


def with_amount(value, number_format):
    book = as_workbook(rows({"amount": value, "amount_kind": "ceiling"}))
    book.active["F2"].number_format = number_format
    return book


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (0.8, "0%", "0.8"),
        (80, '0" %"', "80"),
        (65000, '# ##0 "kr"', "65000"),
        (65000.5, "#,##0.00 [$SEK-41D]", "65000.5"),
        (65000, "[$$-409]#,##0", "65000"),
        (65000, '"£"#,##0', "65000"),
        (65, '0 "TEUR"', "65"),
        (65000, "#,##0,", "65000"),
        (65000, "0.0,,;-0.0,,", "65000"),
        (65000, "#,##0\\ \\k", "65000"),
        (65000, ";;;", "65000"),
        (1.2, '0.0 "million EUR";[Red]-0.0 "million EUR"', "1.2"),
    ],
)
def test_number_that_shows_another_unit_is_refused(value, number_format, shown):
    (sentence,) = refusals(with_amount(value, number_format))
    assert sentence.startswith(f"Row 2, amount “{shown}”: The cell shows something other")


@pytest.mark.parametrize(
    "number_format",
    [
        "General",
        "0.00E+00",
        "#,##0.00 [$€-407]",
        "[$EUR] #,##0",
        "[$-425]0.00",
        "#,##0.00\\ [$€-1]",
        "[>999]# ##0;0",
        "#\\'##0.00",
        '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-',
        '"Euro" #,##0',
        '"$"#,##0_);[Red]0',
    ],
)
def test_number_in_any_format_of_eur_is_read(number_format):
    assert only(read(with_amount(65000, number_format))).values["amount"] == 65000
    assert "amount" not in only(read(with_amount(None, "0%"))).values


def test_visible_sheet_named_projects_is_read():
    book = as_workbook(rows())
    book.active.title = "projects"  # capitals do not matter
    book.create_sheet("Notes").sheet_state = "hidden"
    assert only(read(book)).reference == "PSF-2030-01"
    book["Notes"].sheet_state = "visible"
    book["projects"].sheet_state = "hidden"
    assert refusals(book) == ["The sheet with the rows is hidden. Unhide the sheet."]


def test_hidden_columns_after_the_table_are_allowed():
    book = as_workbook(rows())
    after = get_column_letter(len(COLUMNS) + 1)
    book.active.column_dimensions.group(after, "XFD", hidden=True)
    assert only(read(book)).reference == "PSF-2030-01"


def with_part(name, content, book=None):
    """A workbook with one part put in or replaced."""
    old, new = BytesIO(as_bytes(book or as_workbook(rows()))), BytesIO()
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            if part != name:
                target.writestr(part, source.read(part))
        target.writestr(name, content)
    return new.getvalue()


def packed(name):
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr(name, "<x/>")
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'


HOSTILE = [
    (with_part(SHEET, ENTITIES), DAMAGED),
    (with_part(SHEET, OUTSIDE), DAMAGED),
    (with_part(SHEET, "<worksheet"), DAMAGED),
    (with_part("xl/workbook.xml", "<workbook/>"), DAMAGED),
    (with_part("[Content_Types].xml", "nothing"), DAMAGED),
    (with_part("xl/vbaProject.bin", b"macro"), "The workbook contains macros."),
    (with_part("content.xml", "<table/>"), "This is an OpenDocument file (.ods)."),
    (with_part("xl/workbook.bin", b"rows"), "This is a binary workbook (.xlsb)."),
    (packed("word/document.xml"), "This is a ZIP archive, not a workbook."),
    (
        with_part("xl/media/zeros.bin", bytes(6_000_000)),
        "“xl/media/zeros.bin”: A part of the workbook is compressed more than 100 times.",
    ),
]


@pytest.mark.parametrize(("content", "sentence"), HOSTILE)
def test_a_broken_or_hostile_workbook_is_refused(content, sentence):
    (problem,) = refusals(content)
    assert problem.startswith(sentence)


def test_a_workbook_with_a_password_is_refused():
    content = bytearray(as_bytes(as_workbook(rows())))
    place = content.index(b"PK\x01\x02") + 8  # the flags of the first part, in the directory
    content[place] |= 1
    assert refusals(bytes(content)) == [
        "The workbook has a password. Save a copy without a password."
    ]


def test_unpacked_size_is_checked_before_unpacking():
    bomb = with_part("xl/media/zeros.bin", bytes(3_000_000))
    assert len(bomb) < 20_000
    sentence = "Unpacked, the workbook has 3 MB. At most 2 MB are allowed."
    with pytest.raises(Refused, match=sentence):
        open_workbook(bomb, most_unpacked=2_000_000)


def test_only_the_cells_of_rows_count_as_cells():
    formulas = "".join(f'<c r="A{number}" i="1"/>' for number in range(20_000))
    open_workbook(with_part("xl/calcChain.xml", f"<calcChain>{formulas}</calcChain>"))


def test_parts_are_counted_before_the_directory_is_read(monkeypatch):
    workbook = as_bytes(as_workbook(rows()))
    with zipfile.ZipFile(BytesIO(workbook)) as archive:
        number = len(archive.namelist())
    open_workbook(workbook, most_members=number)
    monkeypatch.setattr("projects.imports.file_rows.zipfile.ZipFile", None)
    with pytest.raises(Refused, match=f"The workbook has more than {number - 1} parts."):
        open_workbook(workbook, most_members=number - 1)


# Sizes


@pytest.mark.parametrize("chunk", [1_000_000, 1000])
def test_a_row_with_more_cells_than_a_spreadsheet_has_is_not_loaded(monkeypatch, chunk):
    monkeypatch.setattr("projects.imports.file_rows.CHUNK", chunk)
    monkeypatch.setattr("openpyxl.reader.excel.ExcelReader", None)
    sheet = f"<worksheet><sheetData><row>{'<c/>' * 17_000}</row></sheetData></worksheet>"
    (problem,) = refusals(with_part(SHEET, sheet))
    assert problem.startswith("The workbook is damaged")


def test_a_file_that_is_too_large_is_not_read(monkeypatch):
    monkeypatch.setattr(problems, "MOST_ROWS", 2)
    assert refusals(rows(*[{"partner_role": "partner"}] * 3)) == [
        "The file has more than 2 rows. Split it."
    ]


def test_a_workbook_with_cells_far_to_the_right_is_not_read(monkeypatch):
    monkeypatch.setattr(problems, "MOST_CELLS", 16_000)
    [why] = refusals(workbook_with(put("XFD2", "far away")))
    assert why.startswith("There are too many empty cells.")


# The type of a file by its content

MARK = "\ufeff"
ROWS = rows({"title": "Jūras sargs"})
CSV, TABS = as_csv(ROWS), as_csv(ROWS, "\t")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *[(TABS, "utf-8"), (TABS, "utf-16"), (as_csv(ROWS, "|"), "utf-8")],
        ("sep=;\r\n" + as_csv(ROWS, ";"), "utf-8"),
        ("SEP=\t\n" + TABS, "utf-16"),
        (MARK + '"sep=,"\n' + CSV, "utf-8"),
        *[(MARK + CSV, "utf-16-le"), (MARK + CSV, "utf-16-be")],
        *[(2 * MARK + CSV, "utf-8"), (2 * MARK + CSV, "utf-16-le")],
        (CSV.replace("PSF-", MARK + "PSF-"), "utf-8"),
    ],
)
def test_text_in_unicode_is_read(text, encoding):
    (project,) = read(text.encode(encoding)).projects.values()
    assert (project.reference, project.values["title"]) == ("PSF-2030-01", "Jūras sargs")


def test_row_numbers_count_the_line_that_declares_the_separator():
    text = "sep=;\n" + as_csv(rows({"title": ""}), ";")
    (problem,) = refusals(text.encode())
    assert problem.startswith("Row 3, title:")


def test_invisible_marks_around_a_text_are_no_part_of_it():
    assert read_text(f" {MARK} Jūras sargs{MARK}") == "Jūras sargs"
    assert read_text("\u200e\u00adJūras\u200b\u2060") == "Jūras"
    assert read_text("\u200b\u00a0\u200f") == ""


def test_whole_number_is_read_as_text_without_decimals():
    assert read_text(308974.0) == "308974"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is an old Excel file or has a password."),
        (b"%PDF-1.7", "The content is a PDF."),
        (b"{\\rtf1 reference}", "The content is a document of a word processor."),
        (b"\r\n<html><table>", "The content is a web page or XML."),
        (b'[{"title": "a"}]', "The content is JSON."),
    ],
)
def test_other_formats_are_named(content, sentence):
    (problem,) = refusals(content)
    assert problem.startswith(sentence)
