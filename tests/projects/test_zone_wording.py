from datetime import UTC, datetime

import pytest

from projects.publication.warnings import missing_in_call
from projects.zone_wording import zone_contradictions
from tests.support.factories import make_call

pytestmark = pytest.mark.django_db

# In Stockholm 15 February is winter time and 31 March is summer time.
MOMENTS = {
    "opens_at": datetime(2026, 2, 15, 11, tzinfo=UTC),
    "closes_at": datetime(2026, 3, 31, 21, 59, tzinfo=UTC),
}


@pytest.mark.parametrize(
    "text",
    [
        *["until 31 March, 23:59 CET", "23.59 (CET)", "11:59 p.m. cet", "23:59h, EEST"],
        *["23:59 hrs CET", "23:59 Central European Time", "23:59 UTC+1", "23:59 Helsinki time"],
    ],
)
def test_winter_time_named_for_a_closing_in_summer_time_is_pointed_out(text):
    call = make_call(description=text, **MOMENTS)
    [sentence] = zone_contradictions(call)
    assert sentence.startswith("The text says “")
    assert "readers see “31 March 2026, 23:59 CEST”" in sentence
    assert sentence in missing_in_call(call)


@pytest.mark.parametrize(
    "text",
    [
        "until 31 March, 23:59 CEST",
        "opens at 12:00 CET",
        "opens at 12:00 pm CET",
        "a webinar at 10:00 CET",
        "CET",
        "23:59",
        *["23:59 UTC+2", "23:59 GMT +2", "23:59 Brussels time"],
        "23:59 Central European Summer Time",
    ],
)
def test_times_that_agree_or_mean_something_else_are_not_pointed_out(text):
    assert zone_contradictions(make_call(description=text, **MOMENTS)) == []


def test_a_closing_known_only_to_the_day_contradicts_no_time():
    call = make_call(description="23:59 CET", closes_precision="day", **MOMENTS)
    assert zone_contradictions(call) == []
