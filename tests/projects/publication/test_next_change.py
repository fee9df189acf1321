from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from projects.publication.publish import next_change
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_decision,
    make_project,
    make_public_project,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Europe/Stockholm"))
SOON = NOON + timedelta(hours=1)

COMING = {
    "a call is published": lambda: make_call(published_at=SOON),
    "a call opens": lambda: make_call(opens_at=SOON, closes_at=None),
    "a call closes": lambda: make_call(closes_at=SOON),
    "a decision is published": lambda: make_decision(make_call(), published_at=SOON),
    "a project is published": lambda: make_public_project(published_at=SOON),
    "a project is public again": lambda: make_public_project(
        published_at=SOON, unpublished_at=LONG_AGO, unpublished_reason="An error."
    ),
}


@pytest.mark.parametrize("make", COMING.values(), ids=COMING)
def test_each_kind_of_moment_is_scheduled(make):
    make()

    assert next_change(NOON) == SOON


def test_nearest_future_moment_is_next():
    make_call(closes_at=SOON + timedelta(minutes=1))
    make_public_project(published_at=SOON)
    make_call(closes_at=NOON)

    assert next_change(NOON) == SOON
    assert next_change(SOON) == SOON + timedelta(minutes=1)


def test_day_ends_at_midnight_in_the_time_zone_of_the_site():
    make_project()

    assert next_change(NOON) == datetime(2026, 3, 3, tzinfo=ZoneInfo("Europe/Stockholm"))
    # In Stockholm the new day has begun, in Greenwich it has not.
    night = datetime(2026, 3, 2, 23, 30, tzinfo=ZoneInfo("UTC"))
    assert next_change(night) == datetime(2026, 3, 4, tzinfo=ZoneInfo("Europe/Stockholm"))


def test_day_ends_at_midnight_in_the_time_zone_of_an_open_call():
    zone = ZoneInfo("Europe/Helsinki")
    make_call(closes_at=NOON + timedelta(days=3), time_zone=zone.key)
    make_call(closes_at=NOON - timedelta(days=3), time_zone="Asia/Tokyo")

    assert next_change(NOON) == datetime(2026, 3, 3, tzinfo=zone)
