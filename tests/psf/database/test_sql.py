"""Keys in one parameter find the same rows as keys in separate parameters."""

import pytest
from django.db import connection

from partners.models import Country
from projects.models import Project
from psf.database.sql import chunked, fetch_all, in_keys, waiting_at_most
from tests.support.factories import make_country, make_project

pytestmark = pytest.mark.django_db


def test_keys_that_are_numbers():
    first, _, third = [make_project() for _ in range(3)]
    keys = in_keys(Project, [first.pk, str(third.pk), third.pk + 1])

    assert {*Project.objects.filter(pk__in=keys)} == {first, third}


def test_keys_that_are_words():
    for code in ["FI", "LV", "SE"]:
        make_country(code)
    keys = in_keys(Country, iter(["FI", "EE'", "\\", "LV"]))

    assert {*Country.objects.filter(pk__in=keys).values_list("pk", flat=True)} == {"FI", "LV"}


def test_an_empty_set_of_keys_matches_no_row():
    make_project()

    assert not Project.objects.filter(pk__in=in_keys(Project, [])).exists()


def test_items_are_cut_into_lists_of_one_size():
    assert list(chunked(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(chunked([], 2)) == []


@pytest.mark.parametrize("text", ["50%", "a_b", "a\\b", "Ähnlich\nÅBO", "(x)"])
def test_texts_are_compared_without_case_and_without_wildcards(text):
    project = make_project(title=text, internal_note=f"({text})")
    make_project(title="a b 50 ab", internal_note="ähnlich")

    for lookup in ["title__iexact", "title__icontains", "internal_note__icontains"]:
        for typed in [text.lower(), text.upper()]:
            assert [*Project.objects.filter(**{lookup: typed})] == [project]
    assert fetch_all("SELECT NULL LIKE 'a' ESCAPE '!'", []) == [(None,)]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL locks rows only")
def test_the_wait_for_another_writer_is_limited_for_a_while():
    usual = fetch_all("PRAGMA busy_timeout", [])
    with waiting_at_most(3):
        assert fetch_all("PRAGMA busy_timeout", []) == [(3000,)] != usual
    assert fetch_all("PRAGMA busy_timeout", []) == usual
