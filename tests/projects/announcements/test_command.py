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
    output = announce(texts.YEAR_2020 + "\nPartners:\nand others")
    assert "PSF 2020: Saved as drafts. New: 2 projects. New: 6 partner rows." in output
    assert "PSF-2020-01: Not saved as a partner" in output
    assert "line 3: The text has no title for the project" in output
    assert "line 15: not read: and others" in output
    assert Project.objects.filter(status="funded").count() == 2


def test_dry_run_saves_nothing(countries, announce):
    assert announce(texts.YEAR_2018, "--dry-run").startswith("PSF 2018: Would be saved.")
    assert not Call.objects.exists()
    assert not Announcement.objects.exists()


def test_json_shows_the_facts_and_saves_nothing(announce):
    text = "Share this\nShare that\nPSF 2001\nLead partner: Latvia (X) in partnership with Estonia"
    found = json.loads(announce(text, "--json"))
    (call,), (project,) = found["calls"], found["projects"]
    (partner,) = project["partners"]
    assert (call["heading"], project["call"], project["title"]) == ("PSF 2001", "PSF 2001", None)
    assert (project["lead"]["country"], project["lead"]["name"]) == ("LV", "X")
    assert project["announced_countries"] == ["EE"]
    assert (partner["country"], partner["name"], partner["line"]) == ("EE", None, 4)
    assert partner["as_published"] == text.split("\n")[-1]
    assert project["flags"][0]["sentence"].startswith("The text has no title")
    assert found["not_understood"] == [{"line": 2, "text": "Share that"}]
    assert not Call.objects.exists()
    assert Country.objects.count() > 200


def test_projects_are_added_to_the_named_call(countries, announce):
    call = make_call(slug="psf-old")
    announce("Lead partner: Latvia (X)", "--call", "psf-old")
    assert call.projects.count() == 1


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("Lead partner: Latvia (X)", [], r"Nothing was saved\. No heading names the call"),
        ("PSF 2001", ["--call", "nowhere"], "no call “nowhere”"),
        (b"\xff\xfe", [], "cannot be read as UTF-8 text"),
        ("Home", [], "describes neither a call nor a project"),
    ],
)
def test_errors_are_reported_and_nothing_is_saved(countries, announce, text, options, words):
    with pytest.raises(CommandError, match=words):
        announce(text, *options)
    assert not Announcement.objects.exists()


def test_missing_file_is_reported(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_announcement", str(tmp_path / "nothing.txt"))
