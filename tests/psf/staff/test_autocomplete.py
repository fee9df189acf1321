"""Suggestions: the best matches first, in pages."""

import pytest
from django.urls import reverse

from partners.country_data import load_countries
from psf.staff.widgets import Suggestions
from tests.support.accounts import client_of
from tests.support.factories import (
    make_partner,
    make_partner_name,
    make_partnership,
    make_project,
)

pytestmark = pytest.mark.django_db

ADDRESS = "?app_label=projects&model_name=partnership&field_name=partner"


@pytest.fixture
def ports(monkeypatch):
    """Five ports by name, and two organisations with a port among their other names."""
    monkeypatch.setattr(Suggestions, "paginate_by", 3)
    for name in "EDCBA":
        make_partner(f"{name} Port")
    for name in ["Board", "Agency"]:
        make_partner_name(make_partner(f"{name} of Towns"), f"Port {name}")


def ask(client, query):
    found = client.get(reverse("admin:autocomplete") + ADDRESS + query).json()
    return [row["text"].partition(" ")[0] for row in found["results"]], found["pagination"]["more"]


def test_each_page_goes_on_where_the_one_before_ended(ports):
    client = client_of("Editor")
    assert ask(client, "&term=port") == (["A", "B", "C"], True)
    assert ask(client, "&term=port&page=2") == (["D", "E", "Agency"], True)
    assert ask(client, "&term=port&page=3") == (["Board"], False)


def test_a_full_page_that_is_the_last_promises_no_other(ports):
    make_partner("C Harbour")
    assert ask(client_of("Editor"), "&term=c+port") == (["C"], False)
    for name in "FG":
        make_partner(f"C Port {name}")
    assert ask(client_of("Editor"), "&term=c+port") == (["C", "C", "C"], False)


def test_without_words_to_find_all_are_offered_in_their_order(ports):
    client = client_of("Editor")
    assert ask(client, "") == (["A", "Agency", "B"], True)
    assert ask(client, "&term=-towns") == (["A", "B", "C"], True)


@pytest.mark.parametrize("page", ["0", "x", "-1", "4", "99999999999999999999"])
def test_a_page_that_is_not_there_is_not_found(ports, page):
    address = reverse("admin:autocomplete") + ADDRESS + f"&term=port&page={page}"
    assert client_of("Editor").get(address).status_code == 404


@pytest.mark.unmeasured
class TestCountries:
    ADDRESS = "?app_label=projects&model_name=partnership&field_name=country&term="

    def suggestions(self, term):
        address = reverse("admin:autocomplete") + self.ADDRESS + term
        return [row["text"] for row in client_of("Editor").get(address).json()["results"]]

    @pytest.fixture(autouse=True)
    def countries(self, db):
        load_countries()

    def test_the_code_then_the_beginning_of_a_name_comes_first(self):
        first = {
            "lv": "Latvia",
            "ee": "Estonia",
            " EE ": "Estonia",
            "russia": "Russia",
            "igaunija": "Estonia",
            "l": "Latvia",
        }
        assert {term: self.suggestions(term)[0] for term in first} == first

    def test_member_states_come_first_in_each_group(self):
        assert self.suggestions("li")[:2] == ["Liechtenstein", "Lithuania"]  # the code is LI
        assert self.suggestions("no")[:1] == ["Norway"]
        found = self.suggestions("land")
        assert found.index("Russia") < found.index("Belarus")
        assert self.suggestions("")[0] == "Denmark"


def test_organisations_are_suggested_with_their_country():
    make_partner("Ministry of the Interior", "LT")
    response = client_of("Editor").get(reverse("admin:autocomplete") + ADDRESS + "&term=interior")
    assert [row["text"] for row in response.json()["results"]] == ["Ministry of the Interior (LT)"]


def test_a_chosen_organisation_keeps_its_country_in_the_form():
    project = make_project()
    make_partnership(project, make_partner("Ministry of the Interior", "LT"), country="LV")
    url = reverse("admin:projects_project_change", args=[project.pk])
    assert 'value="Ministry of the Interior (LT)"' in client_of("Editor").get(url).text
