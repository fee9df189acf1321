"""Matches come in groups, best first, and a group is only read when needed."""

import pytest

from projects.models import Project
from projects.search import PROJECTS as INDEX
from psf.database.keysets import keys_of, keyset, union
from psf.search import ranking
from psf.search.query import parse_query
from psf.search.ranking import RankedKeys
from tests.psf.search.test_index import PROJECTS
from tests.psf.search.world import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def everything():
    make_world()
    INDEX.try_update()
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
