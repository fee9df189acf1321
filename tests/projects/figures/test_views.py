import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.figures.findings import TABLES
from projects.models import Call, Project
from tests.support.factories import (
    make_call,
    make_country,
    make_decision,
    make_membership,
    make_partner,
    make_partnership,
    make_priority,
    make_public_project,
)
from tests.support.hidden_records import (
    assert_no_secret_in,
    hide_canaries,
    words,
)

pytestmark = pytest.mark.django_db

FIGURES = "/figures/"
TIMELINE = "/timeline/"
COMPARE = "/compare/"
FILES = [f"/figures/{name}.csv" for name in TABLES]


def text_of(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return b"".join(response.streaming_content).decode("utf-8-sig")


@pytest.fixture
def example():
    """A project led from Latvia with a partner from Finland, in a decided call."""
    call = make_call(received_count=43, eligible_count=20, funded_count=5, slug="call-one")
    make_decision(call)
    project = make_public_project(call=call, amount_eur=65000, amount_kind="ceiling", slug="one")
    project.priorities.add(make_priority("Safe"))
    make_partnership(project, make_partner("Turku", country="FI", kind="university", slug="turku"))
    return project


def test_empty_pages_say_that_nothing_is_published(client):
    assert "This site has too few projects for a finding." in words(client.get(FIGURES))
    assert "No call with a known closing is public yet." in words(client.get(TIMELINE))
    assert client.get(COMPARE).status_code == 200
    for address in FILES:
        assert text_of(client, address).count("\r\n") == 1
    assert client.get("/figures/nosuch.csv").status_code == 404


def test_files_show_nothing_hidden(client, example):
    hide_canaries()
    for address in FILES:
        assert_no_secret_in(client.get(address))


def test_numbers_of_a_call_without_result_are_not_yet_published(client):
    make_call(slug="open", closes_at=timezone.now() + timedelta(days=10))
    make_call(slug="old", published_at=timezone.now())
    make_decision(make_call(received_count=4, funded_count=2))
    expected = {FIGURES: 4, f"{COMPARE}?call=open&call=old": 3}
    for address, number in expected.items():
        page = words(client.get(address))
        assert page.count('<span class="unknown">not yet published</span>') == number, address
        assert '<span class="unknown">not published</span>' in page, address


def test_unsuccessful_applications_count_only_in_announced_totals(client, example):
    before = [text_of(client, address) for address in FILES]
    for status in ["submitted", "rejected", "not_eligible"]:
        loser = make_partner(country="FI")
        project = make_public_project(lead=loser, published_at=None, call=example.call)
        Project.objects.filter(pk=project.pk).update(status=status)
    assert [text_of(client, address) for address in FILES] == before


def test_organisation_names_those_in_the_same_projects(client, example):
    lead, turku = example.lead().partner, example.partnerships.last().partner
    make_partnership(make_public_project(lead=turku), lead)
    page = words(client.get(lead.get_absolute_url())).split("Works with")[1]
    assert "Turku" in page and "Finland, 2 projects" in page
    assert "Partners that are not named are left out." in page


def test_organisation_without_neighbours_says_so(client):
    project = make_public_project()
    page = words(client.get(project.lead().partner.get_absolute_url()))
    assert "The names of its partners were not published." in page


def compared(client, query):
    response = client.get(f"{COMPARE}?{query}")
    assert response.status_code == 200
    comparison = response.context["comparison"]
    heads = [head.value for head in comparison.heads]
    return heads, {label: [cell.words for cell in cells] for label, cells in comparison.lines}


def test_projects_are_compared(client, example):
    other = make_public_project(
        slug="other", title="Other", total_budget_eur=Decimal("1000"), summary="Short."
    )
    make_partnership(other, example.partnerships.last().partner)
    lonely = make_public_project(slug="lonely", title="Lonely", lead=make_partner(country="SE"))
    lonely.partnerships.update(partner=None)
    heads, lines = compared(client, "project=other&project=one&project=nosuch")
    assert heads == ["Other", example.title]
    assert lines["Grant"] == ["", "up to 65 000 EUR".replace(" 000 ", "\xa0000\xa0")]
    assert lines["Total budget"] == ["1\xa0000\xa0EUR", ""]
    assert lines["Countries in common"] == ["Finland and Latvia"] * 2
    assert lines["Organisations in common"] == ["Turku"] * 2
    assert lines["Partners"] == ["2", "2"]
    assert lines["Period"] == ["not known", "not known"]
    heads, lines = compared(client, "project=lonely&project=one")
    assert lines["Lead partner"][0] == "not named (Sweden)"
    assert lines["Countries in common"] == ["none"] * 2
    lonely.partnerships.all().delete()
    _heads, lines = compared(client, "project=lonely&project=one")
    assert lines["Lead partner"][0] == "not recorded"


def test_countries_are_compared(client, example):
    make_membership("LV")
    heads, lines = compared(client, "country=lv&country=fi")
    assert heads == ["Latvia", "Finland"]
    assert lines["In the CBSS today"] == ["Member", "No status"]
    assert lines["Projects shared with Finland"] == ["1", "–"]
    assert lines["Led"] == ["1", "0"]
    assert lines["Amounts of the projects led"][1] == "–"


def test_calls_are_compared(client, example):
    make_call(slug="silent", title="Silent", ceiling_eur=50000, opens_at=None, min_member_states=0)
    heads, lines = compared(client, "call=call-one&call=silent")
    assert heads == [example.call.title, "Silent"]
    assert lines["Applications received"] == ["43", ""]
    assert lines["Projects on this site"] == ["1", "0"]
    assert [lines["Opens"][1], lines["Budget of the call"][1]] == ["not known", "not known"]
    assert lines["Highest grant for one project"] == ["not known", "50\xa0000\xa0EUR"]
    assert lines["Member states needed"] == ["not known", "0"]
    assert lines["Amounts of the projects on this site"][1] == "–"


def test_comparison_asks_for_two_to_four_records(client, example):
    assert "Nothing is selected yet" in words(client.get(COMPARE))
    make_public_project()
    page = words(client.get(f"{COMPARE}?project=one&project=one"))
    assert "One record is selected. Select at least one more." in page
    calls = [make_call(slug=f"call-{letter}") for letter in "abcde"]
    query = "&".join(f"call={call.slug}" for call in calls)
    response = client.get(f"{COMPARE}?{query}")
    assert len(response.context["comparison"].heads) == 4
    assert "Only the first four" in words(response)
    assert "Nothing is selected yet" in words(client.get(f"{COMPARE}?project=nosuch"))


def test_comparison_offers_records_of_its_kind_and_keeps_the_selection(client, example):
    page = client.get(f"{COMPARE}?country=lv").content.decode()
    assert re.search(r'name="country" value="lv"[^>]* checked', page)
    assert re.search(r'name="country" value="fi"(?![^>]* checked)', page)
    assert 'name="call"' not in page
    assert 'name="call"' not in client.get(COMPARE).text
    make_call()
    assert 'name="call" value="call-one"' in client.get(COMPARE).text


def test_what_is_alone_is_not_offered_for_a_comparison(client, example):
    page = words(client.get(f"{COMPARE}?call=call-one"))
    assert "There is nothing to compare yet: fewer than two such records are public." in page
    assert "Select" not in page
    assert "list of projects" not in words(client.get(COMPARE))
    assert "/compare/?call=" not in words(client.get(example.call.get_absolute_url()))


def test_hidden_records_cannot_be_compared(client, example):
    hide_canaries()
    for kind, model in [("project", Project), ("call", Call)]:
        slugs = model.objects.values_list("slug", flat=True)
        for slug in slugs:
            assert_no_secret_in(client.get(f"{COMPARE}?{kind}={slug}"))
    make_country("IS")
    assert client.get(f"{COMPARE}?country=is").context["comparison"].heads == []


def test_lists_and_pages_link_to_the_comparison(client, example):
    for view in ["projects:project-list", "projects:call-list"]:
        assert "Compare" not in words(client.get(reverse(view))).split("<footer")[0]  # one record
    make_public_project()
    page = words(client.get(reverse("projects:project-list")))
    assert 'name="project" value="one" form="compare"' in page
    assert '<form id="compare" action="/compare/">' in page
    assert '<a href="/compare/">Compare calls</a>' in words(client.get("/calls/"))
    for record, query in [(example, "project=one"), (example.call, f"call={example.call.slug}")]:
        assert f"/compare/?{query}" in words(client.get(record.get_absolute_url()))
    assert "/compare/?country=fi" in words(client.get("/countries/fi/"))
    assert "/countries/fi/sheet/" in words(client.get("/countries/fi/"))
