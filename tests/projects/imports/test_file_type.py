"""The type of a file by its content: which texts are read, and which files are refused."""

import pytest

from projects.imports.cells import read_text
from tests.projects.imports.support import as_csv, read, refusals, rows
from tests.support.factories import make_country

pytestmark = pytest.mark.django_db
MARK = "\ufeff"
ROWS = rows({"title": "Jūras sargs"})
CSV, TABS = as_csv(ROWS), as_csv(ROWS, "\t")


@pytest.fixture(autouse=True)
def latvia():
    make_country("LV")


@pytest.mark.parametrize(
    ("text", "written", "declared"),
    [
        (TABS, "utf-8", "utf-8"),
        (TABS, "utf-16", "utf-8"),
        (as_csv(ROWS, "|"), "utf-8", "utf-8"),
        ("sep=;\r\n" + as_csv(ROWS, ";"), "utf-8", "utf-8"),
        ("SEP=\t\n" + TABS, "utf-16", "utf-8"),
        (MARK + '"sep=,"\n' + CSV, "utf-8", "utf-8"),
        (CSV, "utf-16-le", "utf-8"),
        (CSV, "utf-16-be", "cp1257"),
        (CSV, "utf-32", "utf-8"),
        (2 * MARK + CSV, "utf-8", "utf-8"),
        (3 * MARK + as_csv(ROWS, ";"), "utf-8", "cp1252"),
        (2 * MARK + CSV, "utf-16-le", "utf-8"),
        (CSV.replace("PSF-", MARK + "PSF-"), "utf-8", "utf-8"),
        (CSV, "cp1257", "cp1257"),
        (CSV, "iso-8859-4", "iso-8859-4"),
        (CSV, "iso-8859-13", "iso-8859-13"),
    ],
)
def test_unambiguous_encoding_is_read(tmp_path, text, written, declared):
    (project,) = read(tmp_path, text.encode(written), encoding=declared).projects.values()
    assert (project.reference, project.values["title"]) == ("PSF-2030-01", "Jūras sargs")


def test_utf_8_is_never_read_as_another_encoding(tmp_path):
    assert refusals(tmp_path, CSV.encode(), encoding="cp1257") == [
        "The text is UTF-8, not CP1257. Choose UTF-8."
    ]
    assert only_title(read(tmp_path, as_csv(rows()).encode(), encoding="cp1257")) == "Storm Watch"


def only_title(table):
    (project,) = table.projects.values()
    return project.values["title"]


def test_row_numbers_count_the_line_that_declares_the_separator(tmp_path):
    text = "sep=;\n" + as_csv(rows({"title": ""}), ";")
    (problem,) = refusals(tmp_path, text.encode())
    assert problem.startswith("Row 3, title:")


def test_unknown_separator_is_not_accepted(tmp_path):
    assert any("sep=x" in sentence for sentence in refusals(tmp_path, ("sep=x\n" + CSV).encode()))


def test_lost_letter_is_reported(tmp_path):
    (problem,) = refusals(tmp_path, rows({"title": "J\ufffdras"}))
    assert problem.startswith("Row 2, title “J\ufffdras”: The file has lost a letter here")


def test_private_use_bullets_are_preserved(tmp_path):
    assert only_title(read(tmp_path, rows({"title": "Aims:\x95 to watch"}))) == "Aims:\x95 to watch"


def test_invisible_marks_around_a_text_are_no_part_of_it():
    assert read_text(f" {MARK} Jūras sargs{MARK}") == "Jūras sargs"
    assert read_text("\u200e\u00adJūras\u200b\u2060") == "Jūras"
    assert read_text("\u200b\u00a0\u200f") == ""


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
def test_other_formats_are_named(tmp_path, content, sentence):
    (problem,) = refusals(tmp_path, content)
    assert problem.startswith(sentence)
