"""Difficult values and records for many tests."""

from datetime import UTC, timedelta

from django.utils import timezone

from tests.support.factories import LONG_AGO, make_call, make_project, make_public_project

HOSTILE_TEXTS = {
    "per cent": "%",
    "underscore": "_",
    "injection": "' OR 1=1 --",
    "another injection": '"; DROP TABLE partners_partner; --',
    "backslash": "\\",
    "nothing but a zero byte": "\x00",
    "zero byte": "a\x00b",
    "half a character": "\ud800",
    "turned round": "\u202ekcolc",
    "query language": "NEAR(*)",
    "one long word": "x" * 2000,
    "letters that fold": "é" * 2000,
    "wildcards": "%_" * 1000,
    "a thousand words": " ".join(f"{number}" for number in range(1000)),
    "letters that grow": "ﷺ" * 2000,
}


def days_ahead(days):
    """The same time of the day after so many days, also if the clock changes meanwhile."""
    return (timezone.localtime() + timedelta(days=days)).astimezone(UTC)


def soon():
    return days_ahead(1)


def draft():
    return make_public_project(published_at=None)


def submitted():
    return make_project()


def public_tomorrow():
    return make_public_project(published_at=soon())


def unpublished():
    return make_public_project(unpublished_at=LONG_AGO, unpublished_reason="An error.")


def of_a_call_not_public():
    return make_public_project(call=make_call(published_at=None))


def of_a_call_public_tomorrow():
    return make_public_project(call=make_call(published_at=soon()))


# Each makes a project that readers may not see at present, in another way.
HIDDEN_PROJECTS = [
    draft,
    submitted,
    public_tomorrow,
    unpublished,
    of_a_call_not_public,
    of_a_call_public_tomorrow,
]
