"""The printed sheet of a country: its portrait, titles of its projects, and amounts."""

import pytest

from projects.figures.country_sheet import MAX_TITLES, sheet_context
from tests.support.factories import (
    make_call,
    make_decision,
    make_membership,
    make_partner,
    make_partnership,
    make_public_project,
)
from tests.support.hidden_records import words

pytestmark = pytest.mark.django_db


def test_sheet_shows_membership_titles_organisations_and_amounts(client):
    make_membership("LV")
    call = make_call(title="PSF 2019", funded_count=5)
    make_decision(call)
    led = make_public_project(
        make_partner("Riga"), call=call, title="Led", amount_kind="ceiling", amount_eur=65_000
    )
    make_partnership(led, make_partner("Turku", country="FI"))
    joined = make_public_project(make_partner(country="SE"), call=call, title="Joined")
    make_partnership(joined, country="LV")
    page = words(client.get("/countries/lv/sheet/"))
    for text in [
        "Latvia took part in <b>2 of 2 projects</b> and led <b>1</b>.",
        "Latvia led one project",
        "It took part in one more",
        ">Riga</bdi>",
        "Amounts of the projects led: at most 65 000 EUR (1 project).",
        "In the CBSS: member from 1 January 1992.",
    ]:
        assert text in page, text
    assert "Turku" not in page
    finland = words(client.get("/countries/fi/sheet/"))
    assert "Turku" in finland
    assert "Finland took part in one project" in finland
    assert "Amounts of the projects led:" not in finland
    assert "Finland has never been a member or an observer of the CBSS." in finland


def test_sheet_shows_the_newest_titles_and_counts_the_rest(client):
    partner = make_partner()
    for _project in range(MAX_TITLES + 3):
        make_public_project(lead=partner)
    page = words(client.get("/countries/lv/sheet/"))
    assert page.count('href="/projects/psf-') == MAX_TITLES
    assert "The list has 3 more projects." in page


def test_sheet_without_projects_says_so(client):
    make_membership("IS")
    page = words(client.get("/countries/is/sheet/"))
    assert "No project with a partner from Iceland is on this site." in page


def test_seat_of_the_secretariat_leads_no_project_of_the_cbss():
    project = make_public_project(make_partner(country="SE"), amount_kind="awarded", amount_eur=9)
    sweden, numbers = project.lead().country, []
    for project.led_by_cbss in [False, True]:
        project.save()
        sheet = sheet_context(sweden)
        numbers.append(
            [sheet["portrait"].led, *(len(sheet[name]) for name in ["led", "joined", "amounts"])]
        )
    assert numbers == [[1, 1, 0, 1], [0, 0, 1, 0]]
