"""The feed: its entries, their times, and nothing before publication."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from projects.publication import services
from tests.support.cases import soon
from tests.support.factories import LONG_AGO, make_call, make_decision, make_public_project
from tests.support.hidden import number_of_queries

pytestmark = pytest.mark.django_db

FEED = "/feed.atom"
ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client):
    """The title, address and text of each entry."""
    response = client.get(FEED)
    assert response.status_code == 200
    root = ElementTree.fromstring(response.content)
    return [
        (
            entry.findtext(f"{ATOM}title"),
            entry.find(f"{ATOM}link").attrib["href"],
            entry.findtext(f"{ATOM}summary"),
        )
        for entry in root.iter(f"{ATOM}entry")
    ]


def test_opened_call_is_an_entry(client):
    make_call(
        title="PSF 2019",
        slug="psf-2019",
        summary="Small grants.",
        opens_at=datetime(2019, 2, 15, tzinfo=UTC),
        closes_at=datetime(2019, 3, 31, 21, 59, tzinfo=UTC),
    )
    assert entries(client) == [
        (
            "PSF 2019 is open for applications",
            "http://127.0.0.1:8000/calls/psf-2019/",
            "Small grants. Closes: 31 March 2019, 23:59 CEST.",
        )
    ]


@pytest.mark.parametrize(
    "fields", [{"published_at": None}, {"published_at": soon()}, {"opens_at": None}]
)
def test_hidden_or_coming_call_is_no_entry(client, fields):
    make_decision(make_call(closes_at=None, **fields), published_at=None)
    assert entries(client) == []


def test_entry_says_that_the_closing_is_not_known(client):
    make_call(closes_at=None)
    assert entries(client)[0][2] == "Closes: not known."


def test_results_are_an_entry_with_the_number_of_public_projects(client):
    call = make_call(title="PSF 2019", slug="psf-2019", opens_at=None)
    make_decision(call)
    for _ in range(2):
        project = make_public_project(call=call)
    address = "http://127.0.0.1:8000/calls/psf-2019/announcement/"
    assert entries(client) == [
        ("PSF 2019: the results", address, "Funded projects on this site: 2.")
    ]
    services.unpublish_project(project, "An error.")
    assert entries(client) == [
        ("PSF 2019: the results", address, "Funded projects on this site: 1.")
    ]


def test_newest_entry_comes_first(client):
    later = LONG_AGO + timedelta(days=1)
    old = make_call(title="Old")
    make_decision(old, published_at=later)
    make_call(title="New", published_at=later + timedelta(days=1))
    titles = [title for title, _address, _words in entries(client)]
    assert [title.split(" ")[0].strip(":") for title in titles] == ["New", "Old", "Old"]
    assert "results" in titles[1]


def test_characters_invalid_in_xml_are_removed(client):
    make_call(title="A\x01B\uffff & <C>", summary="\x0b")
    assert entries(client)[0][0] == "AB & <C> is open for applications"


def test_number_of_queries_does_not_grow_with_entries(client):
    costs = []
    for _ in range(2):
        make_decision(make_public_project().call)
        costs.append(number_of_queries(client, FEED))
    assert costs[0] == costs[1]


def test_feed_is_atom_and_linked_from_every_page(client):
    make_call()
    response = client.get(FEED)
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert client.post(FEED).status_code == 405
    etag = response.headers["ETag"]
    assert client.get(FEED, headers={"If-None-Match": etag}).status_code == 304
    page = client.get("/about/").content.decode()
    assert '<link rel="alternate" type="application/atom+xml" href="/feed.atom"' in page
