"""What is remembered is what would be counted now."""

from datetime import timedelta
from unittest import mock

import pytest
from django.db import connection, transaction
from django.utils import timezone

from projects.models import Listing, Project
from psf.caching import memo as memory
from psf.caching.memo import Memory
from tests.support.factories import make_public_project


@pytest.fixture
def remembered():
    memory = Memory(most=2)
    yield memory
    memory.versions.close()


def number():
    return Listing.objects.public().count()


@pytest.mark.django_db(transaction=True)
def test_what_is_counted_once_is_not_counted_again_until_something_changes(remembered):
    make_public_project()
    assert remembered("number", number) == 1
    assert remembered("number", lambda: pytest.fail("It was counted again.")) == 1

    Project.objects.update(title="Other")
    make_public_project()

    assert remembered("number", number) == 2


@pytest.mark.django_db(transaction=True)
def test_what_becomes_public_by_itself_is_counted(remembered):
    make_public_project()
    coming = make_public_project(published_at=timezone.now() + timedelta(hours=1))
    assert remembered("number", number) == 1
    with mock.patch.object(timezone, "now", return_value=coming.published_at):
        assert remembered("number", number) == 2


@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_nothing_is_remembered(remembered):
    make_public_project()
    with transaction.atomic():
        make_public_project()
        assert remembered("number", number) == 2
        transaction.set_rollback(True)
    assert remembered("number", number) == 1


@pytest.mark.django_db(transaction=True)
def test_without_a_version_nothing_is_remembered(remembered):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM psf_dataversion")
    assert remembered("number", number) == 0
    assert remembered("number", lambda: 7) == 7


@pytest.mark.django_db(transaction=True)
def test_what_was_counted_of_older_data_is_not_kept(remembered):
    make_public_project()

    def counted_while_something_changes():
        found = number()
        make_public_project()
        remembered("other", number)
        return found

    assert remembered("number", counted_while_something_changes) == 1
    assert remembered("number", number) == 2


@pytest.mark.django_db(transaction=True)
def test_what_was_not_asked_for_the_longest_goes_first(remembered):
    make_public_project()
    for name in ["first", "second", "first", "third"]:
        remembered(name, lambda: name)  # noqa: B023
    assert remembered("first", lambda: "forgotten") == "first"
    assert remembered("second", lambda: "forgotten") == "forgotten"


@pytest.mark.django_db(transaction=True)
def test_a_function_works_once_for_each_of_its_arguments(remembered):
    make_public_project()
    asked = []

    @remembered.each
    def times(number):
        asked.append(number)
        return number * Listing.objects.public().count()

    assert [times(1), times(1), times(number=2), times(number=2)] == [1, 1, 2, 2]
    assert asked == [1, 2]
    make_public_project()
    assert times(1) == 2


def test_the_whole_site_has_one_memory():
    assert memory.remembered.most == memory.MOST
