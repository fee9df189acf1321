from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from projects.models import Project
from projects.pages import related_projects as module
from projects.pages.related_projects import MAX_BY_TOPICS, MAX_RELATED, MAX_TITLES, related_projects
from psf.search.index import update_indexes
from tests.support.cases import HIDDEN_PROJECTS
from tests.support.factories import (
    make_call,
    make_partner,
    make_partnership,
    make_public_project,
    make_topic,
)
from tests.support.hidden_records import page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def partners():
    return [make_partner() for _number in range(3)]


def make(year, partners, title="Project", **fields):
    call = make_call(
        opens_at=None, closes_at=datetime(year, 3, 31, 12, tzinfo=UTC) if year else None
    )
    project = make_public_project(call=call, lead=partners[0], title=title, **fields)
    for partner in partners[1:]:
        make_partnership(project, partner)
    return project


def related(project):
    update_indexes()  # as the next search would
    groups = related_without_indexing(project)
    return {name: [row.slug for row in getattr(groups, name)] for name in groups._fields}


def related_without_indexing(project):
    loaded = Project.objects.for_page().get(pk=project.pk)
    return related_projects(loaded, [topic.pk for topic in project.topics.all()])


def make_many(like, count, title, start=0):
    """Public projects of the same call with only a title."""
    return Project.objects.bulk_create(
        Project(
            call=like.call,
            reference=f"MANY-{number}",
            slug=f"many-{number}",
            title=title,
            status="funded",
            published_at=like.published_at,
        )
        for number in range(start, start + count)
    )


def test_two_organisations_in_common_are_the_same_partnership(partners):
    first = make(2017, partners[:2])
    second = make(2018, partners)
    this = make(2019, partners)
    later = make(2020, partners[1:])
    assert related(this) == {
        "earlier": [second.slug, first.slug],
        "later": [later.slug],
        "similar": [],
    }


def test_earlier_and_later_projects_need_two_partners_and_another_call(partners):
    this = make(2019, partners)
    one_partner = make(2018, partners[:1])
    same_call = make_public_project(call=this.call, lead=partners[0])
    make_partnership(same_call, partners[1])
    undated = make(None, partners)
    groups = related(this)
    assert groups["earlier"] == groups["later"] == []
    assert groups["similar"] == [undated.slug, same_call.slug, one_partner.slug]


def test_partners_count_more_than_topics(partners):
    topics = [make_topic(), make_topic()]
    this = make(2019, partners, title="Trafficking of children")
    this.topics.set(topics)
    by_partner = make(2018, partners[:1])
    by_words = make(2018, [make_partner()], title="Children and the sea")
    by_topics = make(2018, [make_partner()])
    by_topic = make(2018, [make_partner()])
    make(2018, [make_partner()])
    by_words.topics.set(topics)
    by_topics.topics.set(topics)
    by_topic.topics.set(topics[:1])
    assert related(this)["similar"] in (
        [by_words.slug, by_partner.slug, by_topics.slug, by_topic.slug],
        [by_partner.slug, by_words.slug, by_topics.slug, by_topic.slug],
    )


def test_nothing_in_common_means_no_similar_projects(client, partners):
    project = make(2019, partners[:1])
    make(2018, partners[1:2])
    assert related(project) == {"earlier": [], "later": [], "similar": []}
    assert "Similar projects" not in page_of(client, project)


def test_project_without_organisations_has_no_related_projects():
    project = make_public_project()
    project.partnerships.update(partner=None)
    assert related(project) == {"earlier": [], "later": [], "similar": []}


@pytest.mark.parametrize("hidden", HIDDEN_PROJECTS)
def test_hidden_projects_are_never_related(hidden):
    topic = make_topic()
    other = hidden()
    Project.objects.filter(pk=other.pk).update(title="Beekeepers")
    other.topics.add(topic)
    partners = [row.partner for row in other.partnerships.all()] or [make_partner()]
    make_partnership(other, partners[0]) if not other.partnerships.exists() else None
    this = make_public_project(lead=partners[0], title="Beekeepers")
    this.topics.add(topic)
    assert related(this) == {"earlier": [], "later": [], "similar": []}


def test_similar_projects_need_a_fixed_number_of_queries(django_assert_num_queries, partners):
    topic = make_topic()
    this = make(2019, partners)
    this.topics.add(topic)
    projects = make_many(this, MAX_BY_TOPICS + 10, "Many")
    through = Project.topics.through
    through.objects.bulk_create(through(project=project, topic=topic) for project in projects)
    update_indexes()
    loaded = Project.objects.for_page().get(pk=this.pk)
    with django_assert_num_queries(5):  # within a transaction, three of them read the key sets
        groups = related_projects(loaded, [topic.pk])
    assert len(groups.similar) == 5


def test_the_newest_public_projects_with_a_topic_count(monkeypatch):
    monkeypatch.setattr(module, "MAX_BY_TOPICS", 2)
    topic = make_topic()
    this, *others = (make_public_project() for _more in range(4))
    for project in [this, *reversed(others)]:
        project.topics.add(topic)
    assert related(this)["similar"] == [others[2].slug, others[1].slug]
    Project.objects.filter(pk=others[2].pk).update(published_at=None)
    assert related(this)["similar"] == [others[1].slug, others[0].slug]


def test_project_page_shows_related_projects(client, partners):
    earlier = make(2018, partners, title="Earlier one", title_language="lv")
    this = make(2019, partners)
    alone = make(2018, partners[:1], title="Alike")
    topical = make(2018, [make_partner()], title="Topical")
    topic = make_topic()
    this.topics.add(topic)
    topical.topics.add(topic)
    page = page_of(client, this)
    assert "The same partnership" in page
    assert '<bdi lang="lv">Earlier one</bdi>' in page
    assert "3 partners in common" in page
    assert "1 partner in common" in page
    assert "1 topic in common" in page
    for other in [earlier, alone, topical]:
        assert f"/compare/?project={this.slug}&amp;project={other.slug}" in page


def test_projects_are_similar_by_words_of_their_titles(client, partners):
    this = make(2019, partners[:1], title="Trafficking of children")
    both = make(2018, [make_partner()], title="Child victims of human trafficking")
    again = make(2017, [make_partner()], title="Safe CHILDREN and no trafficking")
    make(2016, [make_partner()], title="Clean water in schools")
    assert related(this)["similar"] == [again.slug, both.slug]
    assert "also about: trafficking, children" in page_of(client, this)


def test_one_common_word_makes_no_similar_project(client, partners):
    this = make(2019, partners[:1], title="Cooperation of museums")
    make(2018, [make_partner()], title="User cooperation in security research")
    assert related(this)["similar"] == []
    assert "Similar projects" not in page_of(client, this)


@pytest.mark.parametrize(("led", "title"), [(False, "Young beekeepers"), (True, "Other")])
def test_hidden_projects_do_not_count_in_limits_of_words_and_partners(partners, led, title):
    this = make(2019, partners[:1], title="Young beekeepers")
    public = make(2018, [make_partner()], title="Young beekeepers")
    tomorrow = timezone.now() + timedelta(days=1)
    for _more in range(MAX_RELATED):
        lead = partners[0] if led else make_partner()
        make(2018, [lead], title=title, published_at=tomorrow)
    assert related(this)["similar"] == [public.slug]


def test_words_count_with_partners_and_topics(client, partners):
    topic = make_topic()
    this = make(2019, partners[:1], title="Young beekeepers")
    by_partner = make(2018, partners[:1], title="Something else")
    by_word = make(2018, [make_partner()], title="A school for young beekeepers")
    by_topic = make(2018, [make_partner()], title="Beekeepers at sea")
    for project in [this, by_topic]:
        project.topics.add(topic)
    assert related(this)["similar"] == [by_partner.slug, by_topic.slug, by_word.slug]
    assert "1 topic in common; also about: beekeepers" in " ".join(page_of(client, this).split())


def test_newest_of_equally_similar_projects_comes_first(partners):
    this = make(2019, partners[:1], title="Small harbours")
    others = [make(2018, [make_partner()], title="Small harbours") for _more in range(7)]
    assert related(this)["similar"] == [project.slug for project in reversed(others)][:5]


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Work with and through the project", "With a project, through others"),  # empty words
        ("PSF-2019: 2019 in 2019", "PSF-2019 again in 2019"),  # figures
        ("The EU and the sea", "EU sea"),  # too short to tell anything
        ("Around the Baltic Sea Region", "The Baltics, a region"),  # all are
        ("Policy", "Police"),  # begins alike
    ],
)
def test_empty_words_do_not_count(partners, title, other):
    this = make(2019, partners[:1], title=title)
    make(2018, [make_partner()], title=other)
    assert related(this)["similar"] == []


@pytest.mark.parametrize(
    ("title", "other"), [("Łódź Śródmieście", "LODZ SRODMIESCIE"), ("Дети моря", "Deti morya")]
)
def test_words_match_in_other_alphabets(partners, title, other):
    this = make(2019, partners[:1], title=title)
    similar = make(2018, [make_partner()], title=other)
    assert related(this)["similar"] == [similar.slug]


def test_word_in_many_titles_does_not_count(partners):
    this = make(2019, partners[:1], title="Ferries of fishing harbours")
    rare = make(2018, [make_partner()], title="Fishing harbours")
    make_many(this, MAX_TITLES - 2, "Ferry harbour")
    assert len(related(this)["similar"]) == 5
    make_many(this, 2, "The ferry", start=MAX_TITLES)
    assert related(this)["similar"] == [rare.slug]


def test_rarest_words_of_a_long_title_count(client, partners):
    this = make(2019, partners[:1], title="Amber, beekeepers, cranberries, dolphins and eiderdown")
    for title in ["Beekeepers, cranberries, eiderdown", "Amber dolphins", "Amber dolphins"]:
        make(2018, [make_partner()], title=title)
    assert len(related(this)["similar"]) == 1
    assert "also about: amber" not in page_of(client, this)


def test_common_words_follow_the_current_title(partners):
    this = make(2019, partners[:1], title="Young beekeepers")
    other = make(2018, [make_partner()], title="Young beekeepers")
    assert related(this)["similar"] == [other.slug]
    Project.objects.filter(pk=other.pk).update(title="Harbours")
    assert related_without_indexing(this).similar == []  # the index is not updated yet
