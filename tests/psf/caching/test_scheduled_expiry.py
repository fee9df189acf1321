from datetime import UTC, datetime, timedelta

from psf.caching import scheduled_expiry

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_next_expiry_is_the_first_moment_of_any_schedule(monkeypatch):
    monkeypatch.setattr(scheduled_expiry, "SCHEDULES", [])
    for hours in [3, 1, 2]:
        scheduled_expiry.register(lambda now, hours=hours: now + timedelta(hours=hours))

    assert scheduled_expiry.next_expiry(NOON) == NOON + timedelta(hours=1)
