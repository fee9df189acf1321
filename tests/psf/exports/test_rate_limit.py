from psf.exports import rate_limit
from psf.exports.rate_limit import RateLimit


def test_address_waits_until_the_end_of_the_window(monkeypatch):
    now = 100.0
    monkeypatch.setattr(rate_limit, "monotonic", lambda: now)
    limit = RateLimit()
    assert [limit.seconds_to_wait("a", 2) for _number in range(3)] == [0, 0, 60]
    assert limit.seconds_to_wait("b", 2) == 0
    now = 159.5
    assert limit.seconds_to_wait("a", 2) == 1
    now = 160.0
    assert limit.seconds_to_wait("a", 2) == 0
