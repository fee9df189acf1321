"""The feed: its entries, their times, and nothing before publication."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from xml.etree import ElementTree

import pytest
from django.core.management import call_command

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


def moments(client):
    """The moment of each entry."""
    root = ElementTree.fromstring(client.get(FEED).content)
    return [entry.findtext(f"{ATOM}updated") for entry in root.iter(f"{ATOM}entry")]


def test_call_that_was_over_when_it_was_entered_is_no_entry(client):
    call = make_public_project().call
    decision = make_decision(call)
    assert entries(client) == []
    decision.published_at += timedelta(days=1)
    decision.save()
    assert [title for title, _address, _words in entries(client)] == [f"{call}: the results"]


def test_results_of_an_earlier_call_are_dated_by_their_announcement(client):
    call = make_public_project().call
    decision = make_decision(call, announced_on=date(2019, 7, 1))
    assert [title for title, _address, _words in entries(client)] == [f"{call}: the results"]
    assert moments(client) == ["2019-07-01T00:00:00+02:00"]
    decision.announced_on = LONG_AGO.date()
    decision.save()
    assert moments(client) == [LONG_AGO.isoformat()]


def test_results_without_a_public_project_are_no_entry(client):
    make_decision(make_call(opens_at=None, closes_at=None))
    assert entries(client) == []


@pytest.mark.parametrize("command", ["load_sample", "load_history"])
def test_loaded_calls_of_earlier_years_announce_only_dated_results(client, command):
    call_command(command, stdout=StringIO())
    titles = [title for title, _address, _words in entries(client)]
    assert titles == (["PSF 2019: the results"] if command == "load_sample" else [])


def test_opened_call_is_an_entry(client):
    make_call(
        title="PSF 2019",
        slug="psf-2019",
        summary="Small grants.",
        opens_at=datetime(2019, 2, 15, tzinfo=UTC),
        closes_at=datetime(2019, 3, 31, 21, 59, tzinfo=UTC),
        published_at=datetime(2019, 2, 1, tzinfo=UTC),
    )
    assert entries(client) == [
        (
            "PSF 2019 opened for applications",
            "http://127.0.0.1:8000/calls/psf-2019/",
            "Small grants. Deadline: 31 March 2019, 23:59 CEST.",
        )
    ]
    assert moments(client) == ["2019-02-15T00:00:00+00:00"]


@pytest.mark.parametrize(
    "fields", [{"published_at": None}, {"published_at": soon()}, {"opens_at": None}]
)
def test_hidden_or_coming_call_is_no_entry(client, fields):
    make_decision(make_call(closes_at=None, **fields), published_at=None)
    assert entries(client) == []


def test_entry_says_that_the_closing_is_not_known(client):
    make_call(closes_at=None)
    assert entries(client)[0][2] == "Deadline: not known."


def test_results_are_an_entry_with_the_number_of_public_projects(client):
    call = make_call(title="PSF 2019", slug="psf-2019", opens_at=None, closes_at=None)
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


def test_newest_event_comes_first(client):
    later = LONG_AGO + timedelta(days=1)
    old = make_call(title="Old", closes_at=None)
    make_public_project(call=old)
    make_decision(old, published_at=later)
    make_call(title="New", opens_at=later + timedelta(days=1), closes_at=None)
    titles = [title for title, _address, _words in entries(client)]
    assert titles == [
        "New opened for applications",
        "Old: the results",
        "Old opened for applications",
    ]


def test_characters_invalid_in_xml_are_removed(client):
    make_call(title="A\x01B\uffff & <C>", summary="\x0b", closes_at=None)
    assert entries(client)[0][0] == "AB & <C> opened for applications"


def test_number_of_queries_does_not_grow_with_entries(client):
    costs = []
    for _ in range(2):
        make_decision(make_public_project().call, announced_on=date(2019, 7, 1))
        costs.append(number_of_queries(client, FEED))
    assert costs[0] == costs[1]


def test_feed_is_atom_and_linked_from_every_page(client):
    make_call(closes_at=None)
    response = client.get(FEED)
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert client.post(FEED).status_code == 405
    etag = response.headers["ETag"]
    assert client.get(FEED, headers={"If-None-Match": etag}).status_code == 304
    page = client.get("/about/").content.decode()
    assert '<link rel="alternate" type="application/atom+xml" href="/feed.atom"' in page
