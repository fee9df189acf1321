"""Lists and records in each format."""

import csv
import io
import json
from datetime import date
from html import unescape
from itertools import product

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils.html import strip_tags
from openpyxl import load_workbook

from partners.models import Merger
from projects.models import Call, Project
from projects.open_data import views
from projects.open_data.selection import DATASETS
from psf.exports import responses
from tests.projects.open_data.full_records import LONG_AGO, everything
from tests.support.factories import (
    make_call,
    make_country,
    make_partner,
    make_partnership,
    make_project,
    make_public_project,
)

pytestmark = pytest.mark.django_db
FORMATS = ["json", "csv", "xlsx"]


def rows_of_csv(response):
    text = b"".join(response).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def rows_of_xlsx(response):
    sheet = load_workbook(io.BytesIO(b"".join(response)), read_only=True).active
    return [["" if cell is None else cell for cell in row] for row in sheet.values]


def texts_of(client, address):
    """All text of the data at an address, by format."""
    table = rows_of_csv(client.get(f"{address}.csv?full=1"))
    sheet = rows_of_xlsx(client.get(f"{address}.xlsx?full=1"))
    return {
        "json": json.dumps(client.get(f"{address}.json").json(), ensure_ascii=False),
        "csv": "\n".join(cell for row in table for cell in row),
        "xlsx": "\n".join(str(cell) for row in sheet for cell in row),
    }


# What a reader sees on the page of a full record, by address.
SHOWN = {
    "/projects/psf-2019-77": [
        *["PSF-2019-77", "Project of Łódź", "=FULL", "-5 degrees, in short"],
        *["Description of the project", "https://example.org/project", "Call with everything"],
        *["up to 64 000.50 EUR", "September 2019 to 31 December 2020", "June 2020"],
        *["Extended to 31 December 2020", "Priority of the project"],
        *["Topic of the project", "Norway", "Finland", "Finland left before the start"],
        *["Headline as published", "Lead of everything", "Lead as published", "Estonia"],
        *["Network of universities", "Germany", "Sweden", "Report to read", "Film to watch"],
        *["Source of the title", "A note"],
    ],
    "/calls/full-call": [
        *["Call with everything", "Summary of the call", "Description of the call", "Decided"],
        *["Write to the office", "Team of the call", "https://example.org/guidelines"],
        *["https://example.org/form", "Priority of the call", "Topic of the call"],
        *["Body that decided", "Meeting of the decision", "by silent procedure", "CSO/2019/7"],
        *["Source of the call", "https://example.org/call", "at most 64 000.50 EUR"],
        *["15 February 2019", "31 March 2019"],
    ],
    "/partners/lead": [
        *["Lead of everything", "Latvia", "Riga", "University or research", "40003009497"],
        *["https://example.org/lead", "Network of universities", "Vadošais partneris"],
        *["A register", "PSF-2019-77", "Project of Łódź", "Lead as published"],
    ],
    "/countries/lv": ["Latvia", "member", "from 1 January 1992"],
}


@pytest.mark.parametrize("address", SHOWN)
def test_each_text_on_the_page_of_a_record_is_in_every_format(client, address):
    everything()
    page = unescape(strip_tags(client.get(f"{address}/").content.decode()))
    page += client.get(f"{address}/").content.decode()
    for name, text in texts_of(client, address).items():
        for shown in SHOWN[address]:
            assert shown.lower() in page.lower().replace("\N{NO-BREAK SPACE}", " "), shown
            in_data = text.lower().replace("\N{NO-BREAK SPACE}", " ")
            assert shown.lower() in in_data, (name, shown)


def test_an_undone_merger_leaves_no_former_address(client):
    partner = make_public_project().lead().partner
    for slug, undone_at in [("merged", None), ("parted", LONG_AGO)]:
        rows = {"name": slug}
        Merger.objects.create(winner=partner, slug=slug, undone_at=undone_at, **rows)
    assert client.get(f"/partners/{partner.slug}.json").json()["former_slugs"] == ["merged"]


def test_a_country_without_a_page_has_no_data(client):
    make_country("BR")
    for ending in ["/", ".json"]:
        assert client.get(f"/countries/br{ending}").status_code == 404
    assert client.get("/countries.json").json()["rows"] == []


def test_blank_is_explained_and_is_not_zero(client):
    everything()
    make_public_project(reference="PSF-1", slug="psf-1")
    make_project(slug="nobody", status="funded", published_at=LONG_AGO)
    make_call(slug="blank-call")
    call = client.get("/calls/full-call.json").json()
    assert (call["received_count"], call["eligible_count"], call["funded_count"]) == (41, 0, 0)
    assert [row for row in call["blanks"] if row["field"] == "eligible_count"] == []
    blank = client.get("/calls/blank-call.json").json()
    assert blank["received_count"] is None
    assert {"field": "received_count", "reason": "not published"} in blank["blanks"]
    nobody = client.get("/projects/nobody.json").json()
    assert (nobody["lead_country"], nobody["countries"], nobody["number_of_partners"]) == (
        None,
        [],
        0,
    )
    project = client.get("/projects/psf-1.json").json()
    assert (project["amount_eur"], project["amount_kind"]) == (None, "not_published")
    assert project["only_announced"] == project["only_listed"] == []
    [_heads, row] = rows_of_csv(client.get("/projects/psf-1.csv?columns=amount_eur,blanks"))
    assert row[0] == ""
    assert "amount_eur, not published" in row[1]


def test_short_tables_say_how_precisely_each_day_is_known(client):
    """The day alone would claim more than a known month or year proves."""
    make_public_project(
        make_partner(),
        call=make_call(closes_precision="year"),
        starts_on=date(2019, 9, 1),
        starts_precision="month",
        ends_on=date(2020, 12, 31),
        ends_precision="year",
    )
    for read, suffix in [(rows_of_csv, "csv"), (rows_of_xlsx, "xlsx")]:
        heads, row = read(client.get(f"/projects.{suffix}"))
        assert row[heads.index("Start") + 1 : heads.index("End")] == ["month"]
        assert row[heads.index("End") + 1] == "year"
        heads, row = read(client.get(f"/calls.{suffix}"))
        assert row[heads.index("Precision of the closing")] == "year"


def test_cells_are_typed_and_never_formulas(client):
    everything()
    heads, row = rows_of_xlsx(client.get("/projects/psf-2019-77.xlsx"))
    cells = dict(zip(heads, row, strict=True))
    assert cells["Amount (EUR)"] == 64000.5
    assert cells["Start"].date() == date(2019, 9, 1)
    assert cells["Acronym"] == "=FULL"
    heads, row = rows_of_csv(client.get("/projects/psf-2019-77.csv"))
    cells = dict(zip(heads, row, strict=True))
    assert (cells["Acronym"], cells["Summary"]) == ("'=FULL", "'-5 degrees, in short")
    assert cells["Amount (EUR)"] == "64000.50"
    assert cells["Last changed (UTC)"].startswith("20")


@pytest.mark.parametrize("name", DATASETS)
def test_list_has_the_rows_of_the_page_in_every_format(client, name):
    everything()
    make_public_project(title="Another")
    fields = DATASETS[name].table.short_fields()
    data = client.get(f"/{name}.json").json()
    assert data["next"] is None
    table, sheet = (
        rows_of_csv(client.get(f"/{name}.csv")),
        rows_of_xlsx(client.get(f"/{name}.xlsx")),
    )
    assert table[0] == sheet[0] == [field.heading for field in fields]
    assert len(data["rows"]) == len(table) - 1 == len(sheet) - 1 > 1
    place = table[0].index("Permalink")
    addresses = [row["address"] for row in data["rows"]]
    assert addresses == [row[place] for row in table[1:]] == [row[place] for row in sheet[1:]]
    if name != "partnerships":
        page = client.get(f"/{name}/").content.decode()
        assert data["count"] == len(addresses)
        paths = [f'href="{address.removeprefix("http://127.0.0.1:8000")}"' for address in addresses]
        assert all(path in page for path in paths)


@pytest.mark.parametrize(
    "query",
    ["country=lv", "sort=title", "status=completed", "q=Another", "amount=published&lead=lv"],
)
def test_list_takes_the_filters_of_its_page(client, query):
    everything()
    make_public_project(title="Another project", status="completed")
    context = client.get(f"/projects/?{query}").context_data
    data = client.get(f"/projects.json?{query}").json()
    assert [row["title"] for row in data["rows"]] == [row.title for row in context["object_list"]]
    assert data["count"] == context["paginator"].count


def test_countries_are_in_the_published_order_without_repetition(client):
    project = make_project(slug="order", status="funded", published_at=LONG_AGO)
    for position, (role, country) in enumerate(
        [("partner", "SE"), ("partner", "LV"), ("lead", "PL"), ("partner", "SE"), ("partner", "PL")]
    ):
        name = "" if role == "lead" else f"Partner {position}"
        partner = make_partner(name, country=country) if name else None
        make_partnership(project, partner, country=country, role=role, position=9 - position)
    record = client.get("/projects/order.json").json()
    assert record["country_codes"] == ["PL", "SE", "LV"]
    assert record["countries"] == ["Poland", "Sweden", "Latvia"]
    assert (record["lead_country"], record["lead_partner"]) == ("Poland", None)
    assert record["number_of_partners"] == 5


def test_files_and_pages_list_the_same_organisations(client):
    everything()
    other = make_public_project(make_partner("Other lead", country="PL"))
    make_partnership(other, make_partner("Helper of the other", country="LV"))

    def names(address):
        """The names in the file, which the page at the same address shows too."""
        found = [row["name"] for row in client.get(address).json()["rows"]]
        page = client.get(address.replace(".json", "/"))
        assert [partner.name for partner in page.context["object_list"]] == found
        return found

    everyone = [
        "Helper of the other",
        "Lead of everything",
        "Network of universities",
        "Other lead",
    ]
    assert names("/partners.json") == everyone
    assert names("/lead-partners.json") == ["Lead of everything", "Other lead"]
    parts = client.get("/partnerships.json?country=pl").json()
    assert [row["partner"] for row in parts["rows"]] == ["Other lead", "Helper of the other"]
    assert parts["count"] is None


def test_relatives_that_are_not_public_are_not_named(client):
    hidden = make_partner("Hidden", country="LV")
    unit = make_partner("Unit", slug="unit", parent=hidden, successor=hidden)
    make_public_project(unit)
    record = client.get("/partners/unit.json").json()
    assert (record["parent"], record["successor"], record["succeeded_on"]) == ([], [], None)


def pages_of(client, address):
    """The contents of all pages of a list in JSON, each read when it is asked for."""
    while address:
        response = client.get(address)
        data = response.json()
        yield data
        if address := data["next"]:
            assert response.headers["Link"] == f'<{address}>; rel="next"'
            address = address.removeprefix("http://127.0.0.1:8000")


def test_json_has_pages_and_opaque_links(client, monkeypatch):
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    titles = [f"Project {letter}" for letter in "ABCDE"]
    for title in titles:
        make_public_project(title=title, status="running")
    pages = [*pages_of(client, "/projects.json?sort=title&status=running&columns=title")]
    assert [page["count"] for page in pages] == [5, 5, 5]
    assert [row["title"] for page in pages for row in page["rows"]] == titles
    assert client.get("/projects.json?next=2").status_code == 400
    assert client.get("/projects.csv?next=2").status_code == 400
    token = pages[0]["next"].partition("next=")[2]
    assert client.get(f"/partners.json?next={token}").status_code == 400


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize("hidden", [[0], [2], [0, 1], [0, 1, 2]])
def test_rows_unpublished_between_two_pages_omit_no_other_row(client, monkeypatch, name, hidden):
    monkeypatch.setattr(views, "PAGE_SIZE", 3)
    projects = {}
    for number, code in enumerate(["DK", "EE", "FI", "LV", "LT", "PL", "SE", "NO"]):
        partner = make_partner(f"Lead {number}", country=code)
        project = make_public_project(partner, call=make_call())
        records = [project, partner, project.call, partner.country]
        projects |= {f"http://127.0.0.1:8000{one.get_absolute_url()}": project for one in records}
    columns = f"/{name}.json?columns=address"
    known = [row["address"] for page in pages_of(client, columns) for row in page["rows"]]
    pages = pages_of(client, columns)
    found = [row["address"] for row in next(pages)["rows"]]
    for place in hidden:
        project = projects[found[place]]
        Call.objects.filter(pk=project.call_id).update(published_at=None)
        Project.objects.filter(pk=project.pk).update(published_at=None)
    found += [row["address"] for page in pages for row in page["rows"]]
    assert found == known and len(known) == len(set(known)) == 8


@pytest.mark.parametrize("title", ["A0", "Z"])
def test_row_moved_between_two_pages_omits_no_other_row(client, monkeypatch, title):
    monkeypatch.setattr(views, "PAGE_SIZE", 3)
    for letter in "ABCDEFGH":
        make_public_project(title=letter)
    pages = pages_of(client, "/projects.json?sort=title&columns=title")
    found = {row["title"] for row in next(pages)["rows"]}
    Project.objects.filter(title="C").update(title=title)
    found |= {row["title"] for page in pages for row in page["rows"]}
    assert found >= {*"ABCDEFGH"}


WRONG = {
    "cuntry=lv": "There is no parameter “cuntry”.",
    "country=xx": "The filter “country” is wrong: ",
    "call=nosuch": "The filter “call” is wrong: ",
    "full=yes": "The parameter “full” is 0 or 1.",
    "columns=title,amount": "There is no column “amount”.",
    "next=abc": "The parameter “next” is not from this list.",
    "page=2": "There is no parameter “page”.",
}


@pytest.mark.parametrize(("query", "suffix"), [*product(WRONG, FORMATS)])
def test_wrong_parameter_gets_a_sentence_in_the_asked_format(client, query, suffix):
    response = client.get(f"/projects.{suffix}?{query}")
    assert response.status_code == 400
    if suffix == "json":
        assert list(response.json()) == ["status", "error"]
        sentence = response.json()["error"]
    else:
        read = rows_of_csv if suffix == "csv" else rows_of_xlsx
        assert read(response)[0] == ["status", "error"]
        response = client.get(f"/projects.{suffix}?{query}")
        sentence = read(response)[1][1]
    assert sentence.startswith(WRONG[query])


@pytest.mark.parametrize("suffix", [*FORMATS, "atom"])
def test_code_of_a_country_may_have_capitals(client, suffix):
    make_public_project(make_partner(country="LV"))
    make_public_project(make_partner(country="FI"), title="Elsewhere")
    response = client.get(f"/projects.{suffix}?country=LV&sort=title")
    assert response.status_code == 200 and b"Elsewhere" not in b"".join(response)
    assert client.get(f"/projects.{suffix}?country=XX").status_code == 400


def test_unknown_format_and_method_are_refused():
    client = Client(enforce_csrf_checks=True)
    response = client.get("/projects.xml")
    assert (response.status_code, response.headers["Content-Type"]) == (400, "application/json")
    assert "csv, xlsx" in response.json()["error"]
    posted = client.post("/projects.json", b"", content_type="text/plain")
    assert (posted.status_code, posted.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert posted.json()["status"] == 405


def test_programs_on_other_sites_may_read(client):
    for response in [client.get("/projects.json"), client.get("/projects.csv?cuntry=lv")]:
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    preflight = client.options("/projects.json")
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Headers"] == "If-None-Match"


def test_record_that_moved_was_withdrawn_or_never_was(client):
    everything()
    moved = client.get("/partners/former-lead.json")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/partners/lead.json")
    make_project(
        slug="gone", unpublished_at="2020-01-01T00:00Z", unpublished_reason="A person was named"
    )
    gone = client.get("/projects/gone.json")
    assert (gone.status_code, gone.json()["status"]) == (410, 410)
    assert "A person was named" in gone.json()["error"]
    for address in ["/projects/nosuch.json", "/partners/nosuch.json", "/countries/fr.json"]:
        assert client.get(address).status_code == 404
        assert list(client.get(address).json()) == ["status", "error"]


def test_too_many_downloads_must_wait(client, settings, monkeypatch):
    monkeypatch.setattr(responses, "time", lambda: 120.0)  # no minute ends meanwhile
    settings.DOWNLOADS_PER_MINUTE = 2
    caches["downloads"].clear()
    answers = [client.get("/projects.csv", REMOTE_ADDR="192.0.2.1") for _number in range(3)]
    assert [response.status_code for response in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "60"
    assert rows_of_csv(answers[2])[1][0] == "429"
    assert client.get("/projects.csv", REMOTE_ADDR="192.0.2.2").status_code == 200


def test_a_worker_writes_few_workbooks_at_once(client):
    for _writer in range(responses.WORKBOOKS_AT_ONCE):
        responses._workbooks.acquire()
    try:
        busy = [client.get(f"/{name}") for name in ["projects.xlsx", "figures/calls.xlsx"]]
        assert client.get("/projects.csv").status_code == 200
    finally:
        for _writer in range(responses.WORKBOOKS_AT_ONCE):
            responses._workbooks.release()
    assert [response.status_code for response in busy] == [503, 503]
    assert busy[0].headers["Retry-After"] == "30"
    written = client.get("/projects.xlsx")
    assert written.status_code == 200
    written.close()


@pytest.mark.django_db(transaction=True)
def test_unchanged_data_are_not_sent_again(client):
    make_public_project()
    tag = client.get("/projects.csv").headers["ETag"]
    assert client.get("/projects.csv", HTTP_IF_NONE_MATCH=tag).status_code == 304
    assert b"".join(client.get("/projects.xlsx", HTTP_IF_NONE_MATCH=tag))
    make_public_project()
    assert client.get("/projects.csv", HTTP_IF_NONE_MATCH=tag).status_code == 200
