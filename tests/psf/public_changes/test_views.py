"""The log of all public events, and the pages of earlier versions."""

import re
from datetime import date

import pytest

from psf.history import recording
from psf.history.models import Channel
from psf.public_changes import change_log, views
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_decision,
    make_merger,
    make_partner,
    make_project,
    make_public_project,
)
from tests.support.hidden_records import page_of, words

pytestmark = pytest.mark.django_db
CHANGES = "/changes/"


def edit(record, **values):
    with recording.change_set(None, channel=Channel.FORM):
        type(record)._base_manager.filter(pk=record.pk).update(**values)


def titles(client):
    response = client.get(CHANGES)
    assert response.status_code == 200
    return [entry.title for entry in response.context["page_obj"]]


def heading(client):
    page = client.get(CHANGES).content.decode()
    return re.search(r'<h2[^>]* id="found">([^<]+)</h2>', page)[1].replace("\xa0", " ")


def changed_project():
    project = make_public_project(title="Old title", reference="PSF-1", slug="psf-1")
    edit(project, title="New title", internal_note="CANARY")
    edit(project, ends_on=date(2026, 8, 31))
    return project


def test_page_of_a_project_shows_its_changes_and_links_earlier_versions(client):
    project = changed_project()
    page = page_of(client, project)
    assert "Title changed from “Old title” to “New title”." in page
    assert "Correction." in page
    assert "Period added: “until 31 August 2026”." in page
    for number in [1, 2]:  # of one day, so the text tells them apart
        assert f'href="/projects/psf-1/versions/{number}/">Version {number}, before ' in page
    assert 'href="/projects/psf-1.atom"' in page
    assert "Changes since publication" not in page_of(client, project.call)


def test_empty_list_of_changes_says_why(client):
    assert "Nothing is public yet." in words(client.get(CHANGES))
    for query in ["?page=2", "?page=x", "?page=0"]:
        assert client.get(f"{CHANGES}{query}").status_code == 404


@pytest.mark.parametrize("kind", ["call", "partner"])
def test_page_of_any_record_shows_its_changes(client, kind):
    project = make_public_project()
    record = project.call if kind == "call" else project.lead().partner
    field = "summary" if kind == "call" else "city"
    edit(record, **{field: "Riga"})
    assert "added: “Riga”." in page_of(client, record)
    edit(record, **{field: "Turku"})
    response = client.get(f"{record.get_absolute_url()}versions/2/")
    assert "Riga" in words(response) and response.headers["X-Robots-Tag"] == "noindex"
    assert "Readers saw this version on " in words(response)


def test_earlier_version_has_a_banner_and_is_not_indexed(client):
    project = changed_project()
    response = client.get("/projects/psf-1/versions/1/")
    page = words(response)
    assert response.status_code == 200
    assert "This version is out of date" in page
    assert "Old title" in page and "31 August 2026" not in page and "CANARY" not in page
    assert '<meta name="robots" content="noindex">' in page
    assert '<link rel="canonical" href="http://127.0.0.1:8000/projects/psf-1/">' in page
    assert client.get("/projects/psf-1/versions/3/").headers["Location"] == "/projects/psf-1/"
    for number in [0, 4]:
        assert client.get(f"/projects/psf-1/versions/{number}/").status_code == 404
    edit(project, published_at=None)
    assert client.get("/projects/psf-1/versions/1/").status_code == 404


def test_versions_of_a_merged_organisation_lead_to_the_winner(client):
    winner = make_public_project().lead().partner
    make_merger(winner, slug="merged")
    answer = client.get("/partners/merged/versions/1/")
    assert (answer.status_code, answer.url) == (301, winner.get_absolute_url())


def test_versions_of_a_withdrawn_call_are_gone(client):
    call = make_call(slug="gone")
    edit(call, published_at=None, unpublished_at=LONG_AGO, unpublished_reason="Cancelled.")
    answer = client.get("/calls/gone/versions/1/")
    assert answer.status_code == 410
    assert "Cancelled." in words(answer)


def test_log_has_all_events_newest_first(client):
    project = changed_project()
    make_decision(project.call)
    assert titles(client)[:2] == ["PSF-1 New title: changed", "PSF-1 New title: corrected"]
    assert "PSF-1 New title: published" in titles(client)
    assert "CANARY" not in words(client.get(CHANGES))


def test_log_has_pages(client, monkeypatch):
    monkeypatch.setattr(views, "ENTRIES_A_PAGE", 2)
    changed_project()
    response = client.get(CHANGES)
    assert response.context["page_obj"].paginator.num_pages == 2
    assert 'href="?page=2"' in words(response)


def test_hidden_record_is_in_no_log(client):
    project = make_project(title="CANARY", status="funded")
    edit(project, title="CANARY 2")
    edit(make_call(published_at=None), title="CANARY")
    assert titles(client) == []


def test_succession_by_a_hidden_organisation_is_in_no_log(client):
    partner = make_public_project().lead().partner
    edit(partner, successor=make_partner(), succeeded_on=date(2026, 1, 1))
    addresses = [CHANGES, partner.get_absolute_url(), f"{partner.get_absolute_url()[:-1]}.atom"]
    for address in addresses:
        assert "uccession" not in client.get(address).content.decode(), address


def test_list_that_leaves_older_changes_out_says_so(client, monkeypatch):
    project = changed_project()
    edit(project.call, summary="A summary.")
    assert heading(client) == "4 changes"
    for module in [change_log, views]:
        monkeypatch.setattr(module, "MAX_EVENTS", 3)
    assert heading(client) == "The newest 3 changes"


def test_changes_of_one_kind_are_listed_after_many_changes_of_another(client, monkeypatch):
    project = make_public_project()
    edit(project.call, title="A call", summary="A summary.")
    for module in [change_log, views]:
        monkeypatch.setattr(module, "MAX_EVENTS", 3)
    for number in range(3):
        edit(project, title=f"Title {number}")
    assert not any("A call" in title for title in titles(client))
    entries = re.findall("<title>([^<]+)", client.get("/calls.atom").text)
    assert entries[1:] == ["A call: corrected"]
