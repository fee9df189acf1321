"""A decision on one call leaves every other call as it is."""

import pytest

from projects import decisions
from projects.decisions import DraftLine
from projects.models import Call, Decision, Project
from tests.support.accounts import make_account
from tests.support.factories import make_call, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return make_account("Publisher")


@pytest.fixture
def drafted(anna):
    """Two calls with one eligible application each. The second award exceeds the first budget."""
    calls = [make_call(budget_eur=100_000), make_call()]
    for call, award in zip(calls, [60_000, 900_000], strict=True):
        project = make_project(call, status="eligible")
        decisions.save_draft(call, [DraftLine(project, "funded", award)], anna)
        Decision.objects.update_or_create(call=call, defaults={"body": "Committee"})
    return calls


def state_of(call):
    call = Call.objects.get(pk=call.pk)
    statuses = list(Project.objects.filter(call=call).values_list("status", flat=True))
    return call.version, call.decision.applied_at, call.decision.applied_by, statuses


def test_applying_and_reversing_change_one_call(anna, drafted):
    first, second = drafted
    before = state_of(second)
    version = state_of(first)[0]

    decisions.apply(first, anna)
    assert state_of(first)[3] == ["funded"]
    assert state_of(first)[0] > version
    assert state_of(second) == before

    decisions.apply(second, anna)
    before, version = state_of(second), state_of(first)[0]
    decisions.reverse(first, anna, "The minutes say otherwise.")
    assert state_of(first)[1:] == (None, None, ["eligible"])
    assert state_of(first)[0] > version
    assert state_of(second) == before


def test_an_applied_award_counts_once_in_the_next_decision(anna, drafted):
    first, _second = drafted
    decisions.apply(first, anna)
    project = make_project(first, status="eligible")
    decisions.save_draft(first, [DraftLine(project, "funded", 40_000)], anna)

    assert decisions.apply(first, anna) == [project]
