from datetime import date

import pytest
from django.urls import reverse

from partners.models import Country, Membership
from tests.support.factories import (
    make_country,
    make_membership,
    make_partner,
    make_partnership,
    make_project,
    make_public_project,
)
from tests.support.hidden_records import assert_same_as_missing, page_of, words

pytestmark = pytest.mark.django_db
COUNTRIES = reverse("partners:country-list")


def european_union():
    Membership.objects.create(
        organisation="European Union",
        status="member",
        valid_from=date(1992, 1, 1),
        source="cbss.org",
    )


def test_a_country_without_public_page_answers_404(client):
    make_partnership(make_project(), make_partner(country="IS"))
    assert_same_as_missing(client, "/countries/is/")


def test_countries_are_grouped_by_membership(client):
    make_membership("LV")
    make_membership("FR", status="observer")
    make_membership("RU", valid_to=date(2022, 5, 16))
    make_membership("BY", status="suspended")
    european_union()
    make_public_project(lead=make_partner(country="UA"))
    response = client.get(COUNTRIES)
    groups = {
        name: [country.code for country in countries]
        for name, countries in response.context["groups"].items()
    }
    assert groups == {
        "members": ["LV"],
        "observers": ["FR"],
        "former": ["BY", "RU"],
        "others": ["UA"],
    }
    assert "The European Union is also a member (from 1 January 1992)." in words(response)


def test_countries_without_page_are_not_listed(client):
    make_country("DE")
    response = client.get(COUNTRIES)
    assert "Nothing is public yet" in words(response)
    assert "/countries/de/" not in words(response)  # on the map it is drawn and no link
    assert not response.context["countries"]


def test_a_country_shows_all_its_memberships(client):
    make_membership("RU", valid_to=date(2022, 3, 2))
    suspended = {"valid_from": date(2022, 3, 3), "valid_to": date(2022, 5, 16)}
    make_membership("RU", status="suspended", **suspended)
    make_membership("FR", status="observer", valid_from=None)
    make_public_project(lead=make_partner(country="UA"))
    for code, sentence in {
        "RU": "In the CBSS: member 1 January 1992 to 2 March 2022, "
        "suspended 3 March 2022 to 16 May 2022.",
        "FR": "In the CBSS: observer start unknown.",
        "UA": " has never been a member or an observer of the CBSS.",
    }.items():
        assert sentence in page_of(client, make_country(code))


def test_a_country_is_described_in_one_sentence(client):
    made = [make_public_project(lead=make_partner(country="LV")) for _number in range(4)]
    for project, codes in zip(made, [["LT", "FI"], ["LT", "FI", "SE"], ["LT"], []], strict=True):
        for code in codes:
            make_partnership(project, country=code)
    make_membership("IS")
    for code, sentence in {
        "lv": "Latvia took part in <b>4 of 4 projects</b> and led <b>4</b>; most often with "
        "<b>Lithuania</b> (3), then Finland (2).",
        "lt": "Lithuania took part in <b>3 of 4 projects</b>; most often with <b>Latvia</b> (3), "
        "then Finland (2).",
        "fi": "Finland took part in <b>2 of 4 projects</b>; most often with "
        "<b>Latvia and Lithuania</b> (2 each).",
        "se": "Sweden took part in <b>1 of 4 projects</b>.",
        "is": "No project with a partner from Iceland is on this site.",
    }.items():
        assert sentence in words(client.get(f"/countries/{code}/")), code


def test_a_country_has_its_article_in_a_sentence(client):
    make_partnership(make_public_project(lead=make_partner(country="NL")), country="US")
    for code, name in [("NL", "Netherlands"), ("US", "United States")]:
        Country.objects.filter(code=code).update(name=name)
    page = words(client.get("/countries/nl/"))
    assert "The Netherlands took part in <b>1 of 1 project</b>" in page
    assert "with partners from the Netherlands" in page and "<h1>Netherlands</h1>" in page
    title = "Projects with partners from the Netherlands or the United States, led from the Neth"
    assert title in words(client.get("/projects/?country=nl&country=us&lead=nl"))


def test_a_country_shows_projects_led_and_joined(client, monkeypatch):
    led = make_public_project(lead=make_partner(country="FI"))
    make_partnership(led, make_partner(country="FI"))
    joined = make_public_project(lead=make_partner(country="SE"))
    make_partnership(joined, country="FI")
    by_cbss = make_public_project(lead=make_partner(country="FI"), led_by_cbss=True)
    make_public_project(lead=make_partner(country="SE"))
    response = client.get("/countries/fi/")
    assert [row.pk for row in response.context["led"]] == [led.pk]
    assert {row.pk for row in response.context["joined"]} == {joined.pk, by_cbss.pk}
    page = words(response)
    assert ">Finland led one project</h2>" in page
    assert ">It took part in two more</h2>" in page
    assert ">Sweden led two projects</h2>" in words(client.get("/countries/se/"))
    monkeypatch.setattr("partners.pages.countries.ROWS_OF_COUNTRY", 1)
    page = words(client.get("/countries/fi/"))
    assert "All 3 projects with a partner from Finland</a>" in page
    assert client.get("/projects/?country=fi").context["paginator"].count == 3


def test_the_map_of_a_country_has_the_projects_shared_with_it(client):
    project = make_public_project(lead=make_partner(country="LV"))
    make_partnership(project, country="LT")
    make_public_project(lead=make_partner(country="LT"))
    page = words(client.get("/countries/lv/"))
    assert 'aria-label="LT 1: Lithuania, 1 project"' in page
    assert 'aria-label="LV: Latvia"' in page
    assert page.count("map__land--current") == 1
    make_membership("FR", status="observer")
    assert 'class="map"' not in words(client.get("/countries/fr/"))


def test_unnamed_partners_are_no_zero(client):
    project = make_public_project(lead=make_partner(country="FI"))
    make_partnership(project, country="EE")
    make_partnership(project, make_partner(country="SE"), country="NO")
    page = page_of(client, make_country("EE"))
    assert "Some partners from Estonia are not named." in page
    assert "are not named." not in page_of(client, make_country("FI"))
    row = '<td class="num">1</td><td class="num">0</td><td class="num">{}</td>'
    table = words(client.get(COUNTRIES))
    estonia = table.split('<a href="/countries/ee/">Estonia</a></th>')[1]
    assert estonia.startswith(row.format('<span class="unknown">not named</span>'))
    # The organisation that takes part for Norway is named and has its seat in Sweden.
    norway = table.split('<a href="/countries/no/">Norway</a></th>')[1]
    assert norway.startswith(row.format("0"))
    assert "not named" in words(client.get("/compare/?country=ee&country=fi"))


def test_an_organisation_is_listed_in_the_country_of_its_seat(client):
    make_partnership(make_public_project(), make_partner("Visby", country="SE"), country="NO")
    assert "Visby" not in page_of(client, make_country("NO"))
    page = page_of(client, make_country("SE"))
    assert "Organisations based in Sweden" in page
    assert ">Visby</bdi>" in page
    assert "An organisation counts in the country of its seat." in words(client.get(COUNTRIES))


def test_a_country_with_many_projects_links_to_the_full_lists(client):
    for _ in range(13):
        make_public_project(lead=make_partner(country="FI"))
    page = page_of(client, make_country("FI"))
    assert 'href="/projects/?lead=fi"' in page
    assert 'href="/partners/?country=fi"' in page
