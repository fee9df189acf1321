import re
from datetime import UTC, datetime

import pytest
from django.http import QueryDict
from django.urls import reverse

from partners.pages.filters import PartnerFilterSet
from projects.models import Project
from projects.pages.filters import ProjectFilterSet
from projects.pages.views import ProjectList
from psf.lists.filterset import FILTERS
from tests.support.factories import (
    make_call,
    make_decision,
    make_partner,
    make_partnership,
    make_priority,
    make_public_project,
    make_topic,
)
from tests.support.hidden_records import hide_canaries, words

pytestmark = pytest.mark.django_db

PROJECTS = reverse("projects:project-list")
CALLS = reverse("projects:call-list")


def found(client, query, address=PROJECTS):
    response = client.get(f"{address}?{query}")
    assert response.status_code == 200
    return {str(row) for row in response.context["object_list"]}


@pytest.fixture
def three():
    """Projects A (lead LV, partner FI), B (lead FI, a university) and C (lead SE)."""
    old = make_call(slug="old", opens_at=None, closes_at=datetime(2018, 3, 31, 12, tzinfo=UTC))
    new = make_call(slug="new", closes_at=datetime(2019, 3, 31, 12, tzinfo=UTC))
    finnish = make_partner("Turku", country="FI", kind="university", slug="turku")
    a = make_public_project(call=old, title="A", lead=make_partner("Rīga", country="LV"))
    b = make_public_project(call=new, title="b", lead=finnish, status="completed")
    c = make_public_project(call=new, title="C", lead=make_partner("Lund", country="SE"))
    make_partnership(a, finnish)
    safe, rich = make_priority("safe"), make_priority("rich")
    a.priorities.add(safe)
    b.priorities.add(rich)
    c.priorities.add(rich)
    child, youth = make_topic("child"), make_topic("youth")
    a.topics.add(child)
    b.topics.add(youth)
    c.topics.add(youth)
    for term in [safe, rich, child, youth]:
        type(term).objects.filter(pk=term.pk).update(slug=term.name)
    return a, b, c


@pytest.mark.parametrize(
    ("query", "order"),
    [("", "bCA"), ("sort=newest", "bCA"), ("sort=oldest", "AbC"), ("sort=title", "AbC")],
)
def test_list_is_sorted(client, three, query, order):
    response = client.get(f"{PROJECTS}?{query}")
    assert "".join(project.title for project in response.context["object_list"]) == order


def test_list_is_sorted_by_amount_without_amounts_last(client):
    call, amounts = make_call(), [("awarded", 30_000), ("ceiling", 65_000), ("final", 9.5)]
    for kind, amount in [("not_published", None), *amounts]:
        make_public_project(call=call, title=kind, amount_kind=kind, amount_eur=amount)
    projects = client.get(f"{PROJECTS}?sort=amount").context["object_list"]
    assert [project.title for project in projects] == [
        "ceiling",
        "awarded",
        "final",
        "not_published",
    ]


def test_unknown_value_is_an_explained_error(client, three):
    wrong = ["call=none", "priority=nosuch", "topic=nosuch", "country=xx", "country=lv&country=x"]
    wrong += ["lead=xx", "kind=nosuch", "status=rejected", "partner=nosuch", "sort=internal_note"]
    addresses = [f"{PROJECTS}?q=kept&{query}" for query in wrong]
    of_partners = ["partners/?country=xx", "partners/?kind=x", "partners/?role=boss"]
    addresses += [f"/{page}&q=kept" for page in [*of_partners, "lead-partners/?sort=internal_note"]]
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 400, address
        page = words(response)
        assert "<title>Error: " in page and 'role="alert"' in page and " is not " in page
        assert 'value="kept"' in page
        assert not response.context["object_list"]
        if "country=" in address:
            assert 'id="id_country" aria-labelledby="id_country_label"' in page
            assert 'aria-describedby="id_country_error"' in page and "aria-invalid" not in page


@pytest.mark.parametrize("name", ["country", "lead"])
def test_country_without_a_project_is_an_empty_list(client, three, name):
    make_partner(country="IS")
    page = client.get(f"{PROJECTS}?{name}=is")
    assert page.status_code == 200
    assert re.search(r"<h1>No projects [a-z ]+ from Iceland</h1>", words(page))
    assert found(client, f"{name}=is&{name}=se") == found(client, f"{name}=se")
    assert client.get(f"/projects.json?{name}=is").json()["count"] == 0
    assert "Iceland" not in words(client.get(PROJECTS))  # a link would lead to nothing


def test_choices_are_public_records(three):
    hide_canaries()
    filters = ProjectFilterSet(QueryDict()).filters
    choices = {name: used.extra.get("choices", []) for name, used in filters.items()}
    assert {"fi", "lv", "se"} <= {value for value, _ in choices["country"]}
    assert [value for value, _ in choices["priority"]] == ["rich", "safe"]
    assert {"new", "old"} <= {value for value, _ in choices["call"]}
    assert not [
        label for values in choices.values() for _, label in values if "CANARY" in str(label)
    ]


def test_chosen_filters_can_be_removed_one_by_one(client, three):
    page = client.get(
        f"{PROJECTS}?country=fi&country=lv&q=turku&x=1&page=1&sort=title&partner=turku"
    )
    chosen = {choice["value"]: choice["url"] for choice in page.context["chosen"]}
    assert chosen == {
        "turku": "?country=fi&country=lv&partner=turku&sort=title",
        "Turku": "?q=turku&country=fi&country=lv&sort=title",
        "Finland": "?q=turku&country=lv&partner=turku&sort=title",
        "Latvia": "?q=turku&country=fi&partner=turku&sort=title",
    }
    title = "Projects matching “turku”, with partners from Finland or Latvia, of Turku (2)"
    assert f"<title>{title}" in words(page)
    assert "x=1" not in words(page)


def test_heading_shows_the_number_of_results(client):
    empty = words(client.get(PROJECTS))
    assert "Nothing is public yet" in empty
    assert "Filter this list" not in empty
    make_public_project()
    assert "Projects (1)</h1>" in words(client.get(PROJECTS))
    full = words(client.get(PROJECTS))
    assert "Filter this list" in full
    page = words(client.get(f"{PROJECTS}?q=nosuch"))
    assert "No projects matching “nosuch”</h1>" in page
    assert "Download this page" not in page


@pytest.mark.parametrize(
    "page", ["0", "-1", "x", "last", "1.5", "٢", "%2B1", "01", "9" * 30, "9" * 1500, "3", "1_0"]
)
def test_unknown_page_number_is_not_found(client, page):
    for _ in range(26):
        make_public_project()
    assert client.get(f"{PROJECTS}?page={page}").status_code == 404


def test_code_of_a_country_may_have_capitals_and_has_one_canonical_address(client):
    make_public_project()
    response = client.get(f"{PROJECTS}?country=LV")
    assert "from Latvia (1)</h1>" in words(response)
    page = response.content.decode()
    assert re.search(r'<link rel="canonical" href="[^"]*/projects/\?country=lv">', page)
    assert "=LV" not in page + response.headers["Link"]
    page = words(client.get(f"{PROJECTS}?country=LV&country=XX"))
    assert "“xx” is not in this list." in page and "“lv”" not in page


def test_long_list_has_pages(client):
    for _ in range(26):
        make_public_project()
    first, second = client.get(f"{PROJECTS}?page="), client.get(f"{PROJECTS}?page=2&country=lv&x=1")
    assert len(first.context["object_list"]) == 25
    assert len(second.context["object_list"]) == 1
    assert "page 2 ·" in words(second)
    assert 'href="?country=lv&amp;page=1"' in words(second)
    assert Project.objects.public().count() == 26


@pytest.mark.parametrize("order", ["", "oldest", "amount", "title"])
def test_pages_of_the_unfiltered_list_are_complete_and_in_order(client, monkeypatch, order):
    """Pages of both halves have each project once, in the same order as one long page."""
    calls = [make_call(closes_at=None), make_call(), make_call()]
    for number in range(9):
        make_public_project(call=calls[number % 3], title=f"T{number % 2}")

    def pages(size):
        monkeypatch.setattr(ProjectList, "paginate_by", size)
        rows, last = [], -(-9 // size)
        for page in range(1, last + 1):
            rows += client.get(f"{PROJECTS}?sort={order}&page={page}").context["object_list"]
        return [row.pk for row in rows]

    whole = pages(25)
    assert len(set(whole)) == 9
    for size in [1, 2, 4, 5]:
        assert pages(size) == whole


@pytest.fixture
def calls():
    """One call of each phase, with the phase as title."""
    make_call(title="coming", opens_at=None, closes_at=None)
    make_call(title="open", closes_at=None)
    make_call(title="in_assessment")
    make_decision(make_call(title="decided", closes_at=datetime(2020, 1, 1, 12, tzinfo=UTC)))
    make_call(title="hidden", published_at=None, closes_at=datetime(2021, 1, 1, 12, tzinfo=UTC))


def test_newest_call_comes_first(client, calls):
    titles = [call.title for call in client.get(CALLS).context["object_list"]]
    assert titles[-2:] == ["decided", "in_assessment"]


def test_each_filter_of_a_list_is_known_to_all_lists():
    of_lists = {*ProjectFilterSet.base_filters, *PartnerFilterSet.base_filters} - {"sort"}
    assert of_lists == {*FILTERS}


@pytest.mark.parametrize(
    ("address", "name"),
    [("/partners/", "year"), ("/lead-partners/", "role"), ("/calls/", "q"), ("/projects/", "role")],
)
def test_a_list_says_that_it_lacks_the_filter_of_another_list(client, address, name):
    make_public_project()
    response = client.get(f"{address}?{name}=x")
    assert response.status_code == 400
    assert f"The filter “{name}” is wrong: This list has no such filter." in words(response)
    page = client.get(f"{address}?{name}=&utm_source=x")
    assert page.status_code == 200
    assert 'type="hidden"' not in page.text  # which a search would add to its address
