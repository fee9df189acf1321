"""`manage.py import_announcement`."""

import json

import pytest
from django.core.management import CommandError, call_command

from partners.models import Country
from projects.management.commands import import_announcement
from projects.models import Announcement, Call, Project
from tests.projects.announcements import texts
from tests.support.factories import make_call, make_country

pytestmark = pytest.mark.django_db


@pytest.fixture
def countries(monkeypatch):
    """The countries of the texts, instead of all countries of the world."""
    for code, _name in texts.SHOWN:
        make_country(code)
    monkeypatch.setattr(import_announcement, "countries_are_complete", lambda: True)


@pytest.fixture
def announce(tmp_path, capsys):
    """Run the command on a text and return its output."""

    def run(text, *options):
        file = tmp_path / "announcement.txt"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        call_command("import_announcement", str(file), *options)
        return capsys.readouterr().out

    return run


def test_command_saves_drafts_and_reports_flags(countries, announce):
    output = announce(texts.YEAR_2018 + "\nPartners:\nand others")
    assert (
        "Made, as drafts in PSF 2018: projects 2, partner rows 8, "
        "organisations not here before 5." in output
    )
    assert "line 1: Projects announced: 7; described: 2." in output
    assert "line 24: not understood: and others" in output
    assert Project.objects.filter(status="funded").count() == 2


def test_dry_run_saves_nothing(countries, announce):
    assert announce(texts.YEAR_2018, "--dry-run").startswith("Would make, as drafts in PSF 2018")
    assert not Call.objects.exists()
    assert not Announcement.objects.exists()


def test_json_shows_the_parsed_text_and_saves_nothing(announce):
    found = json.loads(announce(texts.YEAR_2019, "--json"))
    assert found["calls"][0]["eligible"] == 12
    assert [len(project["partners"]) for project in found["projects"]] == [4, 5]
    assert found["projects"][1]["lead"]["country"] == "LV"
    assert not Call.objects.exists()
    countries = Country.objects.count()
    assert countries > 200
    assert json.loads(announce(texts.YEAR_2019, "--json")) == found


def test_projects_are_added_to_the_named_call(countries, announce):
    call = make_call(slug="psf-old", funded_count=8)
    output = announce("PSF 2001\nProjects funded: 7\nLead partner: X", "--call", "psf-old")
    assert "keeps 8 for “projects funded”. The text says 7." in output
    assert call.projects.count() == 1
    assert "No lead" not in output


def test_errors_are_reported_and_nothing_is_saved(countries, announce):
    with pytest.raises(CommandError, match=r"Nothing was saved\. Enter a title of the call"):
        announce("Lead partner: Latvia (X)")
    with pytest.raises(CommandError, match="no call with the address “nowhere”"):
        announce("PSF 2001", "--call", "nowhere")
    with pytest.raises(CommandError, match="at most 20,000 are read"):
        announce("\n" * 100_000)


def test_file_that_is_not_text_is_refused_with_a_sentence(countries, announce, tmp_path):
    with pytest.raises(CommandError, match=r"not UTF-8 text \(byte 0\)"):
        announce(b"\xff\xfe")
    with pytest.raises(CommandError, match="too large: at most 1,000,000 characters"):
        announce(b"x" * 4_000_001)
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_announcement", str(tmp_path / "nothing.txt"))


def test_flag_without_a_line_shows_no_line_number(countries, announce):
    assert "No heading names the call" in json.dumps(json.loads(announce("Hello.", "--json")))
