"""The command `check_figures`: every public figure counted a second time."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from projects.figures import totals
from projects.pages.coverage import load_coverage
from tests.support.cases import HIDDEN_PROJECTS
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_country,
    make_membership,
    make_partner,
    make_partnership,
    make_priority,
    make_public_project,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def records():
    """Two public projects with different facts, and one of each kind of hidden project."""
    first = make_public_project(amount_kind="awarded", amount_eur=40_000)
    new_year = datetime(2018, 12, 31, 23, 30, tzinfo=UTC)  # 2019 in local time
    call = make_call(opens_at=None, closes_at=new_year, published_at=LONG_AGO)
    make_public_project(call=call, amount_kind="not_published")
    first.priorities.add(make_priority())
    make_partnership(first, make_partner(country="LV", kind="ngo"))
    make_partnership(first, None, "FI")
    make_membership("SE")
    make_country("RU")
    for make_hidden in HIDDEN_PROJECTS:
        make_hidden()


def test_figures_that_equal_the_records(capsys):
    call_command("check_figures")
    assert capsys.readouterr().out == "All public figures equal the records.\n"


@pytest.mark.parametrize(
    ("place", "wrong", "names"),
    [
        ("totals._sums_by_kind", lambda sets: [], ["kind None", "kind ngo"]),
        ("totals._sums_by_priority", lambda sets: [totals.Sums("sea")], ["priority sea"]),
        ("totals.keys_by_year", lambda _sets, keys: {1900: keys}, ["year 1900", "year 2019"]),
    ],
)
def test_wrong_figures_are_named_with_both_values(place, wrong, names, monkeypatch, capsys):
    monkeypatch.setattr(f"projects.figures.{place}", wrong)
    with pytest.raises(SystemExit) as end:
        call_command("check_figures")
    assert end.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    for name in names:
        assert any(line.startswith(f"{name}: the pages show ") for line in lines), lines


def test_a_wrong_number_of_the_home_page_is_found(monkeypatch, capsys):
    monkeypatch.setattr("psf.site.home.public_partner_sets", lambda: {"country": {}})
    with pytest.raises(SystemExit):
        call_command("check_figures")
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("home: the pages show [2, 0, ")


def test_a_wrong_coverage_is_found(monkeypatch, capsys):
    wrong = load_coverage()._replace(announced=99)
    monkeypatch.setattr("psf.site.figure_check.load_coverage", lambda: wrong)
    with pytest.raises(SystemExit):
        call_command("check_figures")
    assert "announced=99" in capsys.readouterr().out


def test_a_country_page_with_a_wrong_number_is_found(monkeypatch, capsys):
    monkeypatch.setattr("psf.site.figure_check.public_countries", lambda: [])
    with pytest.raises(SystemExit):
        call_command("check_figures")
    assert "page of the country LV: the pages show None, the records give [" in (
        capsys.readouterr().out
    )


def test_wrong_numbers_of_organisations_and_of_shared_projects_are_found(monkeypatch, capsys):
    monkeypatch.setattr("psf.site.figure_check.public_partner_sets", lambda: {"number": {"7": 2}})
    monkeypatch.setattr("projects.figures.cooperation._pairs", lambda names: {("FI", "LV"): 7})
    with pytest.raises(SystemExit):
        call_command("check_figures")
    found = capsys.readouterr().out
    assert "projects of the organisation 1: the pages show 7, the records give " in found
    assert "projects shared by FI and LV: the pages show 7, the records give 1" in found
