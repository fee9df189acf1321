"""A value in memory is renewed by changes, and computed again if the changes are unknown."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from projects.models import Topic
from psf.followed_values import followed
from psf.followed_values.followed import Followed
from psf.history.models import Change
from tests.support.factories import make_topic

pytestmark = pytest.mark.django_db(transaction=True)


class Names:
    """A followed value: the names of all topics, and how often it was made and renewed."""

    def __init__(self):
        self.made = self.renewed = 0
        self.followed = Followed(self.make, self.renew)

    def make(self, at):
        self.made += 1
        return set(Topic.objects.values_list("name", flat=True))

    def renew(self, old, changes, at):
        self.renewed += 1
        names = changes.values_of("projects.topic", "name")
        return None if "unknown" in names else old | names

    def current(self):
        return self.followed.current(), self.made, self.renewed


def test_value_is_renewed_by_changes():
    make_topic(name="one")
    names = Names()
    assert names.current() == ({"one"}, 1, 0)
    make_topic(name="two")
    assert names.current() == ({"one", "two"}, 1, 1)
    make_topic(name="unknown")
    assert names.current() == ({"one", "two", "unknown"}, 2, 2)
    Change.objects.all().delete()
    assert names.current()[1:] == (3, 2)


def test_value_of_a_transaction_is_not_kept():
    make_topic(name="one")
    names = Names()
    names.current()
    with transaction.atomic():
        make_topic(name="two")
        assert names.current() == ({"one", "two"}, 2, 0)
        transaction.set_rollback(True)
    assert names.current() == ({"one"}, 2, 1)


def test_value_is_made_again_after_a_scheduled_moment(monkeypatch):
    make_topic(name="one")
    names, now = Names(), timezone.now()
    monkeypatch.setattr(followed, "next_expiry", lambda moment: now + timedelta(minutes=1))
    for minutes, made, renewed in [(0, 1, 0), (0.9, 1, 1), (1, 2, 1), (0.5, 3, 1)]:
        moment = now + timedelta(minutes=minutes)
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert names.current() == ({"one"}, made, renewed)
