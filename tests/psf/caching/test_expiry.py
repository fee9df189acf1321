from datetime import UTC, datetime, timedelta

from psf.caching import expiry

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_next_expiry_is_the_first_moment_of_any_schedule(monkeypatch):
    monkeypatch.setattr(expiry, "SCHEDULES", [])
    for hours in [3, 1, 2]:
        expiry.register(lambda now, hours=hours: now + timedelta(hours=hours))

    assert expiry.next_expiry(NOON) == NOON + timedelta(hours=1)
