from datetime import timedelta
from itertools import pairwise

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from partners.models import Country
from tests.support.factories import (
    make_call,
    make_decision,
    make_membership,
    make_partner,
    make_partnership,
    make_public_project,
)
from tests.support.hidden_records import (
    assert_no_secret_in,
    hide_canaries,
    number_of_queries,
    words,
)

pytestmark = pytest.mark.django_db

HOME = reverse("home")
TEXTS = [reverse(name) for name in ["about", "data", "accessibility", "privacy"]]
CODES = ["LV", "FI", "NO", *(f"{first}{last}" for first in "ABC" for last in "QRSTUVWXYZ")]


@pytest.mark.parametrize("address", [HOME, *TEXTS])
def test_a_page_of_text_allows_reading_only(client, address):
    first = client.get(address)
    assert first.status_code == 200
    assert not first.cookies
    assert "Cookie" not in first.headers.get("Vary", "")
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_the_pages_have_titles_of_their_own(client):
    project = make_public_project()
    make_membership("LV")
    lists = [
        reverse(f"{app}-list")
        for app in [
            "projects:call",
            "projects:project",
            "partners:partner",
            "partners:lead-partner",
            "partners:country",
        ]
    ]
    records = [project, project.call, project.lead().partner, Country.objects.get(code="LV")]
    pages = [HOME, *TEXTS, *lists, *(record.get_absolute_url() for record in records)]
    titles = [words(client.get(page)).split("<title>")[1].split("</title>")[0] for page in pages]
    assert len(set(titles)) == len(pages)


@pytest.mark.parametrize("address", [HOME, *TEXTS])
def test_headings_stand_in_order(client, address):
    make_public_project()
    levels = [
        int(part[0])
        for part in client.get(address).content.decode().split("<h")[1:]
        if part[0] in "123456"
    ]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_home_without_records_says_so(client):
    page = words(client.get(HOME))
    for said in ["No call is public yet.", "No project is public yet."]:
        assert said in page


def test_home_shows_the_key_figures_of_public_records(client):
    hide_canaries()
    make_decision(make_public_project(amount_eur=65000, amount_kind="ceiling").call)
    make_partnership(
        make_public_project(amount_eur=65000, amount_kind="ceiling"), make_partner(country="FI")
    )
    make_public_project(lead=make_partner(country="FI"))
    response = client.get(HOME)
    assert_no_secret_in(response)
    figures = {figure["label"]: figure["value"] for figure in response.context["figures"]}
    assert figures == {
        "Funded projects on this site": 3,
        "Named organisations": 4,
        "Countries": 2,
        "Highest possible grants (2 of 3 projects)": "130\N{NO-BREAK SPACE}000",
    }
    assert "2 × 65 000; 2 of 3 projects have a published amount" in words(response)


def test_home_has_the_numbers_of_the_map_in_a_table(client):
    make_membership("EE")
    make_membership("FR", status="observer")
    make_public_project()
    response = client.get(HOME)
    assert [country.code for country in response.context["countries"]] == ["EE", "LV"]
    assert {country.code: country.count for country in response.context["map"]}["LV"] == 1


def test_home_costs_the_same_for_any_number_of_rows(client):
    hide_canaries()
    costs = []
    for rows in [1, 3, 30]:
        for code in CODES[Country.objects.public().count() : rows]:
            make_membership(code)
            make_public_project(lead=make_partner(country=code))
        costs.append(number_of_queries(client, HOME))
    # In a transaction nothing is cached, so the sets of projects are read twice.
    assert costs[0] == costs[1] == costs[2] <= 19


@pytest.mark.parametrize("name", ["about", "accessibility"])
def test_readers_find_an_address_to_write_to(client, name):
    assert f"mailto:{settings.DEFAULT_FROM_EMAIL}" in words(client.get(reverse(name)))


def test_every_page_leads_to_the_contact(client):
    assert 'id="contact"' in words(client.get(reverse("about")))
    for address in [HOME, *TEXTS]:
        assert "/about/#contact" in words(client.get(address))


def test_the_home_page_leads_applicants_to_what_they_can_do(client):
    assert f'href="{reverse("about")}#apply"' in words(client.get(HOME))
    page = words(client.get(reverse("about")))
    assert 'id="apply"' in page
    for link in [f"{reverse('projects:call-list')}?phase=open", reverse("projects:calls-ics")]:
        assert f'href="{link}"' in page
        assert client.get(link).status_code == 200


def test_open_call_comes_first_on_home_and_the_next_call_after_it(client):
    now = timezone.now()
    make_call(title="PSF Last")
    make_call(
        title="PSF Next", opens_at=now + timedelta(days=300), closes_at=now + timedelta(days=340)
    )
    assert "PSF Last" not in words(client.get(HOME))
    assert "Next call" in words(client.get(HOME))
    make_call(
        title="PSF Now",
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=9),
        min_member_states=3,
        lead_from_member_state=True,
    )
    page = words(client.get(HOME))
    assert page.index("Open for applications") < page.index("PSF Next")
    assert "9 days left" in page
    assert "Lead partner: from a member state of the CBSS" in page
    assert "PSF Last" not in page


@pytest.mark.parametrize(
    ("closes_at", "precision", "text"),
    [
        (timezone.localtime().replace(hour=23, minute=59, second=59), "day", "closes today"),
        (None, "minute", "not known"),
        (timezone.now() + timedelta(days=400), "month", ""),
    ],
)
def test_home_counts_days_only_to_a_known_day(client, closes_at, precision, text):
    make_call(closes_at=closes_at, closes_precision=precision)
    page = words(client.get(HOME))
    assert "Open for applications" in page
    assert "left" not in page
    assert text in page
    assert ("Deadline for your calendar" in page) is (closes_at is not None)
