"""What is found comes in groups, the best matches first, and no group before it is wanted."""

import pytest

from projects.models import Project
from projects.search import PROJECTS as INDEX
from psf.database.keysets import keys_of, keyset, union
from psf.search import ranking
from psf.search.query import parse_query
from psf.search.ranking import Found
from tests.psf.search.test_index import PROJECTS
from tests.psf.search.world import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def everything():
    make_world()
    INDEX.follow()
    return keyset(Project.objects.public().values_list("pk", flat=True))


@pytest.mark.parametrize("few", [ranking.FEW, 0])
def test_the_groups_are_what_the_database_would_put_in_order(everything, few, monkeypatch):
    monkeypatch.setattr(ranking, "FEW", few)
    rows = Project.objects.public()
    for text in PROJECTS:
        query = parse_query(text)
        if query.is_empty():
            continue
        groups = [set(keys_of(group)) for group in INDEX.found_keys(query, everything, ranked=True)]
        wanted = [project.pk for project in rows.found_by(text).best_first(text)]
        assert sum(map(len, groups)) == len(wanted), text
        for group in groups:
            some, wanted = wanted[: len(group)], wanted[len(group) :]
            assert {*some} == group, text


def test_few_are_found_with_all_their_groups_at_once(everything, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [*INDEX.found_keys(parse_query("sea"), everything, ranked=True)]


def test_of_many_each_group_is_asked_for_when_it_is_wanted(
    everything, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr(ranking, "FEW", 0)
    with django_assert_num_queries(1):
        groups = iter(INDEX.found_keys(parse_query("human"), everything, ranked=True))
        assert next(groups).bit_count() == 1
    with django_assert_num_queries(2):
        assert union(groups).bit_count() == 1
    with django_assert_num_queries(1):
        assert [*INDEX.found_keys(parse_query("sea"), everything, ranked=True)]


def test_what_all_groups_have_together_is_what_is_found():
    asked = []

    def matching(*keys):
        return lambda: asked.append(keys) or keyset(keys)

    found = Found(keyset([1, 2, 3, 4]), [matching(2), matching(2, 3, 9), matching(1, 2, 3, 4)])
    assert [*map(keys_of, found)] == [[2], [3], [1, 4], []]
    assert [*map(keys_of, found.within(keyset([2, 3])))] == [[2], [3]]
    assert asked == [(2,), (2, 3, 9), (1, 2, 3, 4), (2,), (2, 3, 9)]
