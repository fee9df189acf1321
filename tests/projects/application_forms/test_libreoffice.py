"""Forms that LibreOffice calculates, or fills in and saves, are read as they were meant."""

import json
import random
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from projects.application_forms.batch import read_batch
from projects.application_forms.layout import FIRST_ROW, Form
from projects.application_forms.records import values_of
from projects.models import FormMail, Project
from tests.projects.application_forms.support import (
    confirm,
    file_of,
    filled,
    key_of_cell,
    make_open_call,
    shown,
    upload,
    words,
)
from tests.support.accounts import client_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.unmeasured,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed."),
]

OFFICE = "/usr/lib/libreoffice/program"
XLSX, ODS = "Calc MS Excel 2007 XML", "calc8"
FORMS = 12
COUNTRIES = [*["Latvia", "Estonia", "Finland", "Sweden", "Belarus", "latvia"] * 4, "", "Est*"]


def random_cells(call, generator, number):
    """An application with any partners, amounts and days, also with faults."""
    cells = filled(call, f"Watch {number}")
    for partner in range(1, generator.randint(2, 6)):
        country = generator.choice(COUNTRIES)
        cells["Partners", "partner_name", partner] = f"Harbour {partner}"
        cells["Partners", "partner_country", partner] = country or None
        amount = Decimal(generator.choice([0, 1, 999, 100000, 2345678, 650000000])) / 100
        cells["Budget", "travel_eur", partner] = amount
        cells["Budget", "own_share_eur", partner] = amount / 10
    cells["Project", "starts_on", 1] = date(
        2027, generator.randint(1, 12), generator.randint(1, 28)
    )
    cells["Project", "ends_on", 1] = date(2029, generator.randint(1, 12), generator.randint(1, 28))
    return {key: value for key, value in cells.items() if value is not None}


def run_office(folder, jobs):
    """Let LibreOffice open, fill in, calculate and save workbooks."""
    subprocess.run(
        ["/usr/bin/python3", Path(__file__).with_name("fill_in.py")],
        input=json.dumps(jobs).encode(),
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "PYTHONPATH": OFFICE},
        check=True,
        capture_output=True,
    )


def calculated(folder, files):
    """The lines of the sheet “Check” of each file, as LibreOffice calculates them."""
    jobs, lines = [], {}
    for name, content in files.items():
        (folder / name).write_bytes(content)
        targets = {XLSX: f"file://{folder}/calculated-{name}"}
        jobs.append({"source": f"file://{folder}/{name}", "cells": [], "targets": targets})
    run_office(folder, jobs)
    for name in files:
        content = (folder / f"calculated-{name}").read_bytes()
        sheet = load_workbook(BytesIO(content), data_only=True)["Check"]
        rows = sheet.iter_rows(min_row=FIRST_ROW + 1, max_col=3, values_only=True)
        lines[name] = content, {row[0]: row[1:] for row in rows if row[0]}
    return lines


def test_the_form_and_the_program_say_the_same(tmp_path):
    call = make_open_call()
    generator = random.Random(7)
    files = {
        f"{number}.xlsx": file_of(call, random_cells(call, generator, number))
        for number in range(FORMS)
    }
    files["ready.xlsx"] = file_of(call, filled(call))
    compared = 0
    for name, (content, lines) in calculated(tmp_path, files).items():
        batch = read_batch([(name, content)], call)
        findings = [finding for read in batch.forms for finding in read.findings]
        for finding in findings:
            verdict = str(finding.verdict.label)
            assert lines[finding.rule.label] == (finding.working, verdict), name
            compared += 1
        is_complete = not batch.faulty and not any(finding.is_unmet() for finding in findings)
        assert (lines["Ready to send"][1] == "yes") == is_complete, name
    assert compared > FORMS


APPLICATIONS = 43
# What eleven of them get wrong: sheet, field, value, and words of the sentence that says it.
WRONG = [
    ("Project", "title", "", "Project B4, “Title”: This cell is empty."),
    ("Project", "starts_on", "next spring", "Project B12, “First day”: This is not a day"),
    ("Project", "priority-1", "Fun", "Choose one, such as"),
    ("Project", "title", "x" * 301, "The text has 301 characters."),
    ("Partners", "partner_country", "Atlantis", "No country has this name."),
    ("Partners", "partner_name", "", "Partners B4, “Name in its own language”: This cell is empty"),
    ("Budget", "personnel_eur", "65.000,00", "This is not a number"),
    ("Budget", "personnel_eur", 1.234, "An amount has at most two decimals."),
    ("Budget", "own_share_eur", 90000, "Own share and other funding are higher"),
    ("Contact", "declared", "no", "Contact B12"),
    ("Contact", "name", "", "Contact B4, “Contact person”: This cell is empty."),
]


def jobs_of(call, folder, applications):
    """What LibreOffice does with an empty form to fill in each application."""
    (folder / "empty.xlsx").write_bytes(file_of(call, {}))
    spots = {
        (sheet.name, key_of_cell(field), number or 1): (row, column)
        for sheet in Form(call).sheets
        for row, column, field, number in sheet.cells()
    }
    for number, cells in enumerate(applications):
        rows = []
        for key, value in cells.items():
            if isinstance(value, date):
                value = (value - date(1899, 12, 30)).days
            row, column = spots[key]
            typed = value if isinstance(value, str) else float(value)
            rows.append([key[0], column, row, typed])
        made = {XLSX: f"file://{folder}/{number}.xlsx", ODS: f"file://{folder}/{number}.ods"}
        again = {XLSX: f"file://{folder}/{number}-again.xlsx"}
        yield {"source": f"file://{folder}/empty.xlsx", "cells": rows, "targets": made}
        yield {"source": made[ODS], "cells": [], "targets": again}


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
