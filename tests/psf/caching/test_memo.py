"""A cached value equals the value that would be computed now."""

from datetime import timedelta
from unittest import mock

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from projects.models import Project
from psf.caching import versioned_store
from psf.caching.memo import Memo
from tests.support.factories import make_public_project


@pytest.fixture
def cached_until_change():
    """The value of a name, made by a function if it is not cached."""
    memory, makers = Memo(max_values=2), {}
    made = memory.memoize(lambda name: makers[name]())

    def cached(name, make):
        makers[name] = make
        return made(name)

    yield cached
    memory.versions.close()


def number():
    return Project.objects.public().count()


@pytest.mark.django_db(transaction=True)
def test_a_value_is_computed_once_until_the_data_change(cached_until_change):
    make_public_project()
    assert cached_until_change("number", number) == 1
    assert cached_until_change("number", lambda: pytest.fail("It was counted again.")) == 1

    Project.objects.update(title="Other")
    make_public_project()

    assert cached_until_change("number", number) == 2


@pytest.mark.django_db(transaction=True)
def test_a_publication_moment_renews_the_value(cached_until_change):
    make_public_project()
    coming = make_public_project(published_at=timezone.now() + timedelta(hours=1))
    assert cached_until_change("number", number) == 1
    with mock.patch.object(timezone, "now", return_value=coming.published_at):
        assert cached_until_change("number", number) == 2


@pytest.mark.django_db(transaction=True)
def test_a_clock_that_was_ahead_leaves_no_value_of_the_future(cached_until_change):
    make_public_project()
    hour = timedelta(hours=1)
    soon = make_public_project(published_at=timezone.now() + hour).published_at
    make_public_project(published_at=soon + 30 * hour)
    with mock.patch.object(timezone, "now", return_value=soon + hour):
        assert cached_until_change("number", number) == 2
    assert cached_until_change("number", number) == 1


@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_nothing_is_remembered(cached_until_change):
    make_public_project()
    with transaction.atomic():
        make_public_project()
        assert cached_until_change("number", number) == 2
        transaction.set_rollback(True)
    assert cached_until_change("number", number) == 1


@pytest.mark.django_db(transaction=True)
def test_without_a_version_nothing_is_remembered(cached_until_change):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM psf_dataversion")
    assert cached_until_change("number", number) == 0
    assert cached_until_change("number", lambda: 7) == 7


@pytest.mark.django_db(transaction=True)
def test_a_value_from_older_data_is_not_stored(cached_until_change):
    make_public_project()

    def counted_while_something_changes():
        found = number()
        make_public_project()
        cached_until_change("other", number)
        return found

    assert cached_until_change("number", counted_while_something_changes) == 1
    assert cached_until_change("number", number) == 2


@pytest.mark.django_db(transaction=True)
def test_a_value_from_before_a_scheduled_moment_is_not_stored_after_it(cached_until_change):
    make_public_project()
    coming = make_public_project(published_at=timezone.now() + timedelta(hours=1)).published_at

    def counted_while_the_moment_passes():
        found = number()
        with mock.patch.object(timezone, "now", return_value=coming):
            cached_until_change("other", number)
        return found

    assert cached_until_change("number", counted_while_the_moment_passes) == 1
    with mock.patch.object(timezone, "now", return_value=coming):
        assert cached_until_change("number", number) == 2


@pytest.mark.django_db(transaction=True)
def test_without_a_known_expiry_nothing_is_stored(cached_until_change):
    with mock.patch.object(versioned_store, "next_expiry", side_effect=DatabaseError):
        assert cached_until_change("number", lambda: 1) == 1
    assert cached_until_change("number", lambda: 2) == 2


@pytest.mark.django_db(transaction=True)
def test_the_least_recently_used_value_is_dropped_first(cached_until_change):
    make_public_project()
    for name in ["first", "second", "first", "third"]:
        cached_until_change(name, lambda: name)  # noqa: B023
    assert cached_until_change("first", lambda: "forgotten") == "first"
    assert cached_until_change("second", lambda: "forgotten") == "forgotten"


@pytest.mark.django_db(transaction=True)
def test_a_function_works_once_for_each_of_its_arguments():
    make_public_project()
    asked = []

    @Memo(max_values=2).memoize
    def times(number):
        asked.append(number)
        return number * Project.objects.public().count()

    assert [times(1), times(1), times(number=2), times(number=2)] == [1, 1, 2, 2]
    assert asked == [1, 2]
    make_public_project()
    assert times(1) == 2
