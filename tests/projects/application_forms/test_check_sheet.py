"""The sheet “Check” says the same as the rules of the program. LibreOffice calculates it."""

import random
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from projects.application_forms.batch import read_batch
from projects.application_forms.layout import FIRST_ROW
from tests.projects.application_forms.support import file_of, filled, make_open_call

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.unmeasured,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed."),
]

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


def calculated(folder, files):
    """The lines of the sheet “Check” of each file, as LibreOffice calculates them."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    target = folder / "calculated"
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", target, *files]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    lines = {}
    for name in files:
        content = (target / name).read_bytes()
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
        for findings in batch.findings.values():
            for finding in findings:
                verdict = str(finding.verdict.label)
                assert lines[finding.rule.label] == (finding.working, verdict), name
                compared += 1
        is_complete = not batch.faulty and not any(
            finding.is_unmet() for findings in batch.findings.values() for finding in findings
        )
        assert (lines["Ready to send"][1] == "yes") == is_complete, name
    assert compared > FORMS
