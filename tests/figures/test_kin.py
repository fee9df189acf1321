from datetime import UTC, datetime

import pytest

from projects.figures.kin import BY_TOPICS, family_of
from projects.models import Project
from tests.cases import HIDDEN_PROJECTS
from tests.factories import (
    make_call,
    make_partner,
    make_partnership,
    make_public_project,
    make_topic,
)
from tests.hidden import page_of

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
    loaded = Project.objects.for_page().get(pk=project.pk)
    found = family_of(loaded, [topic.pk for topic in project.topics.all()])
    return {name: [kin.slug for kin in getattr(found, name)] for name in found._fields}


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
    other.topics.add(topic)
    partners = [row.partner for row in other.partnerships.all()] or [make_partner()]
    make_partnership(other, partners[0]) if not other.partnerships.exists() else None
    this = make_public_project(lead=partners[0])
    this.topics.add(topic)
    assert family(this) == {"earlier": [], "later": [], "similar": []}


def test_kin_are_found_among_so_many_and_no_more(django_assert_num_queries, partners):
    topic = make_topic()
    this = make(2019, partners)
    this.topics.add(topic)
    projects = Project.objects.bulk_create(
        Project(
            call=this.call,
            reference=f"MANY-{number}",
            slug=f"many-{number}",
            title="Many",
            status="funded",
            published_at=this.published_at,
        )
        for number in range(BY_TOPICS + 10)
    )
    through = Project.topics.through
    through.objects.bulk_create(through(project=project, topic=topic) for project in projects)
    loaded = Project.objects.for_page().get(pk=this.pk)
    with django_assert_num_queries(2):
        found = family_of(loaded, [topic.pk])
    assert len(found.similar) == 5


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
