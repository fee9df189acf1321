from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from psf.text.dates import Precision, describe, describe_period, iso_date, precision_field

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY, MONTH, YEAR = Precision.DAY, Precision.MONTH, Precision.YEAR


@pytest.mark.parametrize(
    ("when", "precision", "words"),
    [
        (date(2019, 9, 2), DAY, "2 September 2019"),
        (date(2020, 11, 30), MONTH, "November 2020"),
        (date(1992, 1, 1), YEAR, "1992"),
        (datetime(2019, 3, 31, 23, 59, tzinfo=STOCKHOLM), DAY, "31 March 2019"),
        (datetime(2019, 3, 31, 23, 59, tzinfo=STOCKHOLM), MONTH, "March 2019"),
        (datetime(2019, 3, 31, 23, 59, tzinfo=STOCKHOLM), YEAR, "2019"),
    ],
)
def test_date_is_described_as_precisely_as_known(when, precision, words):
    assert describe(when, precision) == words


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (datetime(2019, 3, 30, 23, 59, tzinfo=STOCKHOLM), "30 March 2019, 23:59 CET"),
        (datetime(2019, 3, 31, 23, 59, tzinfo=STOCKHOLM), "31 March 2019, 23:59 CEST"),
        (datetime(2019, 10, 27, 2, 30, tzinfo=STOCKHOLM), "27 October 2019, 02:30 CEST"),
        (datetime(2019, 10, 27, 2, 30, fold=1, tzinfo=STOCKHOLM), "27 October 2019, 02:30 CET"),
    ],
)
def test_time_names_the_zone_in_winter_and_in_summer(when, words):
    assert describe(when, Precision.MINUTE) == words


@pytest.mark.parametrize(
    ("start", "start_precision", "end", "end_precision", "words"),
    [
        (date(2019, 9, 2), DAY, date(2021, 8, 31), DAY, "2 September 2019 to 31 August 2021"),
        (date(2019, 9, 1), MONTH, date(2020, 11, 30), MONTH, "September 2019 to November 2020"),
        (date(1992, 1, 1), YEAR, date(2022, 3, 2), DAY, "1992 to 2 March 2022"),
        (date(2019, 9, 2), DAY, date(2020, 12, 31), YEAR, "2 September 2019 to 2020"),
        (date(2019, 1, 1), YEAR, date(2019, 12, 31), YEAR, "2019"),
        (date(2019, 9, 1), MONTH, date(2019, 9, 30), MONTH, "September 2019"),
        (date(2019, 9, 2), DAY, date(2019, 9, 2), DAY, "2 September 2019"),
        (date(2019, 9, 2), DAY, None, DAY, "from 2 September 2019"),
        (None, DAY, date(2020, 12, 31), MONTH, "until December 2020"),
        (None, DAY, None, DAY, ""),
    ],
)
def test_period_describes_both_ends_as_precisely_as_known(
    start, start_precision, end, end_precision, words
):
    assert describe_period(start, start_precision, end, end_precision) == words


def test_precisions_of_a_day_exclude_the_minute():
    assert [value for value, _label in precision_field("").choices] == ["day", "month", "year"]


def test_date_of_iso_8601_is_as_precise_as_known():
    closing = datetime(2019, 3, 31, 23, 59, tzinfo=STOCKHOLM)
    iso = {precision: iso_date(closing, precision) for precision in Precision}
    assert iso == {
        Precision.MINUTE: "2019-03-31T23:59:00+02:00",
        DAY: "2019-03-31",
        MONTH: "2019-03",
        YEAR: "2019",
    }
    assert iso_date(date(2020, 11, 30), "month") == "2020-11"
    assert iso_date(None, MONTH) == ""
