"""`manage.py import_announcement`."""

import json

import pytest
from django.core.management import CommandError, call_command

from partners.models import Country
from projects.models import Announcement, Call, Project
from tests.projects.announcements import texts
from tests.support.factories import make_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def announce(tmp_path, capsys):
    """Runs the command on a text, and returns what it prints."""

    def run(text, *options):
        file = tmp_path / "announcement.txt"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        call_command("import_announcement", str(file), *options)
        return capsys.readouterr().out

    return run


def test_it_makes_drafts_and_tells_what_to_look_at(announce):
    told = announce(texts.YEAR_2018 + "\nPartners:\nand others")
    assert (
        "Made, as drafts in PSF 2018: projects 2, partner rows 8, "
        "organisations not here before 5." in told
    )
    assert "line 1: Projects announced: 7; described: 2." in told
    assert "line 24: not understood: and others" in told
    assert Project.objects.filter(status="funded").count() == 2


def test_a_dry_run_makes_nothing(announce):
    assert announce(texts.YEAR_2018, "--dry-run").startswith("Would make, as drafts in PSF 2018")
    assert not Call.objects.exists()
    assert not Announcement.objects.exists()


def test_the_json_is_what_was_understood_and_nothing_is_made(announce):
    found = json.loads(announce(texts.YEAR_2019, "--json"))
    assert found["calls"][0]["eligible"] == 12
    assert [len(project["partners"]) for project in found["projects"]] == [4, 5]
    assert found["projects"][1]["lead"]["country"] == "LV"
    assert not Call.objects.exists()
    countries = Country.objects.count()
    assert countries > 200
    assert json.loads(announce(texts.YEAR_2019, "--json")) == found


def test_the_projects_go_into_the_call_that_is_named(announce):
    call = make_call(slug="psf-old", funded_count=8)
    told = announce("PSF 2001\nProjects funded: 7\nLead partner: X", "--call", "psf-old")
    assert "keeps 8 for “projects funded”; the text says 7." in told
    assert call.projects.count() == 1
    assert "No lead" not in told


def test_what_cannot_be_saved_is_said_and_nothing_is(announce):
    with pytest.raises(CommandError, match=r"Nothing was saved\. Give the call a title"):
        announce("Lead partner: Latvia (X)")
    with pytest.raises(CommandError, match="no call with the address “nowhere”"):
        announce("PSF 2001", "--call", "nowhere")
    with pytest.raises(CommandError, match="at most 20,000 are read"):
        announce("\n" * 100_000)


def test_a_file_that_is_no_text_is_refused_in_words(announce, tmp_path):
    with pytest.raises(CommandError, match=r"not a text in UTF-8 \(byte 0\)"):
        announce(b"\xff\xfe")
    with pytest.raises(CommandError, match="too large: at most 1,000,000 characters"):
        announce(b"x" * 4_000_001)
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_announcement", str(tmp_path / "nothing.txt"))


def test_the_flag_without_a_line_has_none(announce):
    assert "No heading names the call" in json.dumps(json.loads(announce("Hello.", "--json")))
