from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pytest
from django.utils import timezone

from projects.models import Project
from projects.pages import related_projects as kin
from projects.pages.related_projects import BY_TOPICS, FEW_TITLES, SHOWN, family_of
from psf.search.maintenance import update_indexes
from tests.support.cases import HIDDEN_PROJECTS
from tests.support.factories import (
    make_call,
    make_partner,
    make_partnership,
    make_public_project,
    make_topic,
)
from tests.support.hidden import page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def partners():
    return [make_partner() for _number in range(3)]


def make(year, partners, title="Project", **fields):
    call = make_call(
        opens_at=None,
        closes_at=datetime(year, 3, 31, 12, tzinfo=UTC) if year else None,
    )
    project = make_public_project(call=call, lead=partners[0], title=title, **fields)
    for partner in partners[1:]:
        make_partnership(project, partner)
    return project


def family(project):
    update_indexes()  # as the next search would
    found = known_family(project)
    return {name: [kin.slug for kin in getattr(found, name)] for name in found._fields}


def known_family(project):
    """What is known before the next search."""
    loaded = Project.objects.for_page().get(pk=project.pk)
    return family_of(loaded, [topic.pk for topic in project.topics.all()])


def many(like, count, title, start=0):
    """So many public projects of the same call, with nothing but a title."""
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


def test_two_organisations_together_again_are_the_same_partnership(partners):
    first = make(2017, partners[:2])
    second = make(2018, partners)
    this = make(2019, partners)
    later = make(2020, partners[1:])
    assert family(this) == {
        "earlier": [second.slug, first.slug],
        "later": [later.slug],
        "similar": [],
    }


def test_one_organisation_or_one_call_is_no_other_phase(partners):
    this = make(2019, partners)
    one_partner = make(2018, partners[:1])
    same_call = make_public_project(call=this.call, lead=partners[0])
    make_partnership(same_call, partners[1])
    undated = make(None, partners)
    found = family(this)
    assert found["earlier"] == found["later"] == []
    assert found["similar"] == [undated.slug, same_call.slug, one_partner.slug]


def test_partners_say_more_than_topics_and_topics_than_nothing(partners):
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
    assert family(this)["similar"] in (
        [by_words.slug, by_partner.slug, by_topics.slug, by_topic.slug],
        [by_partner.slug, by_words.slug, by_topics.slug, by_topic.slug],
    )


def test_nothing_in_common_is_nothing_similar(client, partners):
    project = make(2019, partners[:1])
    make(2018, partners[1:2])
    assert family(project) == {"earlier": [], "later": [], "similar": []}
    assert "Similar projects" not in page_of(client, project)


def test_a_project_without_organisations_has_no_kin_by_partners():
    project = make_public_project()
    project.partnerships.update(partner=None)
    assert family(project) == {"earlier": [], "later": [], "similar": []}


@pytest.mark.parametrize("hidden", HIDDEN_PROJECTS)
def test_hidden_projects_are_nobodys_kin(hidden):
    topic = make_topic()
    other = hidden()
    Project.objects.filter(pk=other.pk).update(title="Beekeepers")
    other.topics.add(topic)
    partners = [row.partner for row in other.partnerships.all()] or [make_partner()]
    make_partnership(other, partners[0]) if not other.partnerships.exists() else None
    this = make_public_project(lead=partners[0], title="Beekeepers")
    this.topics.add(topic)
    assert family(this) == {"earlier": [], "later": [], "similar": []}


def test_kin_are_found_among_so_many_and_no_more(django_assert_num_queries, partners):
    topic = make_topic()
    this = make(2019, partners)
    this.topics.add(topic)
    projects = many(this, BY_TOPICS + 10, "Many")
    through = Project.topics.through
    through.objects.bulk_create(through(project=project, topic=topic) for project in projects)
    update_indexes()
    loaded = Project.objects.for_page().get(pk=this.pk)
    with django_assert_num_queries(3):
        found = family_of(loaded, [topic.pk])
    assert len(found.similar) == 5


def test_hidden_projects_take_places_among_those_that_got_a_topic_last(monkeypatch):
    monkeypatch.setattr(kin, "BY_TOPICS", 2)
    # The number stands in what was said before, and would in what others ask later.
    monkeypatch.setattr(kin, "_given", lru_cache(kin._given.__wrapped__))
    topic = make_topic()
    this, *others = (make_public_project() for _more in range(4))
    for project in [*others, this]:
        project.topics.add(topic)
    assert family(this)["similar"] == [others[2].slug, others[1].slug]
    Project.objects.filter(pk=others[2].pk).update(published_at=None)
    assert family(this)["similar"] == [others[1].slug]


@pytest.mark.django_db(transaction=True)
def test_what_has_a_topic_is_asked_for_many_pages_until_something_changes(
    django_assert_num_queries,
):
    first, second = make_topic(), make_topic()
    this = make_public_project()
    this.topics.add(first, second)
    projects = [make_public_project() for _more in range(2)]
    projects[0].topics.add(first)
    assert family(this)["similar"] == [projects[0].slug]
    for topics, queries in [([first], 2), ([first, second], 2), ([], 1)]:
        loaded = Project.objects.for_page().get(pk=this.pk)
        with django_assert_num_queries(queries):
            family_of(loaded, [topic.pk for topic in topics])
    projects[1].topics.add(first, second)
    assert family(this)["similar"] == [projects[1].slug, projects[0].slug]


def test_the_page_of_a_project_shows_its_kin(client, partners):
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


# Words


def test_projects_are_alike_by_the_words_of_their_titles(client, partners):
    this = make(2019, partners[:1], title="Trafficking of children")
    both = make(2018, [make_partner()], title="Child victims of human trafficking")
    one = make(2017, [make_partner()], title="Safe CHILDREN online")
    make(2016, [make_partner()], title="Clean water in schools")
    assert family(this)["similar"] == [both.slug, one.slug]
    page = page_of(client, this)
    assert "also about: trafficking, children" in page
    assert "also about: children" in page


@pytest.mark.parametrize(("led", "title"), [(False, "Young beekeepers"), (True, "Other")])
def test_hidden_projects_take_no_places_by_words_or_partners(partners, led, title):
    this = make(2019, partners[:1], title="Young beekeepers")
    public = make(2018, [make_partner()], title="Beekeepers")
    tomorrow = timezone.now() + timedelta(days=1)
    for _more in range(SHOWN):
        lead = partners[0] if led else make_partner()
        make(2018, [lead], title=title, published_at=tomorrow)
    assert family(this)["similar"] == [public.slug]


def test_words_count_beside_partners_and_topics(client, partners):
    topic = make_topic()
    this = make(2019, partners[:1], title="Young beekeepers")
    by_partner = make(2018, partners[:1], title="Something else")
    by_topic = make(2018, [make_partner()], title="Beekeepers at sea")
    by_word = make(2018, [make_partner()], title="A school for beekeepers")
    for project in [this, by_topic]:
        project.topics.add(topic)
    assert family(this)["similar"] == [by_partner.slug, by_topic.slug, by_word.slug]
    assert "1 topic in common; also about: beekeepers" in " ".join(page_of(client, this).split())


def test_of_equally_similar_projects_that_entered_last_comes_first(partners):
    this = make(2019, partners[:1], title="Harbours")
    others = [make(2018, [make_partner()], title="Harbours") for _more in range(7)]
    assert family(this)["similar"] == [project.slug for project in reversed(others)][:5]


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
def test_words_that_say_nothing_make_nothing_similar(partners, title, other):
    this = make(2019, partners[:1], title=title)
    make(2018, [make_partner()], title=other)
    assert family(this)["similar"] == []


@pytest.mark.parametrize(
    ("title", "other"), [("Łódź Śródmieście", "LODZ"), ("Дети Балтики", "Deti")]
)
def test_words_are_alike_in_any_letters(partners, title, other):
    this = make(2019, partners[:1], title=title)
    found = make(2018, [make_partner()], title=other)
    assert family(this)["similar"] == [found.slug]


def test_a_word_of_many_titles_says_nothing(partners):
    this = make(2019, partners[:1], title="Ferries and harbours")
    rare = make(2018, [make_partner()], title="Harbours")
    many(this, FEW_TITLES - 1, "Ferry")
    assert len(family(this)["similar"]) == 5
    many(this, 1, "The ferry", start=FEW_TITLES)
    assert family(this)["similar"] == [rare.slug]


def test_the_rarest_words_of_a_long_title_count(client, partners):
    this = make(2019, partners[:1], title="Amber, beekeepers, cranberries, dolphins and eiderdown")
    for title in ["Amber", "Amber dolphins", "Cranberries", "Beekeepers", "Eiderdown"]:
        make(2018, [make_partner()], title=title)
    assert len(family(this)["similar"]) == 3
    assert "also about: amber" not in page_of(client, this)


def test_what_is_said_of_a_title_is_true_of_what_it_is_now(partners):
    this = make(2019, partners[:1], title="Beekeepers")
    other = make(2018, [make_partner()], title="Beekeepers")
    assert family(this)["similar"] == [other.slug]
    Project.objects.filter(pk=other.pk).update(title="Harbours")
    assert known_family(this).similar == []  # although the index has not been told yet
