from datetime import UTC, date, datetime

import pytest

from projects.eligibility.unlikely_values import (
    call_warnings,
    period_warning,
    small_amount_warning,
)
from tests.support.factories import make_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def call():
    closes_at = datetime(2025, 3, 31, 21, 59, tzinfo=UTC)
    return make_call(title="PSF 2025", closes_at=closes_at, ceiling_eur=65000)


def test_a_start_before_the_closing_is_pointed_out_if_its_day_is_known(call):
    start = date(2025, 3, 1)
    assert period_warning(call, start, None) == (
        "The start, 1 March 2025, is before “PSF 2025” closes on 31 March 2025, 23:59 CEST."
    )
    assert period_warning(call, start, None, "month") == ""
    assert period_warning(call, date(2025, 3, 31), date(2026, 3, 31)) == ""


def test_a_period_in_a_later_decade_is_pointed_out(call):
    late = "The period reaches to 2072, but the call closes in 2025. Check the year."
    assert period_warning(call, date(2025, 9, 1), date(2072, 8, 31)) == late
    assert period_warning(call, date(2072, 8, 31), None) == late
    assert period_warning(call, None, date(2030, 12, 31)) == ""
    assert period_warning(call, None, None) == ""


def test_without_a_closing_the_end_is_compared_with_the_start():
    call = make_call(opens_at=None, closes_at=None)
    assert period_warning(call, date(2025, 9, 1), date(2052, 8, 31)) == (
        "The period reaches to 2052, but it starts in 2025. Check the year."
    )
    assert period_warning(call, None, date(2052, 8, 31)) == ""


@pytest.mark.parametrize(
    ("requested", "amount", "usual"),
    [(None, 6500, "65 000 EUR"), (6500, 6500, "65 000 EUR"), (60000, 6000, "60 000 EUR")],
)
def test_an_amount_that_may_lack_a_zero_is_pointed_out(requested, amount, usual):
    warning = small_amount_warning(amount, requested, 65000, "awarded")
    assert warning.replace("\xa0", " ").endswith(f"is a tenth of {usual} or less.")
    assert warning.startswith("Is a zero missing?")


def test_an_amount_of_zero_is_pointed_out_unless_it_was_paid():
    sentence = "The amount is 0 EUR. Leave it empty if it is not known."
    assert small_amount_warning(0, None, None, "awarded") == sentence
    assert small_amount_warning(0, None, None, "final") == ""


@pytest.mark.parametrize(
    ("amount", "requested", "ceiling", "kind"),
    [
        (None, None, 65000, "not_published"),
        (6501, None, 65000, "awarded"),
        (6500, 7000, 65000, "awarded"),
        (6500, None, None, "awarded"),
        (6500, 60000, 65000, "final"),
        (6500, 60000, 65000, "returned"),
    ],
)
def test_a_usual_amount_has_no_warning(amount, requested, ceiling, kind):
    assert small_amount_warning(amount, requested, ceiling, kind) == ""


def warnings_of(**values):
    call = make_call(**values)
    return [warning.replace("\xa0", " ") for warning in call_warnings(call)]


def test_times_and_money_of_a_call_that_are_probably_mistyped_are_pointed_out():
    opens_at, closes_at = (datetime(year, 2, 1, 11, tzinfo=UTC) for year in [2072, 2074])
    years = "from 1 February 2072, 12:00 CET to 1 February 2074, 12:00 CET"
    assert warnings_of(opens_at=opens_at, closes_at=closes_at) == [
        f"The call is open for more than a year, {years}. Check the year.",
        "The call closes in 2074. Check the year.",
    ]
    assert warnings_of(assessments_due_on=date(2018, 5, 1)) == [
        "The assessments are due before the call closes. Check the year."
    ]
    (ceiling,) = warnings_of(ceiling_eur=650_000, budget_eur=100_000)
    assert ceiling.startswith("The ceiling of one grant, 650 000 EUR, is more than the budget")


def test_a_usual_call_has_no_warning():
    assert warnings_of() == warnings_of(opens_at=None, closes_at=None) == []
    assert warnings_of(ceiling_eur=65000, budget_eur=65000) == []
    years = {"opens_at": datetime(2013, 3, 1, tzinfo=UTC), "closes_precision": "year"}
    assert warnings_of(**years) == []
    assert warnings_of(assessments_due_on=date(2019, 5, 1)) == []
