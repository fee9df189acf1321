"""“Two people decide”: no sequence of actions by one person gives money to a project."""

from collections import defaultdict
from contextlib import suppress
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from projects.decisions.apply import apply_decision, fund_from_reserve, reverse_decision
from projects.decisions.draft import save_draft
from projects.eligibility.award_limits import two_people_error
from projects.models import Agreement, Call, Decision, Project
from projects.models.choices import FUNDED_STATUSES
from projects.post_award.actions import sign_agreement
from projects.workflow.status_changes import change_status
from psf.database.constraints import save_valid
from psf.history import recording
from psf.history.models import ChangeSet, Channel
from psf.history.restore import apply_steps, undo_change_set
from psf.history.states import (
    record_after,
    record_changes,
    record_now,
    steps_between,
    without_publication,
)
from tests.support.accounts import make_account
from tests.support.factories import draft_line, make_call, make_project
from tests.support.state_machines import RecordMachine, run_machine

pytestmark = [pytest.mark.django_db, pytest.mark.hypothesis]

STARTS = ["eligible", "reserve", "funded", "reversed"]
AWARDS = st.sampled_from([Decimal(8), Decimal(9)])
TURNS = st.sampled_from([0, 0, 1])  # one publisher acts more often than the other


class Publishers(RecordMachine):
    """Publishers of a call that two people decide. Each act is by one of them, or is refused.

    `entered` has the awards that each person entered or applied. Two others decided before, in
    some runs.
    """

    @initialize(start=st.sampled_from(STARTS), alone=st.booleans())
    def make_records(self, start, alone):
        self.people = [make_account("Publisher") for _ in range(1 if alone else 2)]
        self.entered = defaultdict(set)
        self.call = make_call(decided_by_two=True, budget_eur=100)
        self.simple_call = make_call()
        for call in [self.call, self.simple_call]:
            Decision.objects.create(call=call, body="Committee")
        self.key = make_project(self.call, status="eligible").pk
        if start != "eligible":
            people, self.people = self.people, [make_account("Publisher") for _ in range(2)]
            self.draft(0, "reserve" if start == "reserve" else "funded", Decimal(9))
            self.apply(1)
            if start == "reversed":
                self.reverse(0)
            self.people = people

    def project(self):
        return Project.objects.select_related("call").get(pk=self.key)

    def act(self, turn, action, award=None, *, decides=False):
        """One act of a person. Without a confirmed award only a decision gives money."""
        person, is_confirmed = self.people[turn % len(self.people)], self.is_confirmed()
        with suppress(ValidationError, PermissionDenied), transaction.atomic():
            action(person)
            self.entered[person.pk].add(award)
        assert decides or is_confirmed or not self.is_confirmed()

    def is_confirmed(self):
        return self.project().confirmed_award() is not None

    # Decisions

    @rule(turn=TURNS, outcome=st.sampled_from(["funded", "reserve"]), award=AWARDS)
    def draft(self, turn, outcome, award):
        project = self.project()
        line = draft_line(project, "reserve", reserve_place=1)
        if outcome == "funded":
            line = draft_line(project, "funded", award)
        self.act(turn, lambda by: save_draft(project.call, [line], by), award)

    @rule(turn=TURNS)
    def apply(self, turn):
        project = self.project()
        line = getattr(project, "decision_line", None)
        award = line.award_eur if line else None
        self.act(turn, lambda by: apply_decision(project.call, by), award, decides=True)

    @rule(turn=TURNS)
    def reverse(self, turn):
        call = self.project().call
        self.act(turn, lambda by: reverse_decision(call, by, "A mistake."))

    @rule(turn=TURNS, award=AWARDS)
    def fund_from_the_reserve_list(self, turn, award):
        project = self.project()
        self.act(
            turn, lambda by: fund_from_reserve(project, award, by, "Ready."), award, decides=True
        )

    # Other ways to a status or an amount

    @rule(turn=TURNS, award=AWARDS, way=st.sampled_from(["status", "form", "announce", "sign"]))
    def give_otherwise(self, turn, award, way):
        project = self.project()
        if way == "status":
            self.act(turn, lambda by: change_status([project], "running", by, "So."))
        elif way == "form":
            project.status, project.amount_eur, project.amount_kind = "funded", award, "awarded"
            self.act(turn, lambda _by: save_valid(project))
        elif way == "announce":
            facts = {"reference": "P-1", "slug": "p-1", "title": "P", "status": "funded"}
            self.act(turn, lambda _by: save_valid(Project(call=self.call, **facts)))
        else:
            self.act(
                turn,
                lambda _by: sign_agreement(
                    Agreement(project=project), number="A-1", amount_eur=award
                ),
            )

    @rule(turn=TURNS)
    def move_to_the_other_call(self, turn):
        project = self.project()
        project.call = self.simple_call if project.call == self.call else self.call
        self.act(turn, lambda _by: save_valid(project))

    # Earlier states

    @rule(turn=TURNS, back=st.integers(0, 2))
    def undo(self, turn, back):
        if change_set := ChangeSet.objects.order_by("-pk")[back : back + 1].first():
            self.act(turn, lambda by: undo_change_set(change_set, by, "A mistake."))

    @rule(turn=TURNS, back=st.integers(0, 2), model=st.sampled_from([Call, Project]))
    def restore(self, turn, back, model):
        key = str(self.call.pk if model is Call else self.key)
        change_sets = ChangeSet.objects.filter(changes__in=record_changes(model, key)).distinct()
        if change_set := change_sets.order_by("-pk")[back : back + 1].first():
            then = record_after(model, key, change_set.pk)
            steps = without_publication(steps_between(record_now(model, key), then))
            self.act(turn, lambda by: restore(steps, by))

    # Rules that hold after each act

    @invariant()
    def two_people_entered_each_award(self):
        for project in Project.objects.filter(call=self.call, status__in=FUNDED_STATUSES):
            line = project.decision_line
            assert line.is_confirmed
            assert line.proposed_by_id != line.confirmed_by_id
            assert line.award_eur in self.entered[line.proposed_by_id]
            assert line.award_eur in self.entered[line.confirmed_by_id]
            assert (project.amount_eur or 0) <= line.award_eur
            for agreement in Agreement.objects.filter(project=project):
                assert agreement.amount_eur <= line.award_eur

    @invariant()
    def a_drafted_call_keeps_its_rule(self):
        if Decision.objects.filter(call=self.call, prepared_by__isnull=False).exists():
            assert two_people_error(self.call, False)


def restore(steps, by):
    with recording.change_set(by, channel=Channel.RESTORE, reason="A mistake."):
        apply_steps(steps)


def test_money_needs_two_people_whatever_the_order_of_acts():
    run_machine(Publishers, runs=9, steps=12)


def test_two_people_can_give_money_and_one_cannot():
    machine = Publishers()
    machine.make_records("eligible", alone=False)
    machine.draft(0, "funded", Decimal(9))
    machine.apply(0)
    assert machine.project().status == "eligible"
    machine.apply(1)
    assert machine.project().status == "funded"
    machine.two_people_entered_each_award()
    machine.teardown()
