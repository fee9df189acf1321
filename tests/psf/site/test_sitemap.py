"""The sitemap has every public page, and its moments are the moments that readers saw."""

from xml.etree import ElementTree

import pytest
from django.conf import settings

from psf.site import well_known
from tests.support.cases import HIDDEN_PROJECTS
from tests.support.factories import (
    make_decision,
    make_project,
    make_public_project,
)

pytestmark = pytest.mark.django_db
NAMESPACE = f"{{{well_known.SCHEMA}}}"


def moments(client, address="/sitemap.xml"):
    """The moment of the last change by path; None if it is not known."""
    root = ElementTree.fromstring(client.get(address).content)
    return {
        row.findtext(f"{NAMESPACE}loc").removeprefix(settings.SITE_URL): row.findtext(
            f"{NAMESPACE}lastmod"
        )
        for row in root
    }


def test_every_address_is_a_page(client):
    make_decision(make_public_project().call)
    hidden = make_project(status="funded")
    addresses = moments(client)
    assert len(addresses) >= 20 and hidden.get_absolute_url() not in addresses
    for address in addresses:
        assert client.get(address).status_code == 200, address


def test_of_many_pages_no_moments_are_told(client, monkeypatch):
    make_public_project()
    addresses = moments(client)
    assert {*addresses.values()} > {None}
    monkeypatch.setattr(well_known, "MAX_WITH_MOMENTS", len(addresses) - 1)
    assert moments(client) == dict.fromkeys(addresses)


@pytest.mark.parametrize("hidden", HIDDEN_PROJECTS)
def test_a_hidden_project_has_no_address(hidden, client):
    project = hidden()
    assert project.get_absolute_url() not in moments(client)


def test_robots_name_the_sitemap(client):
    line = f"Sitemap: {settings.SITE_URL}/sitemap.xml"
    assert line in client.get("/robots.txt").content.decode().splitlines()
