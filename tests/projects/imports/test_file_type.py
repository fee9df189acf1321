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
    ("text", "encoding"),
    [
        *[(TABS, "utf-8"), (TABS, "utf-16"), (as_csv(ROWS, "|"), "utf-8")],
        ("sep=;\r\n" + as_csv(ROWS, ";"), "utf-8"),
        ("SEP=\t\n" + TABS, "utf-16"),
        (MARK + '"sep=,"\n' + CSV, "utf-8"),
        *[(CSV, "utf-16-le"), (CSV, "utf-16-be"), (CSV, "utf-32")],
        *[(2 * MARK + CSV, "utf-8"), (2 * MARK + CSV, "utf-16-le")],
        (CSV.replace("PSF-", MARK + "PSF-"), "utf-8"),
    ],
)
def test_text_in_unicode_is_read(text, encoding):
    (project,) = read(text.encode(encoding)).projects.values()
    assert (project.reference, project.values["title"]) == ("PSF-2030-01", "Jūras sargs")


def only_title(table):
    (project,) = table.projects.values()
    return project.values["title"]


def test_row_numbers_count_the_line_that_declares_the_separator():
    text = "sep=;\n" + as_csv(rows({"title": ""}), ";")
    (problem,) = refusals(text.encode())
    assert problem.startswith("Row 3, title:")


def test_unknown_separator_is_not_accepted():
    assert any("sep=x" in sentence for sentence in refusals(("sep=x\n" + CSV).encode()))


def test_lost_letter_is_reported():
    (problem,) = refusals(rows({"title": "J\ufffdras"}))
    assert problem.startswith("Row 2, title “J\ufffdras”: The file has lost a letter here")


def test_private_use_bullets_are_preserved():
    assert only_title(read(rows({"title": "Aims:\x95 to watch"}))) == "Aims:\x95 to watch"


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
def test_other_formats_are_named(content, sentence):
    (problem,) = refusals(content)
    assert problem.startswith(sentence)
