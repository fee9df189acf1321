"""Searches on the pages of readers and staff."""

from urllib.parse import quote, quote_plus

import pytest
from django.urls import reverse

from partners.models import Partner
from projects.models import Call
from projects.search import PROJECTS as INDEX
from psf.search.highlight import explain
from tests.support.accounts import client_of
from tests.support.factories import (
    make_country,
    make_partner,
    make_partner_name,
    make_partnership,
    make_project,
    make_public_project,
)
from tests.support.hidden_records import hide_canaries, words

pytestmark = pytest.mark.django_db

PROJECTS = reverse("projects:project-list")
PARTNERS = reverse("partners:partner-list")
LEADS = reverse("partners:lead-partner-list")


def titles(client, query, address=PROJECTS):
    response = client.get(f"{address}?{query}")
    assert response.status_code == 200
    return [str(row) for row in response.context["object_list"]]


@pytest.fixture
def three():
    """Create projects with "sea" in the description, in a partner's name and in the title."""
    make_public_project(title="Land", description="By the sea & <there>", reference="C")
    make_public_project(make_partner("Sea Institute"), title="Water", reference="B")
    make_public_project(title="Sea", reference="A")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=sea", ["Sea", "Water", "Land"]),
        ("q=sea&sort=best", ["Sea", "Water", "Land"]),
        ("q=sea&sort=title", ["Land", "Sea", "Water"]),
        ("q=sea&sort=newest", ["Land", "Water", "Sea"]),
        ("sort=best", ["Land", "Water", "Sea"]),
    ],
)
def test_search_shows_the_best_match_first_by_default(client, three, query, expected):
    for number, call in enumerate(Call.objects.order_by("pk")):
        call.closes_at = call.closes_at.replace(year=2021 - number)
        call.save()
    assert titles(client, query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=sea", ["Sea Institute", "Sea Port", "Harbour"]),
        ("q=sea&sort=best", ["Sea Institute", "Sea Port", "Harbour"]),
        ("q=sea&sort=name", ["Harbour", "Sea Institute", "Sea Port"]),
        ("q=sea&sort=projects", ["Sea Port", "Harbour", "Sea Institute"]),
        ("sort=best", ["Anchor", "Harbour", "Sea Institute", "Sea Port"]),
    ],
)
def test_organisations_of_the_same_rank_are_ordered_by_name(client, query, expected):
    """A match in the displayed name ranks higher than a match in another name."""
    for name in ["Sea Port", "Anchor", "Harbour", "Sea Institute"]:
        make_public_project(make_partner(name))
    make_partner_name(Partner.objects.get(name="Harbour"), "Sea")
    make_public_project(Partner.objects.get(name="Sea Port"))
    assert titles(client, query, PARTNERS) == expected


def test_best_match_order_is_offered_for_searches_only(client, three):
    assert "best match first" in words(client.get(f"{PROJECTS}?q=sea"))
    assert "best match first" not in words(client.get(PROJECTS))


@pytest.mark.parametrize("query", ['"{}"', "{}"])
def test_title_with_many_words_is_found_and_the_page_names_the_searched_part(client, three, query):
    title = " ".join(f"word{number}" for number in range(20))
    make_public_project(title=title)
    search = f"q={quote_plus(query.format(title))}"
    page = client.get(f"{PROJECTS}?{search}")
    assert titles(client, search) == [title]
    used = query.format(" ".join(title.split()[:16]))
    [chosen] = page.context["chosen"]
    assert chosen["value"] == f"{used} (the rest was not searched)"
    [chosen] = client.get(f"{PROJECTS}?q=?!").context["chosen"]
    assert chosen["value"] == "?! (has no word to search for)"


def test_search_terms_are_marked_in_the_rows(client, three):
    page = words(client.get(f"{PROJECTS}?q=sea"))
    assert "<mark>Sea</mark></bdi>" in page
    assert '<p class="row__text">By the <mark>sea</mark> &amp; &lt;there&gt;</p>' in page
    assert '<p class="row__text"><mark>Sea</mark> Institute</p>' in page
    assert "<mark>" not in words(client.get(PROJECTS))
    assert "<mark>" not in words(client.get(f"{PROJECTS}?q=-nothing"))


def test_name_is_shown_only_if_the_title_lacks_a_term(client):
    make_public_project(make_partner("Youth Circle"), title="Youth at sea")
    assert "Youth</mark> Circle" not in words(client.get(f"{PROJECTS}?q=youth"))
    assert "Youth</mark> <mark>Circle" in words(client.get(f"{PROJECTS}?q=youth+circle"))


@pytest.mark.parametrize(
    "summary", ["The sea is near", " The\tsea\n\nis near ", "The sea  is\xa0near"]
)
def test_snippet_has_single_spaces_only(summary):
    project = make_public_project(title="A title", summary=summary)
    explain([project], "sea", INDEX)
    assert project.explanation.snippet == "The <mark>sea</mark> is near"


@pytest.mark.parametrize("address", [PARTNERS, LEADS])
def test_organisation_is_shown_with_the_matching_name(client, address):
    partner = make_partner("Active Youth")
    make_partner_name(partner, "Aktyvus jaunimas")
    make_public_project(partner)
    make_public_project(make_partner("Youth Centre Active"))
    page = words(client.get(f"{address}?q=jaunimas"))
    assert "Aktyvus <mark>jaunimas</mark>" in page
    assert titles(client, "q=active+youth", address) == ["Active Youth", "Youth Centre Active"]
    assert titles(client, "q=aktyvus", address) == ["Active Youth"]


def offers(client, query, address=PROJECTS):
    offered = client.get(f"{address}?{query}").context["offers"]
    return [(offer.text, offer.number, offer.url) for offer in offered]


def test_list_without_a_match_leads_to_the_search_in_everything(client):
    make_public_project(title="Human trafficking")
    assert offers(client, "q=nothing") == []
    page = words(client.get(f"{PROJECTS}?q=nothing+%26"))
    assert 'href="/search/?q=nothing%20%26">Search everything for “nothing &amp;”' in page
    page = words(client.get(f"{PROJECTS}?priority=&country=lv&lead=lv&kind=ministry"))
    assert "Show the full list" in page and "Search everything for" not in page


def test_list_without_a_match_offers_the_corrected_words(client):
    make_public_project(make_partner("Harbour", country="LV"), title="Human trafficking")
    make_project(title="Human traffickers")  # which nobody may see
    assert offers(client, "q=trafikcing") == [("“trafficking”", 1, "?q=trafficking")]
    make_country("FI")
    assert offers(client, "q=trafikcing&country=fi") == []
    assert offers(client, "q=trafikcing&country=lv")[0][2] == "?q=trafficking&country=lv"
    assert offers(client, "q=harbor", PARTNERS) == [("“harbour”", 1, "?q=harbour")]
    without_country = ("without “Partner country: Finland”", 1, "?q=%26")
    assert offers(client, "q=%26&country=fi") == [without_country]


def test_lists_with_one_filter_less_are_offered_longest_first(client):
    for country in ["LV", "FI", "FI"]:
        make_public_project(make_partner(country=country), title="Sea")
    make_public_project(title="Land")
    make_country("SE")
    assert offers(client, "q=land&country=fi") == [
        ("without “Search: land”", 2, "?country=fi"),
        ("without “Partner country: Finland”", 1, "?q=land"),
    ]
    assert offers(client, "q=land&lead=fi&country=fi&sort=title") == [
        ("without “Search: land”", 2, "?country=fi&lead=fi&sort=title")
    ]
    assert offers(client, "q=%25&country=fi&lead=lv") == [
        ("without “Partner country: Finland”", 2, "?q=%25&lead=lv"),
        ("without “Led from: Latvia”", 2, "?q=%25&country=fi"),
    ]


@pytest.mark.unmeasured
@pytest.mark.parametrize("address", [PROJECTS, PARTNERS, LEADS])
@pytest.mark.parametrize("text", ["CANARY", "CANRAY", "canar", "54321", "CANARY -sea", "-xyz"])
def test_search_reveals_nothing_about_hidden_records(client, address, text):
    hide_canaries()
    make_public_project(title="Sea")
    response = client.get(address, {"q": text})
    assert response.context["offers"] == []
    page = response.content
    for echo in [text, quote_plus(text), quote(text)]:
        page = page.replace(echo.encode(), b"")
    assert b"CANARY" not in page


# Staff


def results(client, model, term):
    address = reverse("admin:autocomplete")
    query = f"?app_label=projects&model_name=partnership&field_name={model}&term={term}"
    return [row["text"] for row in client.get(address + query).json()["results"]]


def test_staff_suggestions_show_the_best_match_first():
    make_partner_name(make_partner("Aland Board"), "Port Agency")
    make_partner("Zealand Port")
    client = client_of("Editor")
    assert results(client, "partner", "port") == ["Zealand Port (LV)", "Aland Board (LV)"]
    assert results(client, "partner", "por") == ["Zealand Port (LV)", "Aland Board (LV)"]


def test_staff_can_find_and_sort_drafts():
    draft = make_project(title="Sea and land", reference="A-1")
    make_partnership(draft, make_partner("Gdańsk Port"), role="lead")
    make_project(title="Land", description="Sea", reference="B-1")
    client = client_of("Viewer")
    address = reverse("admin:projects_project_changelist")

    def found(query):
        return [row.reference for row in client.get(f"{address}?{query}").context["cl"].queryset]

    assert found("q=sea") == ["A-1", "B-1"]
    assert found("q=gdansk") == ["A-1"]
    assert found("q=sea&o=1") == ["B-1", "A-1"]
    assert found("q=sea+-gdansk") == ["B-1"]
