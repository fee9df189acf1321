"""The feed: its entries, their times, and nothing before publication."""

from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest

from projects.publication.publish import unpublish_call, unpublish_project, unpublish_results
from psf.history import recording
from psf.history.models import Channel
from tests.support.cases import soon
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_decision,
    make_merger,
    make_partner,
    make_public_project,
)

pytestmark = pytest.mark.django_db

FEED = "/feed.atom"
ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client, feed=FEED):
    """The title, address and text of each entry."""
    response = client.get(feed)
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


def dated(client):
    """The title and the moment of each entry."""
    root = ElementTree.fromstring(client.get(FEED).content)
    rows = root.iter(f"{ATOM}entry")
    return [(row.findtext(f"{ATOM}title"), row.findtext(f"{ATOM}updated")) for row in rows]


def test_call_that_was_over_when_it_was_entered_is_dated_by_its_events(client):
    project = make_public_project(reference="A-1", title="Title")
    call, decision = project.call, make_decision(project.call)
    call.opens_at = call.closes_at - timedelta(days=30)
    call.save()
    opened = (f"{call} opened for applications", call.opens_at.isoformat())
    # Nobody knows the day of the results, so the project has the day of the closing.
    assert dated(client) == [("A-1 Title: published", call.closes_at.isoformat()), opened]
    decision.announced_on = date(2019, 7, 1)
    decision.save()
    assert dated(client) == [
        ("A-1 Title: published", "2019-07-01T00:00:00+00:00"),
        (f"{call}: the results", "2019-07-01T00:00:00+02:00"),
        opened,
    ]
    decision.published_at = None
    decision.save()
    assert dated(client) == [("A-1 Title: published", call.closes_at.isoformat()), opened]
    assert "2019-07-01" not in client.get(FEED).text


def test_results_without_a_public_project_are_no_entry(client):
    make_decision(make_call(opens_at=None, closes_at=None))
    assert entries(client) == []


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
    assert [moment for _title, moment in dated(client)] == ["2019-02-15T00:00:00+00:00"]
    assert titles(client, "/calls.atom") == [
        "PSF 2019 opened for applications",
        "PSF 2019: published",
    ]


@pytest.mark.parametrize(
    "fields",
    [{"published_at": None}, {"published_at": soon()}, {"opens_at": None}, {"opens_at": soon()}],
)
def test_hidden_or_coming_call_is_no_entry(client, fields):
    make_decision(make_call(closes_at=None, **fields), published_at=None)
    assert entries(client) == []


def test_entry_of_a_project_has_its_summary_or_names_its_call(client):
    call = make_call(title="PSF 2031")
    for summary in ["Clean bays.", ""]:
        make_public_project(call=call, summary=summary)
    texts = [text for _title, _address, text in entries(client, "/projects.atom")]
    assert sorted(texts) == ["A funded project of PSF 2031.", "Clean bays."]


def test_results_are_an_entry_with_the_number_of_public_projects(client):
    call = make_call(title="PSF 2019", slug="psf-2019", opens_at=None, closes_at=None)
    make_decision(call)
    for _ in range(2):
        project = make_public_project(call=call)
    address = "http://127.0.0.1:8000/calls/psf-2019/announcement/"
    title, text = "PSF 2019: the results", "Funded projects on this site: %s."
    assert (title, address, text % 2) in entries(client)
    unpublish_project(project, "An error.")
    assert (title, address, text % 1) in entries(client)


def test_newest_event_comes_first(client):
    later = LONG_AGO + timedelta(days=1)
    old = make_call(title="Old", closes_at=None)
    make_public_project(call=old, reference="A-1", title="Title")
    make_decision(old, published_at=later)
    make_call(title="New", opens_at=later + timedelta(days=1), closes_at=None)
    titles = [title for title, _address, _words in entries(client)]
    assert titles == [
        "New opened for applications",
        "Old: the results",
        "A-1 Title: published",
        "Old opened for applications",
    ]


def test_entry_has_no_invalid_characters_and_a_text_although_its_type_is_html(client):
    make_call(title="A\x01B\uffff & <C>", summary="\x0bWater & <b>sea</b>.", closes_at=None)
    ((title, _address, summary),) = entries(client)
    assert title == "AB & <C> opened for applications"
    assert summary == "Water &amp; &lt;b&gt;sea&lt;/b&gt;. Deadline: not known."


def test_feed_is_atom_and_linked_from_every_page(client):
    make_call(closes_at=None)
    response = client.get(FEED)
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert client.post(FEED).status_code == 405
    etag = response.headers["ETag"]
    assert client.get(FEED, headers={"If-None-Match": etag}).status_code == 304
    page = client.get("/about/").content.decode()
    assert '<link rel="alternate" type="application/atom+xml" href="/feed.atom"' in page


# Feeds of lists and records


def change(record, **values):
    with recording.change_set(None, channel=Channel.FORM):
        type(record)._base_manager.filter(pk=record.pk).update(**values)


def check_atom(content, address):
    """The rules of RFC 4287 for feeds and entries. Returns the titles of the entries."""
    root = ElementTree.fromstring(content)
    assert root.tag == f"{ATOM}feed"
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"] == f"http://127.0.0.1:8000{address}"
    rows = root.findall(f"{ATOM}entry")
    identifiers = [element.findtext(f"{ATOM}id") for element in [root, *rows]]
    assert all(identifiers) and len({*identifiers}) == len(identifiers)
    for element in [root, *rows]:
        assert len(element.findall(f"{ATOM}title")) == 1
        (updated,) = element.findall(f"{ATOM}updated")
        assert datetime.fromisoformat(updated.text).tzinfo
    assert root.find(f"{ATOM}author/{ATOM}name").text
    for row in rows:
        assert row.find(f"{ATOM}link[@rel='alternate']").get("href").startswith("http://")
        assert row.findtext(f"{ATOM}summary") is not None
    newest = [datetime.fromisoformat(row.findtext(f"{ATOM}updated")) for row in rows]
    assert newest == sorted(newest, reverse=True)
    return [row.findtext(f"{ATOM}title") for row in rows]


def titles(client, address, own_address=""):
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return check_atom(response.content, own_address or address)


def test_feed_of_a_list_takes_the_filters_of_the_list(client):
    latvian = make_public_project(make_partner(), title="Latvian", reference="A-1")
    make_public_project(make_partner(country="FI"), title="Finnish", reference="A-2")
    change(latvian, summary="A summary.", internal_note="CANARY")
    assert titles(client, "/projects.atom?country=lv") == [
        "A-1 Latvian: changed",
        "A-1 Latvian: published",
    ]
    assert len(titles(client, "/projects.atom")) == 3
    assert titles(client, "/projects.atom?country=fi") == ["A-2 Finnish: published"]
    assert b"CANARY" not in client.get("/changes.atom").content
    for query in ["country=xx", "nosuch=1", "page=2", "status=rejected"]:
        assert client.get(f"/projects.atom?{query}").status_code == 400
        assert client.get(f"/calls.atom?{query}").status_code == 400
        assert client.get(f"/partners.atom?{query}").status_code == 400
    refusal = client.get("/projects.atom?nosuch=1")
    assert refusal.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert refusal.text.startswith("There is no filter “nosuch”. Filters: q, ")
    assert client.get("/calls.atom?year=2019").text == "This list has no filters."
    assert client.get("/projects.atom?country=xx").text.startswith(
        "The filter “country” is wrong: "
    )
    page = client.get("/projects/?country=lv").content.decode()
    assert 'href="/projects.atom?country=lv"' in page


def test_feeds_of_records_have_the_events_of_their_projects(client):
    project = make_public_project(title="Title", reference="A-1")
    make_public_project(make_partner(country="FI"))
    call, partner = project.call, project.lead().partner
    change(partner, city="Riga")
    change(call, summary="A summary.")
    published = "A-1 Title: published"
    addresses = [row.get_absolute_url()[:-1] for row in [project, call, partner]]
    of_project, of_call, of_partner = (titles(client, f"{row}.atom") for row in addresses)
    assert of_project == titles(client, "/countries/lv.atom") == [published]
    assert of_call == [f"{call}: changed", published]
    assert of_partner == [f"{partner}: changed", published]
    assert titles(client, "/partners.atom?country=lv") == [f"{partner}: changed"]
    assert titles(client, "/partners.atom?country=fi") == []
    assert titles(client, "/calls.atom") == [f"{call}: changed"]


def test_new_projects_and_withdrawals_but_no_changes_are_in_the_feed_of_the_site(client):
    project = make_public_project(title="Title", reference="A-1")
    change(project, title="New title")
    entry = entries(client)[0]
    assert entry[0] == "A-1 New title: published"
    assert f"{entry[1]}#published-" in client.get(FEED).text
    (corrected, _published) = entries(client, "/projects.atom")
    assert corrected[2] == "Title changed from “Title” to “New title”."
    assert f"{entry[1]}#corrected-" in client.get("/projects.atom").text
    unpublish_project(project, "An error.")
    assert entries(client)[0] == ("Project A-1 was withdrawn", entry[1], "Reason: An error.")


def test_withdrawn_calls_and_results_are_named_only_while_the_call_is_public(client):
    call = make_call(title="CANARY", slug="gone")
    make_decision(call)
    unpublish_results(call, "Wrong.")
    assert entries(client)[0][::2] == ("The results of CANARY were withdrawn", "Reason: Wrong.")
    unpublish_call(call, "Too early.")
    rows = [(title, text) for title, _address, text in entries(client)]
    assert rows == [
        ("A call was withdrawn", "Reason: Too early."),
        ("The results of a call were withdrawn", "Reason: Wrong."),
    ]


def test_feed_of_a_withdrawn_record_is_gone_and_of_a_merged_one_moves(client):
    project, call = make_public_project(), make_call()
    merger = make_merger(make_public_project().lead().partner, slug="merged")
    unpublish_call(call, "A mistake.")
    unpublish_project(project, "A mistake.")
    for address in [f"/projects/{project.slug}.atom", f"/calls/{call.slug}.atom"]:
        response = client.get(address)
        assert response.status_code == 410
        assert "A mistake." in response.content.decode()
    response = client.get("/partners/merged.atom")
    assert (response.status_code, response.url) == (301, f"/partners/{merger.winner.slug}.atom")
    assert client.get("/partners/nobody.atom").status_code == 404
