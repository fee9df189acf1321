from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from projects.models import Project
from tests.projects.checks.test_work_list import days_away
from tests.projects.imports.support import as_bytes, as_csv, everything, rows
from tests.support.factories import make_call, make_country

pytestmark = pytest.mark.django_db

PARTNER = {"partner_role": "partner", "partner_name": "Pier"}


@pytest.fixture(autouse=True)
def call():
    make_country("LV")
    return make_call(title="PSF 2030", slug="psf-2030", closes_at=days_away(30))


def write(folder, content):
    path = folder / "projects.csv"
    path.write_bytes(as_bytes(content))
    return path


def run(path, *options):
    output = StringIO()
    call_command("import_projects", path, "--call", "psf-2030", *options, stdout=output)
    return output.getvalue()


def test_second_import_changes_nothing(tmp_path):
    path = write(tmp_path, rows({"status": "funded"}, {"status": "funded"} | PARTNER))
    assert run(path) == "Imported. New: 1 project. New: 2 partner rows. New: 2 organisations.\n"
    before = everything()
    assert run(path) == "Nothing changes. The records contain everything in the file.\n"
    assert everything() == before
    assert Project.objects.get().published_at is None


def test_dry_run_prints_changes_and_saves_nothing(tmp_path):
    path = write(tmp_path, rows({}, PARTNER))
    before = everything()
    assert run(path, "--dry-run").splitlines() == [
        "PSF-2030-01 is new: Storm Watch",
        "New organisation: Harbour Office (LV)",
        "New organisation: Pier (LV)",
        (
            "Nothing was saved. The import would do this: New: 1 project. New: 2 partner "
            "rows. New: 2 organisations."
        ),
    ]
    assert everything() == before


def test_errors_name_row_and_column_and_nothing_is_saved(tmp_path):
    path = write(
        tmp_path, rows({"total_cost": "6.000,50"}, {"partner_role": "boss", "total_cost": "x"})
    )
    before = everything()
    with pytest.raises(CommandError) as refusal:
        run(path)
    assert refusal.value.returncode == 1
    lines = str(refusal.value).splitlines()
    assert lines[0] == "Nothing was imported."
    assert [line.split(":")[0] for line in lines[1:]] == [
        "Row 2, total_cost “6.000,50”",
        "Row 3, total_cost “x”",
        "Row 3, partner_role “boss”",
    ]
    assert everything() == before


def test_missing_call_or_file_is_reported(tmp_path):
    with pytest.raises(CommandError, match=r"no call “x”. Known calls: psf-2030\."):
        call_command("import_projects", tmp_path / "none", "--call", "x")
    with pytest.raises(CommandError, match=r"The file cannot be opened: .*none"):
        run(tmp_path / "none")


def test_dry_run_prints_the_facts_of_new_projects_in_the_chosen_notation(tmp_path):
    row = {"status": "funded", "amount": "65.000,00", "amount_kind": "ceiling"}
    row |= {"requested_amount": "60000,50", "starts_on": "01.09.2030", "title": "Ūdens"}
    path = write(tmp_path, as_csv(rows(row), ";"))
    lines = run(path, "--dry-run", "--notation", "german")
    assert lines.startswith("PSF-2030-01 is new: Ūdens\n")
    for fact in [
        *["Status: funded", "Amount: 65 000 EUR", "Kind of amount: ceiling: at most this"],
        *["Starts: 1 September 2030", "Amount requested: 60 000.50 EUR"],
    ]:
        assert f"PSF-2030-01: {fact}\n" in lines.replace("\N{NO-BREAK SPACE}", " ")
