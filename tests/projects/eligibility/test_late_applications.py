from datetime import UTC, date, datetime, time

import pytest

from projects.eligibility.rules import warning_about
from projects.models import Project
from tests.projects.checks.test_work_list import days_away
from tests.support.factories import make_call

pytestmark = pytest.mark.django_db


def warning(call, status, day, time=None):
    project = Project(call=call, status=status, received_on=day, received_time=time)
    return warning_about(project)


@pytest.fixture
def call():
    # 31 March 23:59 in Stockholm is still 31 March in UTC; 1 April begins two hours earlier.
    return make_call(title="PSF 2025", closes_at=datetime(2025, 3, 31, 21, 59, tzinfo=UTC))


def test_application_received_after_the_closing_day_is_late(call):
    assert warning(call, "submitted", date(2025, 4, 1)) == (
        "Received on 1 April 2025, after “PSF 2025” closed on 31 March 2025."
    )
    assert warning(call, "submitted", date(2025, 3, 31)) == ""


def test_the_time_of_receipt_is_compared_with_the_time_of_the_closing(call):
    day = date(2025, 3, 31)
    assert warning(call, "submitted", day, time(23, 58, 59)) == ""
    assert warning(call, "submitted", day, time(23, 59)) == (
        "Received on 31 March 2025, 23:59 CEST, after “PSF 2025” closed on 31 March 2025, "
        "23:59 CEST."
    )
    call.closes_precision = "day"
    assert warning(call, "submitted", day, time(23, 59)) == ""


def test_application_without_a_day_of_receipt_after_the_closing_is_pointed_out(call):
    assert warning(call, "submitted", None) == (
        "“PSF 2025” closed on 31 March 2025. Enter the day of receipt."
    )
    assert warning(make_call(closes_at=days_away(1)), "submitted", None) == ""
    assert warning(make_call(closes_at=None), "submitted", date(2025, 4, 1)) == ""


def test_decided_application_has_no_warning(call):
    assert warning(call, "funded", date(2025, 4, 1)) == ""
