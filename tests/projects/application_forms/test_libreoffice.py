"""Forms that LibreOffice calculates, or fills in and saves, are read as they were meant."""

import json
import random
import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from projects.application_forms.batch import Batch
from projects.application_forms.layout import Form
from projects.application_forms.reader import ReadForm
from projects.application_forms.records import values_of
from projects.eligibility.rules import check_rules
from projects.imports.apply import write_plan
from projects.imports.plan import make_plan
from projects.models import FormMail, Project
from tests.projects.application_forms.support import (
    confirm,
    file_of,
    filled,
    key_of_cell,
    make_open_call,
    shown,
    upload,
    values_in,
    words,
)
from tests.support.accounts import client_of
from tests.support.processes import run

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.unmeasured,
    pytest.mark.skipif(
        not (shutil.which("soffice") and Path("/usr/lib/python3/dist-packages/uno.py").exists()),
        reason="LibreOffice (libreoffice-calc, python3-uno) is not installed.",
    ),
]

OFFICE = "/usr/lib/libreoffice/program"
XLSX, ODS = "Calc MS Excel 2007 XML", "calc8"
FORMS = 200
# A country is typed as its name in any letters.
COUNTRIES = ["Latvia", "Estonia", "Finland", "Sweden", "Belarus", "latvia", "ESTONIA"]
CODES = {"l": "LV", "e": "EE", "f": "FI", "s": "SE", "b": "BY"}


def random_cells(call, generator, number):
    """A complete application with any partners, amounts and days."""
    cells = filled(call, f"Watch {number}")
    for partner in range(1, generator.randint(2, 6)):
        cells["Partners", "partner_name", partner] = f"Harbour {number} {partner}"
        cells["Partners", "partner_country", partner] = generator.choice(COUNTRIES)
        amount = Decimal(generator.choice([0, 1, 999, 100000, 2345678, 650000000])) / 100
        cells["Budget", "travel_eur", partner] = amount
        cells["Budget", "own_share_eur", partner] = round(amount / generator.choice([7, 10, 11]), 2)
    start = date(2027, generator.randint(1, 12), generator.randint(1, 28))
    cells["Project", "starts_on", 1] = start
    cells["Project", "ends_on", 1] = start + timedelta(days=generator.randint(0, 900))
    return cells


def run_office(folder, jobs):
    """Let LibreOffice open, fill in, calculate and save workbooks. Returns what it read."""
    done = run(
        ["/usr/bin/python3", Path(__file__).with_name("fill_in.py")],
        input=json.dumps(jobs),
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "PYTHONPATH": OFFICE},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def typed(call, cells):
    """The places and values of cells, as somebody types them into the form."""
    spots = {
        (sheet.name, key_of_cell(field), number or 1): (row, column)
        for sheet in Form(call).sheets
        for row, column, field, number in sheet.cells()
    }
    for key, value in cells.items():
        row, column = spots[key]
        if isinstance(value, date):
            value = (value - date(1899, 12, 30)).days
        yield key[0], column, row, value if isinstance(value, str) else float(value)


def findings_of(call, applications):
    """What the rules of the program say about each application, by label of the rule."""
    reads = []
    for number, cells in enumerate(applications):
        codes = {
            key: CODES[cell[0].lower()] if key[1] == "partner_country" else cell
            for key, cell in cells.items()
            if "-" not in key[1]  # neither terms nor answers, which no rule reads
        }
        reference = f"WATCH-{number:03}"
        reads.append(ReadForm("", b"", values_in(call, codes), reference=reference))
    write_plan(make_plan(Batch(call, reads).table(), call, may_decide=False))
    for row in Project.objects.for_rules().order_by("reference"):
        yield {str(f.rule.label): (f.working, str(f.verdict.label)) for f in check_rules(row)}


def test_the_form_and_the_program_say_the_same_in_two_languages(tmp_path):
    call, generator = make_open_call(), random.Random(7)
    applications = [random_cells(call, generator, number) for number in range(FORMS)]
    blank = filled(call) | {("Project", "title", 1): "\n", ("Project", "acronym", 1): "\u00a0"}
    wild = filled(call) | {("Partners", "partner_country", 1): "Est*"}
    (tmp_path / "empty.xlsx").write_bytes(file_of(call, {}))
    fills = [([*typed(call, cells)], {}) for cells in [*applications, blank, wild, {}]]
    job = {"source": f"file://{tmp_path}/empty.xlsx", "fills": fills, "read": "Check"}
    rows = ["one", "two", "three"]
    pasted = {
        **job,
        "fills": [],
        "paste": [["Questions", "B4", rows], ["Questions", "B4", rows[:1]]],
    }
    languages = ["en-GB", "de-DE"]
    *checks, refused, accepted = run_office(
        tmp_path, [*({**job, "language": language} for language in languages), pasted]
    )
    lines = [{label: tuple(words) for label, *words in rows if label} for rows in checks]
    assert lines[: FORMS + 3] == lines[FORMS + 3 :]
    for line, findings in zip(lines[:FORMS], findings_of(call, applications), strict=True):
        assert {label: line[label] for label in findings} == findings
        is_met = all(verdict == "met" for _working, verdict in findings.values())
        assert line["Ready to send"][1] == ("yes" if is_met else "no")
    blank, wild, empty = lines[FORMS : FORMS + 3]
    stored = load_workbook(tmp_path / "empty.xlsx", data_only=True)["Check"].values
    assert empty == {label: (words or "", state or "") for label, words, state in stored if label}
    assert blank["Required cells"] == ("1 is empty", "not met")
    assert wild["Partners"] == ("Counted: EE, FI.", "not met")
    # A locked row stands between two answers, so rows are refused; a single cell fits.
    assert [row[1] for row in refused[3:6]] == ["", "", ""]
    assert [row[1] for row in accepted[3:6]] == ["one", "", ""]


APPLICATIONS = 43
# What eleven of them get wrong: sheet, field, value, and words of the sentence that says it.
WRONG = [
    ("Project", "title", "", "Project B4, “Title”: This cell is empty."),
    ("Project", "starts_on", "next spring", "Project B12, “First day”: This day cannot be read"),
    ("Project", "priority-1", "Fun", "Use one of these words: Safe and Secure Region."),
    ("Project", "title", "x" * 301, "The text has 301 characters."),
    ("Partners", "partner_country", "Atlantis", "No country has this name."),
    ("Partners", "partner_name", "", "Partners B4, “Name in its own language”: This cell is empty"),
    ("Budget", "personnel_eur", "65.000,00", "This amount cannot be read."),
    ("Budget", "personnel_eur", 1.234, "An amount has at most two decimals."),
    ("Budget", "own_share_eur", 90000, "Own share and other funding are higher"),
    ("Contact", "declared", "no", "Contact B12"),
    ("Contact", "name", "", "Contact B4, “Contact person”: This cell is empty."),
]


def jobs_of(call, folder, applications):
    """What LibreOffice does with an empty form to fill in each application, and to save it."""
    (folder / "empty.xlsx").write_bytes(file_of(call, {}))
    made = [
        {XLSX: f"file://{folder}/{n}.xlsx", ODS: f"file://{folder}/{n}.ods"}
        for n in range(len(applications))
    ]
    fills = [
        ([*typed(call, cells)], targets) for cells, targets in zip(applications, made, strict=True)
    ]
    yield {"source": f"file://{folder}/empty.xlsx", "fills": fills}
    for number, targets in enumerate(made):
        again = {XLSX: f"file://{folder}/{number}-again.xlsx"}
        yield {"source": targets[ODS], "fills": [([], again)]}


def test_43_forms_of_libreoffice_are_read_in_and_every_cell_equals_its_record(tmp_path):
    call = make_open_call()
    applications = [filled(call, f"Watch {number}") for number in range(APPLICATIONS)]
    for cells, (sheet, key, value, _words) in zip(applications, WRONG, strict=False):
        cells[sheet, key, 1] = value
    run_office(tmp_path, [*jobs_of(call, tmp_path, applications)])
    numbers = range(APPLICATIONS)
    client = client_of("Editor")
    page = words(upload(client, call, *((tmp_path / f"{n}.xlsx").read_bytes() for n in numbers)))
    for *_cell, sentence in WRONG:
        assert sentence in page
    confirm(client, call)
    assert (Project.objects.count(), FormMail.objects.count()) == (32, 43)
    for cells in applications[len(WRONG) :]:
        project = Project.objects.get(title=cells["Project", "title", 1])
        assert shown(call, values_of(project, with_contact=True)) == cells
    again = [(tmp_path / f"{n}-again.xlsx").read_bytes() for n in numbers]
    assert "Saved before: 32" in words(upload(client, call, *again))
