"""The structured data of public pages, read as programs read them."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from pyld import jsonld

from projects.models import AmountKind
from tests.support.factories import (
    make_call,
    make_country,
    make_decision,
    make_partner,
    make_partner_name,
    make_partnership,
    make_priority,
    make_public_project,
)

pytestmark = pytest.mark.django_db
# The terms of https://schema.org that the pages use: an unknown term is lost in the expansion.
CONTEXT = json.loads(Path(__file__).with_name("schema_org.json").read_text())
TERMS = {*CONTEXT["@context"]}
SCHEMA = "https://schema.org/"
SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def load_context(url, options):
    assert url == "https://schema.org"
    return {"contextUrl": None, "documentUrl": url, "document": CONTEXT}


def documents_of(client, address):
    """The documents of a page by type, after a check of all their terms."""
    page = client.get(address).content.decode()
    documents = [json.loads(text) for text in SCRIPT.findall(page)]
    for document in documents:
        assert terms_of(document) <= TERMS
        assert jsonld.expand(document, {"documentLoader": load_context})
    return {document["@type"]: document for document in documents}


def terms_of(data):
    """All keys and types in a document."""
    if isinstance(data, list):
        return set().union(*map(terms_of, data))
    if not isinstance(data, dict):
        return set()
    types = data.get("@type", [])
    keys = {key for key in data if not key.startswith("@")}
    return keys.union([types] if isinstance(types, str) else types, *map(terms_of, data.values()))


def make_documented_project(**fields):
    """A public project of which everything is known."""
    project = make_public_project(
        make_partner("Liepājas policija", name_language="lv"),
        title="Youth </script><b>&amp; 'Safety'",
        acronym="YSY",
        summary="Summary.",
        website="https://example.org/",
        starts_on=date(2019, 9, 1),
        starts_precision="month",
        ends_on=date(2020, 11, 30),
        **fields,
    )
    project.priorities.add(make_priority("Safe and Secure Region"))
    project.activity_countries.add(make_country("FI"))
    other = make_partner("Turku", country="FI")
    make_partnership(project, other, joined_on=date(2020, 1, 2), left_on=date(2020, 3, 4))
    make_partnership(project, country="SE", name_as_published="A Swedish body")
    make_partnership(project, country="NO")
    return project


def test_project_states_what_its_page_shows(client):
    project = make_documented_project(amount_kind="ceiling", amount_eur=Decimal("65000.00"))
    address = f"{settings.SITE_URL}{project.get_absolute_url()}"
    documents = documents_of(client, address)
    data = documents["Project"]
    assert data["@id"] == f"{address}#project"
    assert data["name"] == project.title
    assert data["alternateName"] == "YSY"
    assert data["identifier"] == project.reference
    assert data["areaServed"] == [{"@type": "Country", "name": "Finland"}]
    assert data["event"]["startDate"] == "2019-09"
    assert data["event"]["endDate"] == "2020-11-30"
    assert data["keywords"][0]["name"] == "Safe and Secure Region"
    assert data["parentOrganization"]["name"] == project.call.title
    assert data["funding"]["amount"] == {
        "@type": "MonetaryAmount",
        "currency": "EUR",
        "maxValue": 65000,
    }
    assert data["funding"]["funder"]["@type"] == ["Organization", "FundingAgency"]
    lead, other, published, unnamed = data["member"]
    assert lead["roleName"] == "Lead partner"
    assert lead["member"]["name"] == {"@language": "lv", "@value": "Liepājas policija"}
    assert (other["roleName"], other["startDate"], other["endDate"]) == (
        "Partner",
        "2020-01-02",
        "2020-03-04",
    )
    assert published["member"]["name"] == "A Swedish body"
    assert unnamed["member"] == {
        "@type": "Organization",
        "address": {"@type": "PostalAddress", "addressCountry": "NO"},
    }
    assert [item["name"] for item in documents["BreadcrumbList"]["itemListElement"]] == [
        "Home",
        "Projects",
        project.title,
    ]


def test_signs_that_end_a_script_are_escaped(client):
    project = make_documented_project()
    page = client.get(project.get_absolute_url()).content.decode()
    for text in SCRIPT.findall(page):
        assert not re.search("[<>&]", text)
        assert "\\u003c/script\\u003e" in text


@pytest.mark.parametrize(
    ("kind", "amount"), [("returned", 100), ("not_published", None), ("final", 90)]
)
def test_only_a_grant_is_an_amount_of_a_grant(client, kind, amount):
    project = make_public_project(amount_kind=kind, amount_eur=amount)
    funding = documents_of(client, project.get_absolute_url())["Project"]["funding"]
    assert ("amount" in funding) == (kind == AmountKind.FINAL)


def test_unknown_facts_are_absent(client):
    data = documents_of(client, make_public_project().get_absolute_url())["Project"]
    assert {*data} == {
        *["@context", "@type", "@id", "name", "identifier", "url"],
        *["parentOrganization", "member", "funding"],
    }


def test_call_has_its_application_period_in_its_own_time_zone(client):
    call = make_call(time_zone="Europe/Helsinki", opens_precision="day", summary="A call.")
    call.priorities.add(make_priority("Regional Identity"))
    make_decision(call)
    data = documents_of(client, call.get_absolute_url())["FundingScheme"]
    assert data["event"]["startDate"] == "2019-02-15"
    assert data["event"]["endDate"] == "2019-04-01T00:59:00+03:00"
    assert data["parentOrganization"]["name"] == "Project Support Facility"
    assert data["keywords"][0]["name"] == "Regional Identity"
    announcement = documents_of(client, f"{call.get_absolute_url()}announcement/")
    assert announcement["WebPage"]["about"]["@id"] == data["@id"]
    undated = make_call(opens_at=None, closes_at=None)
    assert "event" not in documents_of(client, undated.get_absolute_url())["FundingScheme"]


def test_organisation_has_its_names_number_and_relatives(client):
    university = make_partner("University", kind="university")
    centre = make_partner(
        "Centre", kind="ministry", parent=university, registry_number="40003032949", city="Rīga"
    )
    make_partner_name(centre, "Centrs", language="lv")
    make_partner_name(centre, "Association Centre", kind="as_published")
    project = make_public_project(centre)
    make_partnership(project, university)
    data = documents_of(client, centre.get_absolute_url())["GovernmentOrganization"]
    assert data["alternateName"] == [{"@language": "lv", "@value": "Centrs"}]
    assert [(number["propertyID"], number["value"]) for number in data["identifier"]] == [
        ("Registry number", "40003032949"),
        ("org-id.guide", "LV-RE-40003032949"),
    ]
    assert data["address"]["addressLocality"] == "Rīga"
    assert data["parentOrganization"][0]["name"] == "University"
    parent = documents_of(client, university.get_absolute_url())["Organization"]
    assert parent["subOrganization"][0]["name"] == "Centre"
    assert "identifier" not in parent


def test_lists_name_their_rows_and_count_all(client):
    for _number in range(26):
        project = make_public_project()
    address = reverse("projects:project-list")
    page = documents_of(client, f"{address}?page=2&sort=title&unknown=1")["CollectionPage"]
    assert page["name"] == "Projects"
    assert page["url"] == f"{settings.SITE_URL}{address}?page=2&sort=title"
    assert page["mainEntity"]["numberOfItems"] == 26
    [item] = page["mainEntity"]["itemListElement"]
    assert item["position"] == 26
    assert item["url"].startswith(f"{settings.SITE_URL}{address}psf-")
    for name in ["projects:call-list", "partners:partner-list", "partners:country-list"]:
        assert documents_of(client, reverse(name))["CollectionPage"]["mainEntity"]
    country = documents_of(client, project.lead().country.get_absolute_url())["CollectionPage"]
    assert country["about"]["identifier"] == "LV"
    assert country["mainEntity"]["numberOfItems"] == 26
    assert "CollectionPage" not in documents_of(client, f"{address}?status=wrong")


def test_pages_about_the_facility_describe_it(client):
    facility = documents_of(client, "/")["FundingScheme"]
    assert facility["parentOrganization"]["name"] == "Council of the Baltic Sea States"
    about = documents_of(client, "/about/")["AboutPage"]
    assert about["mainEntity"]["@id"] == facility["@id"]


def test_every_page_has_its_canonical_address_and_a_title_for_previews(client):
    project = make_public_project(title='A "quoted" title', summary="What it does.")
    for address in ["/", "/figures/", "/data/", project.get_absolute_url()]:
        page = client.get(f"{address}?unknown=1").content.decode()
        canonical = f"{settings.SITE_URL}{address}"
        assert f'<link rel="canonical" href="{canonical}">' in page
        assert f'<meta property="og:url" content="{canonical}">' in page
        assert '<meta property="og:type" content="website">' in page
    assert 'og:title" content="A &#34;quoted&#34; title, PSF-' in page
    assert 'og:description" content="What it does.">' in page
    assert "canonical" not in client.get("/nosuch/").content.decode()


def test_dictionary_names_the_pages_with_facts_and_no_others(client):
    table = Path("docs/data-dictionary.md").read_text("utf-8").partition("Structured data of")[2]
    named = dict(re.findall(r"^\| ([^|]+) \| `(\w+)`", table, re.MULTILINE))
    call = make_call()
    make_decision(call)
    project = make_public_project(make_partner(kind="ngo"), call=call)
    addresses = {
        "home": "/",
        "about": "/about/",
        "call": call.get_absolute_url(),
        "announcement of results": f"{call.get_absolute_url()}announcement/",
        "project": project.get_absolute_url(),
        "organisation": project.lead().partner.get_absolute_url(),
        "list, country": "/partners/",
        "data page": "/data/",
    }
    path = named["every page below the home page"]
    for page, address in addresses.items():
        types = {str(kind) for kind in documents_of(client, address)} - {path}
        assert types == {{"Organization": "NGO"}.get(named[page], named[page])}, page
    for address in ["/figures/", "/compare/", "/changes/", "/privacy/"]:
        assert documents_of(client, address).keys() <= {path}, address
