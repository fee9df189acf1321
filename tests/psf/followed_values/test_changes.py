"""The changes since a position in the history, also beside running transactions."""

import pytest
from django.db import connection

from projects.models import Topic
from psf.followed_values import changes
from psf.followed_values.changes import current_position, read_changes
from psf.history.models import Change
from tests.support.factories import make_partnership, make_project, make_topic
from tests.support.history_changes import changes_after, last_change

pytestmark = pytest.mark.django_db(transaction=True)


def names(rows):
    return [row.after["name"] for row in rows]


@pytest.fixture
def running(monkeypatch):
    """Pretend that these pairs of transactions are running, one for each question."""

    def pretend(*pairs):
        numbers = iter(pairs)
        monkeypatch.setattr(changes, "_transactions", lambda: next(numbers))

    return pretend


def test_changes_are_read_once():
    make_topic(name="old")
    position = current_position()
    Topic.objects.create(name="new", slug="new")
    Topic.objects.filter(slug="new").update(name="newer")
    position, rows = read_changes(position)

    assert names(rows) == ["new", "newer"]
    assert {row.kind for row in rows} == {"projects.topic"}
    assert read_changes(position)[1] == []


def test_changes_after_an_empty_history_are_not_known():
    position, rows = read_changes(current_position())
    assert rows is None
    make_topic()
    position, rows = read_changes(position)
    assert rows is None
    assert read_changes(position)[1] == []


def test_changes_of_another_history_are_not_known():
    make_topic()
    position = current_position()
    Change.objects.all().delete()
    make_topic()

    assert read_changes(position)[1] is None


def test_changes_are_read_up_to_a_number():
    make_topic()
    position = current_position()
    most = changes.MAX_CHANGES - 1  # besides the change at the position
    Topic.objects.bulk_create(Topic(name=f"{n}", slug=f"{n}") for n in range(most))
    assert names(read_changes(position)[1]) == [f"{n}" for n in range(most)]

    make_topic()
    assert read_changes(position)[1] is None


def test_changes_are_selected_by_their_kind():
    topic, project = make_topic(name="Sea"), make_project()
    part = make_partnership(project)
    selected = changes_after(0)

    assert selected.keys_of("projects.topic") == {str(topic.pk)}
    assert selected.keys_of("projects.partnership") == {str(part.pk)}
    assert selected.records_of("projects.project") == {str(project.pk)}
    assert selected.records_of("projects.topic") == {str(topic.pk)}
    assert selected.values_of("projects.topic", "name") == {"Sea"}
    assert selected.touch({"projects.topic": ["name"]})
    assert not selected.touch({"projects.topic": [], "projects.call": ["budget"]})


def test_only_changed_columns_are_touched():
    topic = make_topic(name="Sea")
    place = last_change()
    Topic.objects.filter(pk=topic.pk).update(name="Coast")
    changed = changes_after(place)

    assert changed.touch({"projects.topic": ["slug", "name"]})
    assert not changed.touch({"projects.topic": ["slug"]})


def test_rows_of_which_other_columns_changed_too_are_kept():
    topic = make_topic(name="Sea")
    place = last_change()
    Topic.objects.filter(pk=topic.pk).update(name="Coast")
    Topic.objects.filter(pk=topic.pk).update(name="Sea", slug="sea")
    added = make_topic(name="Land")
    changed = changes_after(place)

    kept = changed.besides({"projects.topic": ["name"]}).rows
    assert [row.key for row in kept] == [str(topic.pk), str(added.pk)]
    assert changed.besides({"projects.call": ["name"]}) == changed


def test_a_place_counts_from_the_end_of_all_earlier_transactions(running):
    make_topic(name="old")
    running((5, 9), (5, 9))
    position = current_position()
    assert position.floor is None

    make_topic(name="new")
    running((5, 10), (5, 10))
    position, rows = read_changes(position)
    assert rows is None
    assert position.floor is None

    running((10, 12), (11, 12))
    position, rows = read_changes(position)
    assert rows is None
    assert position.floor.after["name"] == "old"


def test_changes_beside_running_transactions_are_read_again(running):
    make_topic(name="old")
    running((0, 0), (0, 0))
    position = current_position()
    for name, before, after, expected in [
        ("first", (3, 5), (3, 6), ["first"]),
        ("second", (4, 7), (5, 8), ["first", "second"]),
        ("third", (6, 8), (7, 9), ["first", "second", "third"]),
        ("fourth", (8, 9), (8, 9), ["second", "third", "fourth"]),
        ("fifth", (10, 11), (10, 10), ["second", "third", "fourth", "fifth"]),
        ("sixth", (12, 12), (12, 12), ["sixth"]),
    ]:
        make_topic(name=name)
        running(before, after)
        position, rows = read_changes(position)
        assert names(rows) == expected


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time.")
def test_a_change_that_was_begun_earlier_is_not_missed():
    make_topic(name="old")
    position, other = current_position(), connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            "INSERT INTO projects_topic (name, slug, version) VALUES ('slow', 'slow', 0)"
        )
        make_topic(name="fast")
        position, rows = read_changes(position)
        assert names(rows) == ["fast"]
        cursor.execute("COMMIT")
    other.close()

    position, rows = read_changes(position)
    assert names(rows) == ["slow", "fast"]
    assert read_changes(position)[1] == []
