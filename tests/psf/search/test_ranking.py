"""Matches come in groups, best first."""

from unittest import mock

import pytest
from django.db import OperationalError

from projects.models import Project
from projects.search import PROJECTS as INDEX
from psf.database.keysets import keys_of, keyset
from psf.search.index import update_indexes
from psf.search.query import parse_query
from psf.search.ranking import matching_keys
from tests.psf.search.records import make_world
from tests.psf.search.test_index import PROJECTS
from tests.support.factories import make_public_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def everything(monkeypatch):
    make_world()
    update_indexes()
    # Within a transaction, such as a test, every search would look for stale documents.
    monkeypatch.setattr("psf.search.ranking.try_update", lambda: None)
    return keyset(Project.objects.public().values_list("pk", flat=True))


def test_groups_follow_the_order_of_the_database(everything):
    rows = Project.objects.public()
    for text in PROJECTS:
        query = parse_query(text)
        if query.is_empty():
            continue
        groups = [
            set(keys_of(group)) for group in matching_keys(INDEX, query, everything, ranked=True)
        ]
        keys = [project.pk for project in rows.found_by(text).best_first(text)]
        assert sum(map(len, groups)) == len(keys), text
        for group in groups:
            expected, keys = keys[: len(group)], keys[len(group) :]
            assert {*expected} == group, text


@pytest.mark.django_db(transaction=True)
def test_stale_documents_are_updated_by_the_next_search_that_can(caplog):
    project, query = make_public_project(title="Sea"), parse_query("sea")
    everything = keyset([project.pk])
    with mock.patch("psf.search.index.update_indexes", side_effect=OperationalError):
        assert matching_keys(INDEX, query, everything) == [0]
    assert "could not be brought up to date" in caplog.text
    with mock.patch("psf.search.index.update_indexes", side_effect=update_indexes) as updates:
        for _search in range(2):
            assert matching_keys(INDEX, query, everything) == [everything]
        assert updates.call_count == 1
        Project.objects.update(title="Lake")
        assert matching_keys(INDEX, query, everything) == [0]
        assert updates.call_count == 2
