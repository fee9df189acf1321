"""Addresses of data: errors that no view answers, and headers for programs on other sites."""

import csv
import errno
import io
import re

import pytest
from openpyxl import load_workbook

from tests.support.factories import make_call, make_public_project

pytestmark = pytest.mark.django_db

LONG = "a" * 3000
WRONG = {
    "/projects.{}?q=%00": (400, "The address has characters"),
    "/pro%01jects.{}": (400, "The address has characters"),
    "/projects/{}.{}".replace("{}", "%FF", 1): (400, "The address has characters"),
    "/projects.{}?q=" + LONG: (414, "The address is too long."),
    "/data/nothing.{}": (404, "There is no public data at this address."),
    "/projects/nothing.{}": (404, "There is no public data at this address."),
}


def row_of(response, suffix):
    if suffix == "csv":
        [heads, row] = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    elif suffix == "xlsx":
        [heads, row] = load_workbook(io.BytesIO(response.content)).active.values
    else:
        heads, row = response.json().keys(), response.json().values()
    return [*heads], [*row]


@pytest.mark.parametrize("address", WRONG)
def test_error_has_the_format_of_the_address(client, address):
    status, sentence = WRONG[address]
    for suffix in ["json", "csv", "xlsx"]:
        response = client.get(address.format(suffix))
        heads, row = row_of(response, suffix)
        assert response.status_code == status
        assert (heads, str(row[0])) == (["status", "error"], str(status))
        assert row[1].startswith(sentence)
        assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_unknown_method_keeps_its_header_and_pages_stay_pages(client):
    refused = client.generic("PURGE", "/data/catalog.jsonld")
    assert (refused.status_code, refused.json()["error"]) == (405, "This address can only be read.")
    assert re.match("GET", refused.headers["Allow"])
    for address in ["/nothing/", "/admin/nothing.json"]:
        assert client.get(address, follow=True).headers["Content-Type"].startswith("text/html")


def test_an_error_is_logged_once(client, monkeypatch, caplog):
    def fail(*, waits):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("projects.open_data.views.current_archive", fail)
    client.raise_request_exception = False
    assert client.get("/data/psf.zip").status_code == 503
    assert caplog.messages == ["Service Unavailable: /data/psf.zip"]
    assert client.get("/data/nothing.json").status_code == 404
    assert caplog.messages[1:] == ["Not Found: /data/nothing.json"]


def test_programs_on_other_sites_may_read_feeds_calendars_and_redirects(client, settings):
    make_public_project(slug="psf-1", call=make_call(slug="call"))
    feeds = ["/feed.atom", "/changes.atom", "/projects/psf-1.atom", "/calls.ics", "/calls/call.ics"]
    for address in [
        *feeds,
        "/projects.json?sort=TITLE",
        "/data/catalog.jsonld",
        "/projects.atom?a=b",
    ]:
        response = client.get(address)
        assert response.headers["Access-Control-Allow-Origin"] == "*", address
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin", address
    settings.SECURE_SSL_REDIRECT = True
    client.handler.load_middleware()
    moved = client.get("/projects.csv")
    assert (moved.status_code, moved.headers["Access-Control-Allow-Origin"]) == (301, "*")
    missing = client.get("/projects/nosuch.atom", secure=True)
    assert missing.headers["Content-Type"].startswith("text/html")
    for address in ["/projects/", "/admin/calendar/secret.ics"]:
        assert "Access-Control-Allow-Origin" not in client.get(address, secure=True).headers
