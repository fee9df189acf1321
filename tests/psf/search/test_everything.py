"""The search in everything: the list of searches on the real records, and its page."""

import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from django.db import connection

from partners.models import Partner
from projects.models import Project
from projects.sample_data.loader import HISTORY, SAMPLE, load_calls
from psf.search.query import parse_query
from psf.site.search import Search
from tests.support.factories import (
    make_call,
    make_partner,
    make_partner_name,
    make_public_project,
    make_topic,
)
from tests.support.hidden_records import hide_canaries, words

pytestmark = pytest.mark.django_db
SEARCHES = tomllib.loads(Path(__file__).with_name("everything.toml").read_text("utf-8"))


def page(client, text):
    response = client.get("/search/", {"q": text})
    assert response.status_code == 200
    return words(response)


def found(client, text):
    groups = client.get("/search/", {"q": text}).context["groups"]
    return {
        group.kind: (group.number, [str(row.title) for row in group.results]) for group in groups
    }


def plain_full_text_search(table):
    """The same records in a table of SQLite's FTS: their titles, and all other texts."""
    table.execute("CREATE VIRTUAL TABLE records USING fts5(url UNINDEXED, title, texts)")
    rows = [(row.url, row.names[0], " ".join([*row.names, row.text])) for row in Search().entries]
    for project in Project.objects.public().prefetch_related("partnerships__partner"):
        partners = (f"{row.partner or ''} {row.country}" for row in project.partnerships.all())
        texts = [project.acronym, project.reference, project.summary, project.description]
        rows.append((project.get_absolute_url(), project.title, " ".join([*texts, *partners])))
    for partner in Partner.objects.public():
        texts = [partner.city, str(partner.country), *partner.names.values_list("text", flat=True)]
        rows.append((partner.get_absolute_url(), partner.name, " ".join(texts)))
    table.executemany("INSERT INTO records VALUES (?, ?, ?)", rows)

    def first(text):
        every_word = " ".join(f'"{word}"' for word in text.split())
        sql = "SELECT url FROM records WHERE records MATCH ? ORDER BY bm25(records, 0, 5, 1)"
        return (table.execute(sql, [every_word]).fetchone() or [""])[0]

    return first


def test_right_record_comes_first():
    load_calls(SAMPLE)
    load_calls(HISTORY)
    search, wrong = Search(), {}
    for text, expected in SEARCHES.items():
        query = parse_query(text)
        groups = search.groups(query) or search.nearest(query)[1]
        first = groups[0].results[0].url if groups else ""
        if first != expected:
            wrong[text] = first
    with closing(sqlite3.connect(":memory:")) as table:
        plain = plain_full_text_search(table)
        right_of_plain = sum(plain(text) == expected for text, expected in SEARCHES.items())
    right = len(SEARCHES) - len(wrong)
    print(f"{right} of {len(SEARCHES)} on {connection.vendor}; FTS alone: {right_of_plain}")  # noqa: T201

    assert len(SEARCHES) == 54
    assert right >= 50, wrong
    assert right > right_of_plain + 10


def test_near_results_are_shown_at_once_and_said_to_be_near(client):
    make_public_project(title="Human trafficking")
    text = page(client, "trafficing")
    assert "Nothing has “trafficing”. 1 result for “trafficking”" in text
    assert "Human <mark>trafficking</mark>" in text
    # A word of no record is left out; of words that no record has together, as few as possible.
    assert "Nothing has “human xyzxyz”. 1 result for “human”" in page(client, "human xyzxyz")
    make_public_project(title="Safe harbour")
    make_public_project(title="Harbour and human rights")
    assert "1 result for “harbour safe”" in page(client, "human harbour safe")
    assert "Nothing has “xyzxyz”. </h1>" in page(client, "xyzxyz") and found(client, "xyzxyz") == {}


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("humann trafikcing", "human trafficking"),
        ("future euro faculty", "future euro"),
        ("anti-coins", "coins"),
        ("trafikcing xyzxyz", ""),
        ("alpha beta gamma delta youth", "youth"),
        ("abc", ""),
        ("12345", ""),
    ],
)
def test_nearest_search_has_another_spelling_or_other_words(client, typed, near):
    for title in ["Human trafficking", "The Future of the EuroFaculty", "Euro coins", "Youth"]:
        make_public_project(title=title)
    context = client.get("/search/", {"q": typed}).context
    assert (context["used"] if context["groups"] else "") == near


def test_kind_with_the_closest_name_comes_first_and_other_names_are_shown(client):
    partner = make_partner("University of Turku", country="FI")
    make_partner_name(partner, "Turun yliopisto", language="fi")
    project = make_public_project(partner, title="Students of Finland")
    project.topics.add(make_topic("Finland in winter"))
    make_call(title="PSF 2031", slug="psf-2031", summary="For Finland")

    assert [*found(client, "turun yliopisto")] == ["partners", "projects"]
    text = page(client, "turun yliopisto")
    assert "also named “<mark>Turun</mark> <mark>yliopisto</mark>”" in text
    assert [*found(client, "finland")] == ["countries", "topics", "projects", "calls", "partners"]
    assert found(client, "students finland") == {
        "projects": (1, ["<mark>Students</mark> of <mark>Finland</mark>"])
    }
    assert [*found(client, "finland -winter -turku")] == ["countries", "calls"]
    assert [*found(client, "psf2031")] == ["calls"]
    assert [*found(client, "cookies")] == ["pages"]


def test_list_has_the_results_that_the_page_leaves_out(client):
    for number in range(12):
        make_public_project(title=f"Sea {number}")
    make_public_project(title="Sea", reference="A")
    [(number, titles)] = [found(client, "sea")["projects"]]
    assert (number, len(titles), titles[0]) == (13, 10, "<mark>Sea</mark>")
    assert '<a href="/projects/?q=sea">All 13 results</a>' in page(client, "sea")


def test_the_page_shows_all_results_of_a_kind_whose_list_has_no_search(client):
    for number in range(12):
        make_call(title=f"Sea call {number}")
    [(number, titles)] = [found(client, "sea")["calls"]]
    assert number == len(titles) == 12
    assert "/calls/?q=" not in page(client, "sea")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("", "Search everything"),
        ("%", "“%” has no word to search for"),
        ("-sea", "“-sea” has no word to search for"),
        ("sea " * 200, "The rest was not searched."),
    ],
)
def test_text_without_a_usable_word_is_answered_in_a_sentence(client, text, title):
    make_public_project(title="Sea")
    assert title in page(client, text)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/projects/psf-2019-3/", "/projects/the-third/"),
        ("/projects/human-traficking/", "/projects/the-third/"),
        ("/partners/stelit/", "/partners/stellit/"),
        ("/projects/stelit/", "/projects/the-third/"),  # a project of this organisation
        ("/projects/nosuch/", ""),
        ("/nosuch/", ""),
        ("/countries/--/", ""),
    ],
)
def test_a_missing_page_offers_the_nearest_record_and_a_filled_search(client, path, found):
    make_public_project(
        make_partner("Stellit", slug="stellit"),
        slug="the-third",
        reference="PSF-2019-03",
        title="Human trafficking",
    )
    response = client.get(path)
    text = words(response)
    assert response.status_code == 404
    assert (f"Nothing is at {path}. The nearest page is this one:" in text) == bool(found)
    assert (f'<a href="{found}">' in text) == bool(found)
    searched = path.removeprefix("/nosuch").strip("/").rpartition("/")[2].replace("-", " ").strip()
    assert f'name="q" value="{searched}"' in text


@pytest.mark.parametrize("text", ["CANARY", "CANRAY", "canar kin", "54321", "CANARY sea"])
def test_nothing_of_hidden_records_is_found(client, text):
    hide_canaries()
    make_public_project(title="Sea")
    path = f"/projects/{text.lower().replace(' ', '-')}/"
    for address in [f"/search/?q={quote_plus(text)}", path]:
        content = client.get(address).content.decode().lower()
        for echo in [path, text.lower(), text.lower().replace(" ", "-"), quote_plus(text).lower()]:
            content = content.replace(echo, "")
        assert "canary" not in content
