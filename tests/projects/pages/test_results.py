"""What came of the projects, on one page and on the page of each."""

import pytest

from projects.models import Project
from projects.pages import results
from tests.support.cases import HIDDEN_PROJECTS
from tests.support.factories import (
    LONG_AGO,
    make_document,
    make_output,
    make_public_project,
    make_topic,
)
from tests.support.hidden_records import hide_canaries, number_of_queries, page_of, words

pytestmark = pytest.mark.django_db
RESULTS = "/results/"


def make_told(*topics, **fields):
    project = make_public_project(story="Police of six countries use the guide.", **fields)
    project.topics.set(topics)
    return project


def test_projects_with_a_story_or_an_output_are_listed_by_topic(client):
    trade, youth = make_topic("Trafficking"), make_topic("Youth")
    told = make_told(youth, trade, title="A guide", acronym="GUIDE")
    shown = make_public_project(title="A film", title_language="lv")
    make_output(shown, kind="video", title="The sea", published_at=LONG_AGO)
    document = make_document(shown, title="Notes", published_at=LONG_AGO)
    make_output(shown, title="Notes", url="", document=document, published_at=LONG_AGO)
    make_output(make_public_project(title="Nothing yet"), published_at=None)
    page = words(client.get(RESULTS))
    shelves = client.get(RESULTS).context["shelves"]
    assert [(topic, [row.project for row in rows]) for topic, rows in shelves] == [
        (trade, [told]),
        (youth, [told]),
        (None, [shown]),
    ]
    assert "Police of six countries use the guide." in page
    assert "<bdi>GUIDE</bdi>: <bdi>A guide</bdi>" in page and '<bdi lang="lv">A film' in page
    assert "Film or sound:" in page and f'href="{document.get_absolute_url()}"' in page
    assert "Nothing yet" not in page


def test_the_project_says_what_came_of_it_and_is_found_by_it(client):
    assert 'id="outputs"' not in page_of(client, make_public_project())
    project = make_told()
    page = page_of(client, project)
    assert "What came of it" in page and "Police of six countries use the guide." in page
    assert project.get_absolute_url() in words(client.get("/projects/?q=police+guide"))
    assert "Police of six" in client.get(f"{project.get_absolute_url()[:-1]}.json").text


@pytest.mark.parametrize("hidden", HIDDEN_PROJECTS)
def test_hidden_projects_have_no_results(client, hidden):
    project = hidden()
    Project.objects.filter(pk=project.pk).update(story="CANARY")
    make_output(project, title="CANARY", published_at=LONG_AGO)
    hide_canaries()
    page = words(client.get(RESULTS))
    assert "CANARY" not in page and "No result is published yet." in page


def test_the_newest_projects_are_shown_in_a_fixed_number_of_queries(client, monkeypatch):
    costs = []
    for _more in range(3):
        make_output(make_told(make_topic()), published_at=LONG_AGO)
        costs.append(number_of_queries(client, RESULTS))
    assert costs[0] == costs[2] <= 5
    assert "newest projects with results" not in words(client.get(RESULTS))
    monkeypatch.setattr(results, "SHOWN", 2)
    assert "newest projects with results" in words(client.get(RESULTS))
    assert len(client.get(RESULTS).context["shelves"]) == 2


def test_without_results_the_page_leads_to_topics_and_to_the_newest_projects(client):
    assert "Newest projects" not in words(client.get(RESULTS))
    topic = make_topic("Youth")
    project = make_public_project()
    project.topics.add(topic)
    page = words(client.get(RESULTS))
    assert f'href="/projects/?topic={topic.slug}">Youth' in page
    assert project.get_absolute_url() in page
    make_told()
    assert "Newest projects" not in words(client.get(RESULTS))
