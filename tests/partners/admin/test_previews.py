"""The previews of organisations and countries."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.support import factories
from tests.support.accounts import client_of

pytestmark = pytest.mark.django_db
KINDS = ["partner", "leadpartner"]


@pytest.fixture
def viewer():
    return client_of("Viewer")


def preview(client, kind, record):
    response = client.get(reverse(f"admin:partners_{kind}_preview", args=[record.pk]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def content(page):
    return re.search("<main.*</main>", page).group()


def without_data_links(main):
    return re.sub('<section class="columns" aria-labelledby="data">.*?</section> ', "", main)


def banner(page):
    return re.search('<aside class="preview".*?</aside>', page).group()


def as_readers_see(record):
    response = Client().get(record.get_absolute_url())
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("kind", [*KINDS, "country"])
def test_the_preview_of_a_public_record_is_its_page_with_a_banner(viewer, kind):
    partner = factories.make_public_project().lead().partner
    record = factories.make_membership("LV").country if kind == "country" else partner
    page, public = preview(viewer, kind, record), as_readers_see(record)
    assert content(page) == without_data_links(content(public))
    assert "the page as readers see it." in banner(page)
    assert reverse(f"admin:partners_{kind}_change", args=[record.pk]) in banner(page)
    assert 'class="preview"' not in public


@pytest.mark.parametrize("kind", KINDS)
def test_an_organisation_without_public_projects_has_a_preview(viewer, kind):
    partner = factories.make_partner("Stellit", "RU")
    draft = factories.make_project(title="Secret House")
    factories.make_partnership(draft, partner, role="lead")
    page = preview(viewer, kind, partner)
    assert "as readers will see it once it is public" in banner(page)
    assert "Stellit" in page
    assert "Takes part in no public project." in page
    assert "Secret House" not in page
    assert Client().get(partner.get_absolute_url()).status_code == 404


def test_a_country_without_public_page_has_a_preview(viewer):
    country = factories.make_country("IS")
    page = preview(viewer, "country", country)
    assert "as readers will see it once it is public" in banner(page)
    assert "Iceland has never been a member or an observer of the CBSS." in page
    assert Client().get(country.get_absolute_url()).status_code == 404


def test_the_lead_of_a_draft_has_the_page_of_a_partner(viewer):
    partner = factories.make_partner()
    factories.make_partnership(factories.make_project(), partner, role="lead")
    factories.make_partnership(factories.make_public_project(), partner)
    url = reverse("admin:partners_leadpartner_change", args=[partner.pk])
    assert partner.get_absolute_url() in viewer.get(url).content.decode()
    assert "as readers see it." in banner(preview(viewer, "leadpartner", partner))
