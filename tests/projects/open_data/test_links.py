"""The data of a page, named in its header and linked on it."""

import re

import pytest

from projects.publication.publish import unpublish_project
from tests.support.factories import make_public_project

pytestmark = pytest.mark.django_db


def alternates(response):
    return re.findall(r'<([^>]+)>; rel="alternate"; type="([^"]+)"', response.headers["Link"])


def test_list_names_its_data_with_its_filters(client):
    make_public_project(title="Harbour")
    page = client.get("/projects/?country=lv&q=Harbour&unknown=1&page=1&sort=")
    addresses = [address for address, _kind in alternates(page)]
    query = "q=Harbour&country=lv"
    assert addresses == [f"/projects.{suffix}?{query}" for suffix in ["json", "csv", "xlsx"]]
    text = page.content.decode().replace("&amp;", "&")
    for address in addresses:
        assert f'<a href="{address}">' in text
        assert f'href="{address}" title=' in text
        assert b"".join(client.get(address))
    behind = f"/partnerships.csv?{query}"
    assert f'<a href="{behind}">' in text
    assert len(b"".join(client.get(behind)).decode().splitlines()) == 2
    assert ">1 row<" in text


def test_records_name_their_data_and_other_pages_have_none(client):
    project = make_public_project()
    records = [project, project.call, project.lead().partner, project.lead().country]
    for address in [record.get_absolute_url() for record in records]:
        page = client.get(address)
        assert alternates(page)[0][0] == f"{address[:-1]}.json"
        assert b"The partners of these projects" not in page.content
    for address in ["/", "/about/", "/figures/", f"{project.call.get_absolute_url()}announcement/"]:
        assert "Link" not in client.get(address).headers
    assert "Link" not in client.get("/lead-partners/nosuch/").headers


def test_pages_link_the_feed_of_their_changes_with_their_filters(client):
    project = make_public_project(title="Harbour")
    records = [project, project.call, project.lead().partner, project.lead().country]
    lists = ["/projects/?q=Harbour&country=lv&sort=title", "/partners/", "/calls/"]
    for address in [*lists, *(record.get_absolute_url() for record in records)]:
        path, mark, query = address.partition("?")
        feed = f"{path[:-1]}.atom{mark}{query}"
        text = client.get(address).text.replace("&amp;", "&")
        assert f'<link rel="alternate" type="application/atom+xml" href="{feed}" title=' in text
        assert f'<a href="{feed}">Changes as a feed (Atom)</a>' in text
        assert client.get(feed).status_code == 200
    for address in ["/lead-partners/", "/countries/", "/figures/", "/projects/?country=xx"]:
        assert "Changes as a feed" not in client.get(address).text


def test_list_with_an_invalid_filter_links_no_data(client):
    page = client.get("/projects/?country=xx")
    assert page.status_code == 400
    assert "Link" not in page.headers
    assert "Download this page" not in page.text
    assert "/projects.json" not in page.text


def test_withdrawn_page_links_to_no_data(client):
    project = make_public_project()
    unpublish_project(project, "An error.")
    page = client.get(project.get_absolute_url())
    assert page.status_code == 410
    assert "An error." in page.text
    assert f"{project.get_absolute_url()[:-1]}.json" not in page.text
