"""The committee's decision: the draft, applying it in one action, and the budget of the call."""

import threading
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, strategies as st
from hypothesis.extra.django import TestCase as PropertyTestCase

from projects.decisions.apply import (
    apply_decision,
    correct_reason,
    fund_from_reserve,
    next_on_reserve,
    reverse_decision,
)
from projects.decisions.draft import load_draft, save_draft
from projects.eligibility.award_limits import awarded_total
from projects.models import Call, Decision, DecisionLine, Project
from projects.publication.publish import publish_results, unpublish_results
from projects.workflow.status_changes import change_status, transition_blockers
from psf.database.record_version import lock
from psf.history.models import Change, ChangeSet, Channel
from psf.history.restore import undo_blockers, undo_change_set
from psf.staff import pages
from tests.support.accounts import make_account, save, signed_in, versions_in
from tests.support.factories import (
    LONG_AGO,
    draft_line,
    make_agreement,
    make_call,
    make_consensus,
    make_criterion,
    make_letter,
    make_partner,
    make_partnership,
    make_project,
    make_submitted,
)
from tests.support.refusals import refusal

pytestmark = pytest.mark.django_db

EUR = Decimal


@pytest.fixture
def call():
    return make_call(budget_eur=EUR(100_000), ceiling_eur=EUR(65_000))


def eligible(call, **fields):
    return make_project(call, status="eligible", **fields)


def fund(project, award):
    return draft_line(project, "funded", EUR(award))


def decided_by(call, **fields):
    Decision.objects.update_or_create(call=call, defaults={"body": "Committee", **fields})


def prepare(call, by, *lines):
    save_draft(call, lines, by)
    decided_by(call)


def outcome(project):
    project.refresh_from_db()
    return project.status, project.amount_eur, project.amount_kind


class TestDraft:
    def test_page_shows_the_proposal_and_its_sum(self, anna, call):
        first, second, third, fourth = (eligible(call) for _ in range(4))
        prepare(
            call,
            anna,
            draft_line(third, "reserve", reserve_place=2),
            draft_line(first, "reserve", reserve_place=1),
            fund(second, 60_000),
        )
        draft = load_draft(call)
        assert draft.rows == [second, first, third, fourth]
        assert draft.total() == 60_000
        assert outcome(second) == ("eligible", None, "not_published")

    def test_a_draft_replaces_the_earlier_draft(self, anna, call):
        kept, dropped = eligible(call), eligible(call)
        prepare(call, anna, fund(kept, 1), draft_line(dropped, "rejected", reason=" Too vague. "))
        assert dropped.decision_line.reason == "Too vague."
        assert str(dropped.decision_line).endswith("rejected")
        prepare(call, anna, fund(kept, 2), draft_line(dropped, ""))
        assert DecisionLine.objects.get().award_eur == 2

    def test_every_mistake_is_named_and_nothing_saved(self, anna, call):
        above, without, placeless, twice, again = (eligible(call) for _ in range(5))
        undecided = {
            eligible(call): values
            for values in [{"award_eur": 1}, {"reserve_place": 2}, {"reason": "Typed."}]
        }
        errors = refusal(
            save_draft,
            call,
            [
                fund(above, 65_001),
                draft_line(without, "funded"),
                draft_line(placeless, "reserve"),
                draft_line(twice, "reserve", reserve_place=1),
                draft_line(again, "reserve", reserve_place=1),
                *(draft_line(row, "", **values) for row, values in undecided.items()),
            ],
            anna,
        )
        assert f"{above.reference}: 65 001 EUR is more than" in errors
        assert f"{without.reference}: A funded application needs an award" in errors
        assert f"{placeless.reference}: An application on the reserve list needs a place" in errors
        assert "Two applications have place 1" in errors
        for row in undecided:
            assert f"{row.reference}: Choose an outcome" in errors
        assert not DecisionLine.objects.exists()

    def test_a_place_of_the_applied_reserve_list_is_taken(self, anna, call):
        first, appeal = eligible(call), eligible(call)
        lines = [draft_line(row, "reserve", reserve_place=1) for row in [first, appeal]]
        prepare(call, anna, lines[0], draft_line(appeal, "rejected", reason="Too vague."))
        apply_decision(call, anna)
        Project.objects.filter(pk=appeal.pk).update(status="eligible")
        assert "Two applications have place 1" in refusal(save_draft, call, [lines[1]], anna)

    def test_applications_that_are_no_longer_eligible_are_named(self, anna, call):
        project = make_project(call, status="withdrawn")
        assert "no longer eligible" in refusal(save_draft, call, [fund(project, 1)], anna)


class TestApplying:
    def test_a_decision_gives_every_application_its_outcome(self, anna, call):
        one, two, three = (eligible(call) for _ in range(3))
        prepare(
            call,
            anna,
            fund(one, 65_000),
            draft_line(two, "reserve", reserve_place=1),
            draft_line(three, "rejected", reason="Too vague."),
        )
        assert apply_decision(call, anna) == [one, two, three]
        assert outcome(one) == ("funded", 65_000, "awarded")
        assert outcome(two) == ("reserve", None, "not_published")
        assert outcome(three) == ("rejected", None, "not_published")
        call.decision.refresh_from_db()
        assert (call.decision.applied_by, call.decision.prepared_by) == (anna, anna)
        assert call.decision.applied_at
        change_set = ChangeSet.objects.latest("pk")
        assert (change_set.channel, change_set.reason) == (Channel.DECISION, f"Decision on {call}")

    def test_every_application_is_decided_and_the_body_named(self, anna, call):
        project, other = eligible(call), eligible(call)
        errors = refusal(apply_decision, call, anna)
        assert errors.startswith("No draft is saved yet. ")
        save_draft(call, [fund(other, 1)], anna)
        errors = refusal(apply_decision, call, anna)
        assert f"No outcome yet: {project.reference}." in errors
        assert "Enter the body that decided" in errors
        assert outcome(project)[0] == "eligible"

    def test_the_budget_is_never_exceeded(self, anna, call):
        prepare(call, anna, *(fund(eligible(call), 50_001) for _ in range(2)))
        errors = refusal(apply_decision, call, anna)
        assert "add up to 100 002 EUR. This is 2 EUR more than its budget of 100 000 EUR." in errors

    def test_a_lowered_ceiling_is_respected(self, anna, call):
        prepare(call, anna, fund(eligible(call), 65_000))
        Call.objects.filter(pk=call.pk).update(ceiling_eur=EUR(60_000))
        assert "more than" in refusal(apply_decision, call, anna)

    def test_a_rejection_needs_a_reason_before_it_is_applied(self, anna, call):
        project = eligible(call)
        prepare(call, anna, draft_line(project, "rejected"))
        errors = refusal(apply_decision, call, anna)
        assert errors.startswith(f"Rejected without a reason: {project.reference}.")
        prepare(call, anna, draft_line(project, "rejected", reason="Too vague."))
        assert apply_decision(call, anna) == [project]

    def test_applications_with_criteria_are_assessed_first(self, anna, call):
        make_criterion(call)
        agreed, assessed, waiting = (eligible(call) for _ in range(3))
        prepare(call, anna, *(fund(project, 1) for project in [agreed, assessed, waiting]))
        make_consensus(agreed, anna)
        for project, assessors in [(assessed, 2), (waiting, 1)]:
            for _assessor in range(assessors):
                make_submitted(project, make_account("Assessor"), 3)
        errors = refusal(apply_decision, call, anna)
        assert errors.startswith(f"Not assessed yet: {waiting.reference}.")
        assert assessed.reference not in errors
        assert agreed.reference not in errors

    def test_an_applied_decision_cannot_be_applied_again(self, anna, call):
        prepare(call, anna, fund(eligible(call), 1))
        apply_decision(call, anna)
        assert "waits for a decision" in refusal(apply_decision, call, anna)

    @pytest.mark.parametrize("role", ["Viewer", "Editor"])
    def test_viewers_and_editors_cannot_decide(self, call, role):
        account, project = make_account(role), make_project(call, status="reserve")
        for act in [
            lambda: save_draft(call, [], account),
            lambda: apply_decision(call, account),
            lambda: reverse_decision(call, account, "Why."),
            lambda: fund_from_reserve(project, EUR(1), account, "Why."),
        ]:
            with pytest.raises(PermissionDenied):
                act()

    def test_an_unapplied_decision_cannot_be_published(self, anna, call):
        prepare(call, anna, fund(eligible(call), 1))
        with pytest.raises(ValidationError, match="Apply it first"):
            publish_results(call, LONG_AGO)


class TestReversing:
    def decided(self, call, by):
        funded, rejected = eligible(call), eligible(call)
        prepare(call, by, fund(funded, 5), draft_line(rejected, "rejected", reason="Vague."))
        apply_decision(call, by)
        return funded, rejected

    def test_reversing_restores_all_applications_and_keeps_the_draft(self, anna, call):
        funded, rejected = self.decided(call, anna)
        assert reverse_decision(call, anna, "The minutes say otherwise.") == [funded, rejected]
        assert outcome(funded) == ("eligible", None, "not_published")
        assert outcome(rejected)[0] == "eligible"
        call.decision.refresh_from_db()
        assert (call.decision.applied_at, call.decision.applied_by) == (None, None)
        assert load_draft(call).proposed == 5
        assert ChangeSet.objects.latest("pk").reason == "The minutes say otherwise."
        assert apply_decision(call, anna) == [funded, rejected]

    def test_an_application_withdrawn_after_the_decision_stays_withdrawn(self, anna, call):
        funded, rejected = self.decided(call, anna)
        change_status([rejected], "withdrawn", anna, "The applicant wrote to us.")
        assert reverse_decision(call, anna, "The minutes say otherwise.") == [funded]
        assert outcome(rejected)[0] == "withdrawn"

    def test_a_reversal_needs_a_reason_and_an_applied_decision(self, anna, call):
        assert "Enter the reason" in refusal(reverse_decision, call, anna, " ")
        assert "was applied here" in refusal(reverse_decision, call, anna, "Why.")

    def test_a_started_project_blocks_the_reversal(self, anna, call):
        funded, _rejected = self.decided(call, anna)
        make_agreement(funded)
        change_status([Project.objects.get(pk=funded.pk)], "running", anna)
        assert "back to “funded” first" in refusal(reverse_decision, call, anna, "Why.")

    def test_an_agreement_blocks_the_reversal(self, anna, call):
        funded, _rejected = self.decided(call, anna)
        make_agreement(funded)
        assert "has an agreement" in refusal(reverse_decision, call, anna, "Why.")
        assert outcome(funded)[0] == "funded"

    @pytest.mark.parametrize("moment", [LONG_AGO, datetime(2099, 1, 1, tzinfo=UTC)])
    def test_public_or_scheduled_results_block_the_reversal(self, anna, call, moment):
        funded, _rejected = self.decided(call, anna)
        make_partnership(funded, make_partner(), role="lead")
        publish_results(call, moment)
        assert "are public" in refusal(reverse_decision, call, anna, "Why.")
        Decision.objects.update(published_at=None)
        assert "is public or scheduled. Unpublish" in refusal(reverse_decision, call, anna, "Why.")
        [error] = transition_blockers(Project.objects.get(pk=funded.pk), "withdrawn")
        assert "Unpublish the project first" in error

    def test_a_new_decision_after_a_reversal_uses_the_same_addresses(self, anna, call):
        funded, other = self.decided(call, anna)
        for project in [funded, other]:
            make_partnership(project, make_partner(), role="lead")
        addresses = [
            funded.get_absolute_url(),
            reverse("projects:call-announcement", args=[call.slug]),
            other.get_absolute_url(),
        ]

        def answers():
            return [Client().get(address).status_code for address in addresses]

        publish_results(call, timezone.now())
        assert answers() == [200, 200, 404]
        unpublish_results(call, "The minutes say otherwise.")
        reverse_decision(call, anna, "The minutes say otherwise.")
        assert outcome(funded)[0] == "eligible"
        assert answers() == [410, 410, 404]
        prepare(call, anna, draft_line(funded, "rejected", reason="Vague."), fund(other, 7))
        apply_decision(call, anna)
        assert publish_results(call, timezone.now()) == [other]
        assert answers() == [410, 200, 200]
        unpublish_results(call, "Wrong again.")
        reverse_decision(call, anna, "Wrong again.")
        prepare(call, anna, fund(funded, 5), draft_line(other, "rejected", reason="Vague."))
        apply_decision(call, anna)
        assert publish_results(call, timezone.now()) == [funded]
        assert answers() == [200, 200, 410]
        past = [row.reason for row in ChangeSet.objects.filter(reason__contains="rong again")]
        assert "Wrong again." in past


class TestCorrectingAReason:
    def test_a_reason_is_corrected_with_a_reason_of_its_own(self, anna, call):
        project = eligible(call)
        prepare(call, anna, draft_line(project, "rejected", reason="Vague."))
        assert "has no decision to correct" in refusal(
            correct_reason, project, "Late.", anna, "Mixed up."
        )
        apply_decision(call, anna)
        letter = make_letter(project, kind="rejection")
        url = reverse("admin:projects_call_correct_reason", args=[call.pk])
        client = signed_in(anna)
        data = {"project": project.pk, "text": "Too late.", "reason": "Mixed up."}
        versions = {"version": versions_in(client.get(url))}
        assert client.post(url, versions | data).status_code == 302
        assert DecisionLine.objects.get().reason == "Too late."
        change_set = ChangeSet.objects.latest("pk")
        assert (change_set.channel, change_set.reason) == (Channel.DECISION, "Mixed up.")
        letter.refresh_from_db()
        assert letter.cancelled_why == "The reason of the decision was corrected."
        assert "Enter the corrected" in refusal(correct_reason, project, "Late.", anna, " ")
        with pytest.raises(PermissionDenied):
            correct_reason(project, "Late.", make_account("Editor"), "Why.")


class TestReserve:
    @pytest.fixture
    def reserve(self, anna, call):
        first, second, funded = (eligible(call) for _ in range(3))
        prepare(
            call,
            anna,
            draft_line(first, "reserve", reserve_place=1),
            draft_line(second, "reserve", reserve_place=2),
            fund(funded, 60_000),
        )
        apply_decision(call, anna)
        return first, second, funded

    def test_the_first_moves_up_when_an_award_falls_away(self, anna, call, reserve):
        first, _second, funded = reserve
        assert next_on_reserve(call) == first
        assert "its budget of" in refusal(fund_from_reserve, first, EUR(50_000), anna, "")
        assert outcome(first)[0] == "reserve"
        change_status([Project.objects.get(pk=funded.pk)], "withdrawn", anna, "No staff.")
        assert awarded_total(call) == 0
        fund_from_reserve(first, EUR(50_000), anna, "")
        assert outcome(first) == ("funded", 50_000, "awarded")
        assert DecisionLine.objects.get(project=first).award_eur == 50_000

    def test_passing_over_the_first_needs_a_reason(self, anna, reserve):
        first, second, _funded = reserve
        errors = refusal(fund_from_reserve, second, EUR(1), anna, "")
        assert f"{first.reference} comes first" in errors
        fund_from_reserve(second, EUR(1), anna, " The first cannot begin this year. ")
        assert outcome(second)[0] == "funded"
        assert ChangeSet.objects.latest("pk").reason == "The first cannot begin this year."

    def test_only_from_the_list_and_under_the_ceiling(self, anna, call, reserve):
        first, _second, funded = reserve
        assert "not on the reserve list" in refusal(fund_from_reserve, funded, EUR(1), anna, "")
        Call.objects.update(budget_eur=None)
        assert "more than" in refusal(fund_from_reserve, first, EUR(65_001), anna, "")
        assert next_on_reserve(make_call()) is None


class TestSum:
    def test_no_form_exceeds_the_budget(self, anna):
        call = make_call(budget_eur=EUR(10))
        make_project(call, status="funded", amount_eur=EUR(6), amount_kind="awarded")
        project = make_project(call, status="funded")
        url = reverse("admin:projects_project_change", args=[project.pk])
        client = signed_in(anna)
        response = save(client, url, amount_eur="5", amount_kind="awarded")
        assert response.status_code == 200
        assert "more than its budget" in response.content.decode()
        assert outcome(project)[1] is None
        assert save(client, url, amount_eur="4", amount_kind="awarded").status_code == 302

    def test_a_budget_cannot_be_below_the_awards(self, anna):
        call = make_call(budget_eur=EUR(10))
        make_project(call, status="funded", amount_eur=EUR(6), amount_kind="awarded")
        url = reverse("admin:projects_call_change", args=[call.pk])
        response = save(signed_in(anna), url, budget_eur="5")
        assert "more than its budget" in response.content.decode()


class AnyDecision(PropertyTestCase):
    @given(st.lists(st.integers(0, 400), max_size=6), st.integers(0, 900))
    def test_it_is_applied_exactly_when_the_budget_holds_it(self, awards, budget):
        by = make_account("Publisher")
        call = make_call(budget_eur=EUR(budget), ceiling_eur=EUR(300))
        projects = [eligible(call) for _ in awards]
        decided_by(call)
        possible = bool(awards) and max(awards) <= 300 and sum(awards) <= budget
        try:
            save_draft(call, [fund(*pair) for pair in zip(projects, awards, strict=True)], by)
            apply_decision(call, by)
        except ValidationError:
            assert not possible
            assert awarded_total(call) == 0
        else:
            assert possible
            assert awarded_total(call) == sum(awards)


class TestPages:
    def url(self, call, page="decision"):
        return reverse(f"admin:projects_call_{page}", args=[call.pk])

    def post(self, client, url, data):
        return client.post(url, {"version": versions_in(client.get(url))} | data)

    def test_a_draft_saved_while_another_waits_for_its_turn_stays(
        self, anna, ben, call, monkeypatch
    ):
        client, project = signed_in(anna), eligible(call)

        def wait(rows):
            monkeypatch.undo()
            save_draft(call, [fund(project, 9)], ben)
            return lock(rows)

        monkeypatch.setattr(pages, "lock", wait)
        data = {f"{project.pk}-outcome": "rejected"}
        response = self.post(client, self.url(call), data)
        assert "the records have changed" in response.content.decode()
        assert not DecisionLine.objects.filter(proposed_by=anna).exists()

    def test_two_people_who_draft_at_the_same_time_lose_no_line(self, anna, call):
        client, (one, two, both) = signed_in(anna), [eligible(call) for _ in range(3)]
        opened = {"version": versions_in(client.get(self.url(call)))}
        mine = {f"{row.pk}-outcome": "rejected" for row in [two, both]}
        theirs = {f"{row.pk}-outcome": "funded" for row in [one, both]}
        theirs |= {f"{row.pk}-award_eur": "50000" for row in [one, both]}
        assert client.post(self.url(call), opened | theirs).status_code == 302
        wrong = {f"{two.pk}-outcome": "rejected", f"{two.pk}-reason": "x" * 1001}
        response = client.post(self.url(call), opened | mine | wrong)
        assert "at most 1000 characters" in response.content.decode()
        response = client.post(self.url(call), {"version": versions_in(response)} | mine)
        page = response.content.decode()
        assert "the records have changed" in page
        assert f"{both.reference} is saved as: funded, 50\xa0000\xa0EUR." in page
        assert f"{one.reference} is saved as" not in page
        shown = {
            field.html_name: field.value() or ""
            for line in response.context["form"].lines
            for field in line
        }
        again = {"version": versions_in(response)} | shown
        assert client.post(self.url(call), again).status_code == 302
        lines = DecisionLine.objects.order_by("project")
        assert list(lines.values_list("outcome", flat=True)) == ["funded", "rejected", "rejected"]

    def test_the_draft_of_an_applied_decision_cannot_be_undone(self, anna, call):
        one, two = eligible(call), eligible(call)
        lines = [fund(one, 5), draft_line(two, "reserve", reserve_place=1)]
        decided_by(call)
        save_draft(call, lines, anna)
        first = ChangeSet.objects.latest("pk")
        save_draft(call, [*lines[:1], draft_line(two, "rejected", reason="Vague.")], anna)
        second = ChangeSet.objects.latest("pk")
        assert undo_blockers(second) == []
        save_draft(call, lines, anna)
        third = ChangeSet.objects.latest("pk")
        apply_decision(call, anna)
        applied = ChangeSet.objects.latest("pk")
        for draft in [first, second, third]:
            (blocker,) = undo_blockers(draft)
            assert "part of a decision that was applied" in blocker.sentence
            assert blocker.url == self.url(call)
        fund_from_reserve(two, EUR(5), anna, "")
        for decision in [ChangeSet.objects.latest("pk"), applied]:
            undo_change_set(decision, anna, "A mistake.")
        assert [outcome(row)[0] for row in [one, two]] == ["eligible", "eligible"]
        assert undo_blockers(third) == []

    def test_a_decision_whose_results_are_public_cannot_be_undone(self, anna, call):
        prepare(call, anna, draft_line(eligible(call), "rejected", reason="Vague."))
        apply_decision(call, anna)
        applied = ChangeSet.objects.latest("pk")
        Decision.objects.update(published_at=timezone.now())
        assert "The results are public" in refusal(undo_change_set, applied, anna, "A mistake.")
        Decision.objects.update(published_at=None)
        undo_change_set(applied, anna, "A mistake.")

    def test_from_the_draft_to_the_decision_and_back(self, anna, call):
        client, project, other = signed_in(anna), eligible(call), eligible(call)
        change = client.get(reverse("admin:projects_call_change", args=[call.pk]))
        assert self.url(call) in change.content.decode()
        lines = {
            f"{project.pk}-outcome": "funded",
            f"{project.pk}-award_eur": "60000",
            f"{other.pk}-outcome": "reserve",
            f"{other.pk}-reserve_place": "1",
        }
        assert self.post(client, self.url(call), lines).status_code == 302
        page = client.get(self.url(call)).content.decode().replace("\N{NO-BREAK SPACE}", " ")
        assert "Free <b>40 000</b>" in page
        assert "Enter the body that decided" in page
        decided_by(call)
        assert "Apply the decision…" in client.get(self.url(call)).content.decode()
        assert self.post(client, self.url(call, "apply_decision"), {}).status_code == 302
        assert outcome(project)[0] == "funded"
        page = client.get(self.url(call)).content.decode()
        assert "place 1" in page
        response = self.post(
            client,
            self.url(call, "fund_from_reserve"),
            {"project": other.pk, "award_eur": "40000.01"},
        )
        assert "more than its budget" in response.content.decode()
        moved = {"project": other.pk, "award_eur": "40000"}
        assert self.post(client, self.url(call, "fund_from_reserve"), moved).status_code == 302
        assert outcome(other) == ("funded", 40_000, "awarded")
        reverse_url = self.url(call, "reverse_decision")
        Decision.objects.update(published_at=timezone.now())
        page = client.get(reverse_url).content.decode()
        assert "Unpublish the results first." in page
        assert 'Reverse decision" class' not in page
        Decision.objects.update(published_at=None)
        assert 'Reverse decision" class' in client.get(reverse_url).content.decode()
        assert self.post(client, reverse_url, {"reason": ""}).status_code == 200
        assert self.post(client, reverse_url, {"reason": "A mistake."}).status_code == 302
        assert outcome(other)[0] == "eligible"

    def test_an_award_above_the_requested_amount_gives_a_warning(self, anna, call):
        client = signed_in(anna)
        project, exact, other = (eligible(call, requested_eur=EUR(40_000)) for _ in range(3))
        reserve = draft_line(other, "reserve", reserve_place=1)
        prepare(call, anna, fund(project, "40000.50"), fund(exact, 40_000), reserve)
        for page in ["decision", "apply_decision"]:
            html = client.get(self.url(call, page)).content.decode()
            html = html.replace("\N{NO-BREAK SPACE}", " ")
            warning = "The award of 40 000.50 EUR is more than the requested 40 000 EUR."
            assert f"<li>{project.reference}: {warning}</li>" in html
            assert html.count("more than the requested") == 1
        Call.objects.update(budget_eur=None)
        apply_decision(Call.objects.get(), anna)
        url = self.url(call, "fund_from_reserve")
        html = client.get(url).content.decode().replace("\N{NO-BREAK SPACE}", " ")
        assert f">{other.reference} · {other.title}</option>" in html
        assert f"{other.reference} · {other.title} · place 1 · 40 000 EUR requested" in html
        moved = {"project": other.pk, "award_eur": "50000"}
        page = client.post(url, {"version": versions_in(client.get(url))} | moved, follow=True)
        message = f"{other.reference} is funded. The award of 50 000 EUR is more than"
        assert message in page.content.decode().replace("\N{NO-BREAK SPACE}", " ")

    def test_the_outcomes_have_an_order_and_lead_to_letters_and_publication(self, anna, call):
        rejected, second, first, funded = (eligible(call) for _ in range(4))
        lines = [draft_line(rejected, "rejected", reason="Vague."), fund(funded, 1)]
        places = [draft_line(first, "reserve", reserve_place=1)]
        prepare(call, anna, *lines, *places, draft_line(second, "reserve", reserve_place=2))
        apply_decision(call, anna)
        response = signed_in(anna).get(self.url(call))
        assert response.context["decided"] == [funded, first, second, rejected]
        next_step = f'<a href="{self.url(call, "outbox")}">create the letters</a>'
        assert next_step in response.content.decode()
        Decision.objects.update(published_at=timezone.now())
        assert next_step not in signed_in(anna).get(self.url(call)).content.decode()

    def test_mistakes_get_a_sentence_and_typed_values_stay(self, anna, call):
        client, project = signed_in(anna), eligible(call)
        lines = {f"{project.pk}-outcome": "funded", f"{project.pk}-award_eur": "70000"}
        page = self.post(client, self.url(call), lines).content.decode()
        assert "is more than" in page.replace("\N{NO-BREAK SPACE}", " ")
        assert 'value="70\N{NO-BREAK SPACE}000"' in page
        lines[f"{project.pk}-award_eur"] = "many"
        assert "Nothing was saved" in self.post(client, self.url(call), lines).content.decode()
        page = self.post(client, self.url(call, "apply_decision"), {}).content.decode()
        assert "No draft is saved yet" in page
        page = self.post(client, self.url(call, "reverse_decision"), {"reason": "No."})
        assert "was applied here" in page.content.decode()

    def test_page_says_that_no_application_is_to_be_decided(self, anna, call):
        page = signed_in(anna).get(self.url(call)).content.decode()
        assert "No application of this call is waiting" in page


def at_once(*acts):
    """Run these at the same moment; gives the refusal of each, "" for one that was done."""
    start, refused = threading.Barrier(len(acts)), [""] * len(acts)

    def run(place, act):
        start.wait()
        try:
            act()
        except ValidationError as error:
            refused[place] = " ".join(error.messages)
        connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


@pytest.mark.django_db(transaction=True)
def test_two_who_give_the_last_money_never_exceed_the_budget():
    """Each round two people fund another application of the reserve list with all that is left."""
    people = [make_account("superuser") for _ in range(2)]
    call = make_call(budget_eur=EUR(50))
    for _round in range(10):
        pair = [make_project(call, status="reserve") for _ in range(2)]
        at_once(
            *(
                partial(fund_from_reserve, project, EUR(50), by, "It is ready.")
                for project, by in zip(pair, people, strict=True)
            )
        )
        assert awarded_total(call) == 50
        with transaction.atomic():
            call.projects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_a_decision_that_two_apply_at_once_is_applied_once():
    people = [make_account("superuser") for _ in range(2)]
    call = make_call(budget_eur=EUR(100))
    for _round in range(5):
        funded, rejected = eligible(call), eligible(call)
        prepare(
            call, people[0], fund(funded, 100), draft_line(rejected, "rejected", reason="Vague.")
        )
        refused = at_once(*(partial(apply_decision, call, by) for by in people))

        assert sorted(map(bool, refused)) == [False, True]
        assert any("waits for a decision" in sentence for sentence in refused)
        assert awarded_total(call) == 100
        for project in [funded, rejected]:
            steps_taken = Change.objects.filter(
                kind="projects.project", key=project.pk, action="~", after__has_key="status"
            )
            assert steps_taken.count() == 1
        with transaction.atomic():
            call.projects.all().delete()
