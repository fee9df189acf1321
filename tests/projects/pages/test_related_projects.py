from datetime import date

import pytest

from projects.models import Project
from projects.pages.project_detail import COMPARED, RELATED, related_projects
from tests.support.cases import HIDDEN_PROJECTS
from tests.support.factories import make_partner, make_partnership, make_public_project, make_topic
from tests.support.hidden_records import page_of

pytestmark = pytest.mark.django_db


def make(partners, topics=(), **fields):
    project = make_public_project(lead=partners[0], **fields)
    for partner in partners[1:]:
        make_partnership(project, partner)
    project.topics.set(topics)
    return project


def related(project):
    loaded = Project.objects.for_page().get(pk=project.pk)
    return related_projects(loaded, loaded.topics.all())


def test_shared_partners_come_before_topics_and_newer_records_first():
    partners = [make_partner() for _number in range(3)]
    topics = [make_topic(), make_topic()]
    this = make(partners, topics)
    make([make_partner()])
    by_topic = make([make_partner()], topics[:1])
    by_topics = make([make_partner()], topics)
    assert related(this) == [by_topics, by_topic]
    by_partner, newer = make(partners[:1]), make(partners[:1])
    assert related(this) == [newer, by_partner, by_topics]
    by_partner.partnerships.update(role="partner", left_on=date(2019, 1, 1))
    make_partnership(by_partner, partners[0], joined_on=date(2020, 1, 1), role="lead")  # again
    assert related(this) == [newer, by_partner, by_topics]
    by_partners = make(partners[1:])
    assert related(this) == [by_partners, newer, by_partner]


def test_a_project_without_organisations_and_topics_has_none(client):
    project = make_public_project()
    project.partnerships.update(partner=None)
    make_public_project().partnerships.update(partner=None)
    assert related(project) == []
    assert 'id="related"' not in page_of(client, project)


@pytest.mark.parametrize("hidden", HIDDEN_PROJECTS)
def test_hidden_projects_are_never_related(client, hidden):
    topic, other = make_topic(), hidden()
    Project.objects.filter(pk=other.pk).update(title="Beekeepers")
    other.topics.add(topic)
    partners = [row.partner for row in other.partnerships.all()] or [make_partner()]
    make_partnership(other, partners[0]) if not other.partnerships.exists() else None
    this = make(partners, [topic])
    assert related(this) == []
    assert "Beekeepers" not in page_of(client, this)


def test_related_projects_are_rows_after_a_fixed_number_of_queries(
    client, django_assert_num_queries
):
    topic = make_topic()
    this = make([make_partner()], [topic])
    many = Project.objects.bulk_create(
        Project(
            call=this.call,
            reference=f"MANY-{number}",
            slug=f"many-{number}",
            title="Earlier one",
            title_language="lv",
            status="funded",
            published_at=this.published_at,
        )
        for number in range(COMPARED + 10)
    )
    topic.projects.add(*many)
    loaded = Project.objects.for_page().get(pk=this.pk)
    with django_assert_num_queries(6):  # within a transaction, three of them read the key sets
        rows = related_projects(loaded, [topic])
    assert rows == many[:-4:-1]
    assert len(rows) == RELATED
    assert page_of(client, this).count('<bdi lang="lv">Earlier one</bdi>') == RELATED
