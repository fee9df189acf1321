"""Matches come in groups, best first, and a group is only read when needed."""

from unittest import mock

import pytest
from django.db import OperationalError

from projects.models import Project
from projects.search import PROJECTS as INDEX
from psf.database.keysets import keys_of, keyset, union
from psf.search import ranking
from psf.search.index import Index
from psf.search.query import parse_query
from psf.search.ranking import RankedKeys
from tests.psf.search.test_index import PROJECTS
from tests.psf.search.world import make_world
from tests.support.factories import make_public_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def everything(monkeypatch):
    make_world()
    INDEX.try_update()
    # Within a transaction, such as a test, every search would look for stale documents.
    monkeypatch.setattr(Index, "try_update", lambda *args, **kwargs: None)
    return keyset(Project.objects.public().values_list("pk", flat=True))


@pytest.mark.parametrize("few", [ranking.FEW, 0])
def test_groups_follow_the_order_of_the_database(everything, few, monkeypatch):
    monkeypatch.setattr(ranking, "FEW", few)
    rows = Project.objects.public()
    for text in PROJECTS:
        query = parse_query(text)
        if query.is_empty():
            continue
        groups = [
            set(keys_of(group)) for group in INDEX.matching_keys(query, everything, ranked=True)
        ]
        keys = [project.pk for project in rows.found_by(text).best_first(text)]
        assert sum(map(len, groups)) == len(keys), text
        for group in groups:
            expected, keys = keys[: len(group)], keys[len(group) :]
            assert {*expected} == group, text


def test_few_matches_need_one_query_for_all_groups(everything, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [*INDEX.matching_keys(parse_query("sea"), everything, ranked=True)]


def test_many_matches_need_a_query_for_each_group(
    everything, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr(ranking, "FEW", 0)
    with django_assert_num_queries(1):
        groups = iter(INDEX.matching_keys(parse_query("human"), everything, ranked=True))
        assert next(groups).bit_count() == 1
    with django_assert_num_queries(2):
        assert union(groups).bit_count() == 1
    with django_assert_num_queries(1):
        assert [*INDEX.matching_keys(parse_query("sea"), everything, ranked=True)]


@pytest.mark.django_db(transaction=True)
def test_stale_documents_are_looked_for_once_until_the_data_change(caplog):
    project, query = make_public_project(title="Sea"), parse_query("sea")
    everything, update = keyset([project.pk]), Index.update
    with mock.patch.object(Index, "update", side_effect=OperationalError):
        assert not INDEX.matching_keys(query, everything).keys
    assert "could not be brought up to date" in caplog.text
    with mock.patch.object(Index, "update", autospec=True, side_effect=update) as updates:
        for _search in range(2):
            assert INDEX.matching_keys(query, everything).keys == everything
        assert updates.call_count == 1
        Project.objects.update(title="Lake")
        assert not INDEX.matching_keys(query, everything).keys
        assert updates.call_count == 2


def test_groups_together_contain_every_match_once():
    queried = []

    def matching(*keys):
        return lambda: queried.append(keys) or keyset(keys)

    matches = RankedKeys(
        keyset([1, 2, 3, 4]), [matching(2), matching(2, 3, 9), matching(1, 2, 3, 4)]
    )
    assert [*map(keys_of, matches)] == [[2], [3], [1, 4], []]
    assert [*map(keys_of, matches.within(keyset([2, 3])))] == [[2], [3]]
    assert queried == [(2,), (2, 3, 9), (1, 2, 3, 4), (2,), (2, 3, 9)]
