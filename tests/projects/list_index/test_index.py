"""The choices of the filters of projects, and the places of projects in each order."""

import pytest

from projects.list_index.index import load_snapshot, ordered_projects
from tests.support.factories import make_call, make_public_project, make_topic


@pytest.mark.django_db(transaction=True)
def test_choices_have_the_names_of_now():
    topic, call = make_topic("Sea"), make_call(title="First", slug="first")
    make_public_project(call=call).topics.add(topic)
    choices = load_snapshot().choices
    assert choices["topic"] == [(topic.slug, "Sea")]
    assert choices["call"] == [("first", "First")]

    topic.name, call.title = "Coast", "Second"
    topic.save()
    call.save()
    choices = load_snapshot().choices
    assert choices["topic"] == [(topic.slug, "Coast")]
    assert choices["call"] == [("first", "Second")]


@pytest.mark.django_db
def test_capitals_with_accents_do_not_decide_on_the_order_of_titles():
    for title in ["öland", "Äland", "ähnlich", "Zebra", "acorn"]:
        make_public_project(title=title)
    titles = [project.title for project in ordered_projects("title")]

    assert titles == ["acorn", "Zebra", "ähnlich", "Äland", "öland"]
