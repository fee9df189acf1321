"""Pages for frames on other sites: only these can be framed, and they stay small."""

import pytest

from partners.pages.views import EMBEDDED_PROJECTS
from tests.support.factories import (
    make_merger,
    make_partner,
    make_partnership,
    make_project,
    make_public_project,
)
from tests.support.hidden_records import page_of, words

pytestmark = pytest.mark.django_db
LIMIT = 30_000


def embed_addresses(partner):
    return [
        f"/embed/partners/{partner.slug}/",
        f"/embed/countries/{partner.country.slug}/",
        "/embed/map/",
    ]


def test_only_these_pages_can_be_framed(client):
    partner = make_public_project().lead().partner
    for address in embed_addresses(partner):
        headers = client.get(address).headers
        policy = headers["Content-Security-Policy"].split("; ")
        assert "frame-ancestors *" in policy and "default-src 'none'" in policy
        assert "X-Frame-Options" not in headers
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    missing = ["/embed/partners/nosuch/", "/embed/countries/nosuch/"]
    for address in ["/", partner.get_absolute_url(), "/embed/", *missing]:
        headers = client.get(address).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_pages_are_small_and_without_scripts_and_forms(client):
    name, call = "Ä" * 300, make_public_project().call
    partner = make_partner(name)
    for number in range(EMBEDDED_PROJECTS + 1):
        values = {"title": "Ö" * 300, "slug": f"{number:02}".rjust(100, "x")}
        project = make_project(call, status="funded", published_at=call.published_at, **values)
        make_partnership(project, partner, role="lead", name_as_published="Ü" * 300)
    for address in embed_addresses(partner):
        response = client.get(address)
        assert len(response.content) < LIMIT, address
        assert b"<script" not in response.content and b"<form" not in response.content
        assert b'<base target="_top">' in response.content
    by_partner, by_country, _map = (words(client.get(page)) for page in embed_addresses(partner))
    assert f'<a href="/projects/?partner={partner.slug}">All 13 projects</a>' in by_partner
    country = partner.country.slug  # also the country of the project before
    assert f'<a href="/projects/?country={country}">All 14 projects</a>' in by_country


def test_a_foreign_title_carries_its_language(client):
    project = make_public_project(title="Drošs krasts", title_language="lv")
    partner = project.lead().partner
    for address in [*embed_addresses(partner)[:2], partner.get_absolute_url()]:
        assert '<bdi lang="lv">Drošs krasts</bdi>' in client.get(address).text, address


def test_pages_show_public_projects_alone(client):
    project = make_public_project(title="A title")
    partner = project.lead().partner
    make_partnership(make_project(status="funded", title="CANARY"), partner)
    for address in embed_addresses(partner)[:2]:
        page = words(client.get(address))
        assert "A title" in page and "CANARY" not in page and "All " not in page


def test_merged_organisation_leads_to_the_winner(client):
    partner = make_public_project().lead().partner
    make_merger(partner, slug="merged")
    response = client.get("/embed/partners/merged/")
    assert response.status_code == 301
    assert response.headers["Location"] == f"/embed/partners/{partner.slug}/"


def test_pages_offer_the_line_to_copy(client):
    partner = make_public_project().lead().partner
    start = "&lt;iframe src=&#34;http://127.0.0.1:8000/embed/"
    assert f"{start}partners/{partner.slug}/" in page_of(client, partner)
    assert f"{start}countries/{partner.country.slug}/" in page_of(client, partner.country)
    assert f"{start}map/" in words(client.get("/countries/"))
