"""A decision on one call depends on no other call, and leaves every other call as it is."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from projects.decisions.apply import (
    apply_decision,
    correct_reason,
    fund_from_reserve,
    reverse_decision,
)
from projects.decisions.blockers import decision_blockers
from projects.decisions.committee_paper import frozen_decision
from projects.decisions.draft import save_draft
from projects.models import Call, Decision, Letter, Project
from tests.support.accounts import make_account
from tests.support.factories import draft_line, make_call, make_letter, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def drafted(anna):
    """Two calls with one eligible application each. The second award exceeds the first budget."""
    calls = [make_call(budget_eur=100_000), make_call()]
    for call, award in zip(calls, [60_000, 900_000], strict=True):
        project = make_project(call, status="eligible")
        save_draft(call, [draft_line(project, "funded", award)], anna)
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

    apply_decision(first, anna)
    assert state_of(first)[3] == ["funded"]
    assert state_of(first)[0] > version
    assert state_of(second) == before

    apply_decision(second, anna)
    before, version = state_of(second), state_of(first)[0]
    reverse_decision(first, anna, "The minutes say otherwise.")
    assert state_of(first)[1:] == (None, None, ["eligible"])
    assert state_of(first)[0] > version
    assert state_of(second) == before


def test_an_applied_award_counts_once_in_the_next_decision(anna, drafted):
    first, _second = drafted
    apply_decision(first, anna)
    project = make_project(first, status="eligible")
    save_draft(first, [draft_line(project, "funded", 40_001)], anna)
    with pytest.raises(ValidationError, match="more than its budget"):
        apply_decision(first, anna)
    save_draft(first, [draft_line(project, "funded", 40_000)], anna)

    assert apply_decision(first, anna) == [project]


def test_the_evidence_of_a_decision_names_no_application_of_another_call(anna, drafted):
    first, second = drafted
    apply_decision(second, anna)
    apply_decision(first, anna)

    lines = frozen_decision(first)["lines"]
    assert [line[0] for line in lines] == [first.projects.get().reference]


def test_the_reserve_list_keeps_to_the_budget_of_its_own_call(anna):
    make_call(budget_eur=1, ceiling_eur=1)
    call = make_call(budget_eur=100)
    make_call(budget_eur=1, ceiling_eur=1)
    project = make_project(call, status="eligible")
    save_draft(call, [draft_line(project, "reserve", reserve_place=1)], anna)
    Decision.objects.update(body="Committee")
    apply_decision(call, anna)

    assert fund_from_reserve(project, Decimal(100), anna, "")


def test_a_draft_of_another_call_does_not_make_its_author_the_first_person(anna):
    ben, call, other = make_account("Publisher"), make_call(decided_by_two=True), make_call()
    for by, owner in [(anna, call), (ben, other)]:
        project = make_project(owner, status="eligible")
        save_draft(owner, [draft_line(project, "funded", 5)], by)
    Decision.objects.update(body="Committee")

    assert decision_blockers(call, ben) == []


def test_correcting_a_reason_cancels_no_letter_to_another_applicant(anna):
    call = make_call()
    rejected, other = (make_project(call, status="eligible") for _ in range(2))
    lines = [draft_line(project, "rejected", reason="Vague.") for project in [rejected, other]]
    save_draft(call, lines, anna)
    Decision.objects.update(body="Committee")
    apply_decision(call, anna)
    letters = [make_letter(project, kind="rejection") for project in [rejected, other]]
    correct_reason(rejected, "Late.", anna, "Mixed up.")

    assert list(Letter.objects.waiting()) == letters[1:]
