"""Amounts that contradict the call, its budget or its decision, and restored records."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from projects.eligibility.award_limits import ceiling_error, check_call, two_people_error
from projects.models import Decision
from tests.support.accounts import make_account
from tests.support.factories import make_call, make_decision_line, make_project, make_public_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def call():
    """A call with one award of 60 EUR."""
    call = make_call(ceiling_eur=60, budget_eur=60)
    make_public_project(call=call, amount_eur=60, amount_kind="awarded")
    return call


def test_a_ceiling_is_at_least_the_highest_amount_of_a_project(call):
    make_project(call)
    assert ceiling_error(call, Decimal(60)) == ""
    assert ceiling_error(call, None) == ""
    assert ceiling_error(call, Decimal(59)).endswith("The ceiling cannot be lower.")
    assert ceiling_error(make_call(), Decimal(59)) == ""


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("ceiling_eur", 59, "The ceiling cannot be lower"),
        ("budget_eur", 59, "more than its budget"),
        ("decided_by_two", True, "funded without a second person"),
    ],
)
def test_a_restored_call_keeps_to_its_projects(call, field, value, sentence):
    check_call(call)
    setattr(call, field, value)
    with pytest.raises(ValidationError, match=sentence):
        check_call(call)


def test_confirmed_awards_allow_two_people_to_decide(call):
    anna, ben = (make_account("Publisher") for _ in range(2))
    people = {"proposed_by": anna, "confirmed_by": ben, "is_confirmed": True}
    make_decision_line(call.projects.get(), **people)
    assert two_people_error(call, True) == ""
    Decision.objects.create(call=call, decided_by_two=True)
    assert two_people_error(call, True) == ""
    assert "cannot change" in two_people_error(call, False)
