from datetime import date

import pytest
from django.urls import reverse

from tests.support.cases import HIDDEN_PROJECTS
from tests.support.factories import (
    make_call,
    make_partner,
    make_partner_name,
    make_partnership,
    make_public_project,
)
from tests.support.hidden_records import (
    assert_same_as_missing,
    page_of,
    words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.unmeasured]
PARTNERS = reverse("partners:partner-list")
LEADS = reverse("partners:lead-partner-list")


def found(client, query, address=PARTNERS):
    response = client.get(f"{address}?{query}")
    assert response.status_code == 200
    return [str(row) for row in response.context["object_list"]]


@pytest.fixture
def organisations():
    """Łódź (PL, a municipality) leads two projects; Turku (FI) leads one and joins one."""
    lodz = make_partner("Łódź", country="PL", kind="municipality")
    turku = make_partner("Turku", country="FI", kind="university")
    make_partner_name(turku, "Åbo", language="sv")
    make_partnership(make_public_project(lead=lodz), make_partner("Rīga", country="LV"))
    make_partnership(make_public_project(lead=lodz), turku)
    make_public_project(lead=turku)
    make_public_project(lead=lodz, published_at=None)
    make_partner("Alone", country="DE")


def test_lead_partners_lead_a_public_project(client, organisations):
    make_public_project(lead=make_partner("Draft lead"), published_at=None)
    assert found(client, "", LEADS) == ["Łódź", "Turku"]
    assert found(client, "kind=university", LEADS) == ["Turku"]
    assert found(client, "country=lv", LEADS) == []
    page = words(client.get(LEADS))
    assert "<title>Lead partners" in page
    assert "leads 2" in page
    assert "Lead partners (2)" in page
    assert "Organisations from Latvia (1)</h1>" in words(client.get(f"{PARTNERS}?country=lv"))


@pytest.mark.parametrize("number", [1, 3, 30])
def test_the_page_of_an_organisation_does_not_grow_with_its_projects(client, number):
    organisation = make_partner()
    for _more in range(number):
        make_public_project(lead=organisation)
        make_partnership(make_public_project(), organisation)
    page = words(client.get(organisation.get_absolute_url()))
    assert f"Takes part in {2 * number} funded projects and leads {number}" in page
    assert page.count('class="row row--project"') == min(2 * number, 50)
    assert (f"All {2 * number} projects" in page) == (number == 30)
    if number == 30:
        listed = client.get("/projects/", {"partner": organisation.slug})
        assert listed.context["paginator"].count == 2 * number


@pytest.mark.parametrize("make", HIDDEN_PROJECTS)
def test_an_organisation_without_public_projects_answers_404(client, make):
    project = make()
    organisation = make_partner()
    make_partnership(project, organisation)
    assert_same_as_missing(client, organisation.get_absolute_url())


def test_an_organisation_shows_every_name_with_its_language(client):
    partner = make_partner(
        "Protect Children",
        website="https://example.org/",
        city="Helsinki",
        registry_number="04009211",
    )
    make_partner_name(partner, "Suojellaan Lapsia ry", language="fi", source="cbss.org")
    make_partner_name(
        partner, "PC", kind="abbreviation", valid_from=date(1990, 1, 1), valid_to=date(1999, 12, 31)
    )
    make_partner_name(partner, "Save Children", kind="english", language="en")
    make_public_project(lead=partner)
    page = page_of(client, partner)
    for said in [
        "<small>English</small>",
        "<bdi>Protect Children</bdi>",
        '<bdi lang="fi">Suojellaan Lapsia ry</bdi>',
        "<small>official, Finnish</small>",
        "Source: cbss.org<",
        "abbreviation, 1 January 1990 to 31 December 1999",
        "Helsinki",
        "https://example.org/",
        "<dd>04009211<small>In the register of Latvia</small>",
        "Leads 1 funded project.",
    ]:
        assert said in page, said


def test_an_organisation_without_other_names_lists_none(client):
    project = make_public_project(lead=make_partner("Rīgas dome", name_language="lv"))
    page = page_of(client, project.lead().partner)
    assert "Also named" not in page
    assert '<h1><bdi lang="lv">Rīgas dome</bdi></h1>' in page


def test_a_kind_that_is_not_known_is_a_filter_and_no_fact(client):
    partner = make_partner(kind="unknown")
    make_partnership(make_public_project(), partner)
    assert "Kind not known" not in client.get(partner.get_absolute_url()).text
    assert "Kind not known" in client.get("/partners/?kind=unknown").text


def test_an_organisation_shows_public_relatives(client):
    names = ["Whole", "Heir", "Unit", "Elder"]
    whole, heir = make_partner("Whole"), make_partner("Heir")
    partner = make_partner(parent=whole, successor=heir, succeeded_on=date(2021, 1, 1))
    unit, elder = make_partner("Unit", parent=partner), make_partner("Elder", successor=partner)
    for relative in [whole, heir, unit, elder, partner]:
        make_public_project(lead=relative)
    page = page_of(client, partner)
    for name in names:
        assert f"<bdi>{name}</bdi></a>" in page
    assert "1 January 2021" in page


def test_an_organisation_shows_its_role_in_each_project(client):
    partner = make_partner(country="SE")
    project = make_public_project(call=make_call(title="PSF 2019"))
    make_partnership(
        project,
        partner,
        country="RU",
        name_as_published="Consulate",
        joined_on=date(2020, 1, 1),
        left_on=date(2021, 1, 1),
    )
    page = page_of(client, partner)
    for said in [">2019</p>", "takes part for Russia", "Consulate", "from 1 January", "until 1"]:
        assert said in page, said
