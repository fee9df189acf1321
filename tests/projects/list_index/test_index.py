"""The choices of the filters of projects, which follow the records."""

import pytest

from projects.list_index.index import load_snapshot
from tests.support.factories import make_call, make_public_project, make_topic


@pytest.mark.django_db(transaction=True)
def test_choices_are_read_again_only_after_a_change_of_their_records():
    topic, call = make_topic("Sea"), make_call(title="First", slug="first")
    project = make_public_project(call=call)
    project.topics.add(topic)
    choices = load_snapshot().choices
    assert choices["topic"] == [(topic.slug, "Sea")]
    assert choices["call"] == [("first", "First")]

    project.title = "Another title"
    project.save()
    assert load_snapshot().choices == choices

    topic.name, call.title = "Coast", "Second"
    topic.save()
    call.save()
    choices = load_snapshot().choices
    assert choices["topic"] == [(topic.slug, "Coast")]
    assert choices["call"] == [("first", "Second")]
