from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from projects.models import Project
from psf import memory
from psf.memory import Memory, remembered
from psf.models import DataVersion
from tests.factories import make_call, make_public_project

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(monkeypatch):
    """A function that is remembered, and the arguments with which it worked."""
    monkeypatch.setattr(memory, "MEMORY", Memory())
    calls = []

    @remembered
    def number(times):
        calls.append(times)
        return times * Project.objects.public().count()

    number.calls = calls
    return number


def test_work_is_done_once_for_each_argument_while_the_data_stand(asked):
    make_public_project()
    assert [asked(1), asked(1), asked(2), asked(times=2), asked(times=2)] == [1, 1, 2, 2, 2]
    assert asked.calls == [1, 2, 2]


def test_every_change_of_the_data_is_seen(asked):
    project = make_public_project()
    assert asked(1) == 1
    Project.objects.filter(pk=project.pk).update(published_at=None)
    assert asked(1) == 0
    make_public_project()
    assert asked(1) == 1


def test_a_moment_that_comes_is_seen(asked, monkeypatch):
    now = timezone.now()
    make_public_project(call=make_call(), published_at=now + timedelta(hours=1))
    assert asked(1) == 0
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(hours=2))
    assert asked(1) == 1


def test_nothing_is_kept_inside_a_transaction(asked):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make_public_project()
        assert asked(1) == 1
        1 / 0  # noqa: B018
    assert asked(1) == 0
    assert asked.calls == [1, 1]


def test_without_a_version_nothing_is_believed(asked):
    DataVersion.objects.all().delete()
    asked(1)
    asked(1)
    assert asked.calls == [1, 1]


def test_work_that_fails_is_done_again(asked):
    failing = iter([ZeroDivisionError, 5])

    @remembered
    def work():
        found = next(failing)
        if found == 5:
            return found
        raise found

    with pytest.raises(ZeroDivisionError):
        work()
    assert work() == 5
