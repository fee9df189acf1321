"""The files as LibreOffice opens them: accents, days, numbers, and no formula."""

import shutil
from datetime import datetime

import pytest
from openpyxl import load_workbook

from tests.projects.open_data.full_records import everything
from tests.support.processes import run

OFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.unmeasured,
    pytest.mark.skipif(not OFFICE, reason="LibreOffice is not installed."),
]
SHOWN = {
    "Reference": "PSF-2019-77",
    "Title": "Project of Łódź",
    "Start": datetime(2019, 9, 1),  # noqa: DTZ001 (a cell has no time zone)
    "Amount (EUR)": 64000.5,
    "Kind of amount": "ceiling",
}
# A spreadsheet shows the apostrophe of a file that has no types.
FORMULAS = {
    "csv": {"Acronym": "'=FULL", "Summary": "'-5 degrees, in short"},
    "xlsx": {"Acronym": "=FULL", "Summary": "-5 degrees, in short"},
}


def opened_and_saved(files, folder):
    """The cells of the first row of each file after LibreOffice opened and saved it."""
    (folder / "saved").mkdir()
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [OFFICE, profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML"]
    for file in files:
        run([*command, "--outdir", folder / "saved" / file.suffix[1:], file], check=True)
        sheet = load_workbook(folder / "saved" / file.suffix[1:] / f"{file.stem}.xlsx").active
        heads, cells = sheet.iter_rows(max_row=2)
        yield file.suffix[1:], dict(zip([head.value for head in heads], cells, strict=True))


def test_libreoffice_shows_the_same_values(client, tmp_path):
    everything()
    files = []
    for suffix in ["csv", "xlsx"]:
        files.append(tmp_path / f"projects.{suffix}")
        files[-1].write_bytes(b"".join(client.get(f"/projects.{suffix}?full=1")))
    for suffix, row in opened_and_saved(files, tmp_path):
        for head, value in (SHOWN | FORMULAS[suffix]).items():
            assert row[head].value == value, (suffix, head)
        assert {cell.data_type for cell in row.values()} <= {"s", "n", "d"}, suffix  # "f": formula
