"""The actions after an award: their conditions and effects."""

from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, strategies as st
from hypothesis.extra.django import TestCase

from projects.models import (
    Agreement,
    Amendment,
    Call,
    Instalment,
    Partnership,
    Project,
    Repayment,
    Report,
)
from projects.post_award import actions
from projects.post_award.actions import (
    approval_day,
    approve_report,
    award_blockers,
    close_account,
    create_standard_instalments,
    delete_instalment,
    delete_report,
    receive_report,
    record_amendment,
    record_payment,
    shares_of,
)
from projects.post_award.payment_limits import (
    account_of,
    agreement_of,
    amount_errors,
    check_account,
)
from psf.history import recording
from psf.history.models import Channel
from psf.history.restore import apply_steps, undo_change_set
from psf.history.states import Step
from psf.text.dates import Precision, describe
from tests.support.factories import (
    make_agreement,
    make_amendment,
    make_call,
    make_decision_line,
    make_document,
    make_instalment,
    make_partner,
    make_partnership,
    make_project,
    make_public_project,
    make_repayment,
    make_report,
)

pytestmark = pytest.mark.django_db
DAY = date(2019, 10, 1)
LATER = date(2020, 10, 1)


def funded(**fields):
    values = {"status": "funded", "amount_eur": 65000, "amount_kind": "awarded"}
    return make_project(**values | fields)


def signed(**fields):
    project = funded()
    make_agreement(project, **fields)
    return project


def sign(project, amount=60000, **fields):
    values = {"number": "A-1", "lead_signed_on": DAY, "we_signed_on": DAY}
    agreement = agreement_of(project) or Agreement(project=project)
    actions.sign_agreement(agreement, amount_eur=Decimal(amount), **values | fields)
    return agreement


def plan_instalment(project, instalment=None, **fields):
    return actions.plan_instalment(instalment or Instalment(project=project), **fields)


def plan_report(project, report=None, **fields):
    report = report or Report(project=project)
    actions.plan_report(report, **fields)
    return report


def record_repayment(project, day, amount, why):
    actions.record_repayment(Repayment(project=project), day=day, amount_eur=amount, why=why)


@contextmanager
def refuses(text):
    with pytest.raises(ValidationError) as refusal:
        yield
    assert text in " ".join(refusal.value.messages).replace("\N{NO-BREAK SPACE}", " ")


class TestAgreement:
    def test_an_agreement_is_recorded_first_and_signed_later(self):
        project = funded()
        agreement = sign(project, lead_signed_on=None, we_signed_on=None)
        assert not agreement.signed_on()
        sign(project, 61000, we_signed_on=None)
        agreement = sign(project, 61000)
        assert agreement.signed_on()
        assert str(agreement) == "A-1"
        assert account_of(project).contracted == 61000

    def test_only_a_funded_project_has_an_agreement(self):
        with refuses("Only funded projects"):
            sign(make_project(status="reserve"))

    def test_an_agreement_is_at_most_the_amount_of_the_project(self):
        for kind in ["ceiling", "awarded"]:
            with refuses("more than the amount of the project"):
                sign(funded(amount_kind=kind), 65001)
        sign(funded(), 65000)
        call = make_call(ceiling_eur=65000)
        with refuses("for one project"):
            sign(make_project(call, status="funded"), 65001)

    def test_only_an_amendment_changes_a_signed_amount(self):
        project = signed()
        with refuses("by an amendment"):
            sign(project, 1000)

    def test_an_agreement_covers_the_instalments(self):
        project = funded()
        sign(project, we_signed_on=None)
        create_standard_instalments(project, [50, 30, 20])
        with refuses("The instalments (60 000"):
            sign(project, 59999)
        assert account_of(project).contracted == 60000

    def test_a_closed_account_cannot_change(self):
        project = signed(closed_on=DAY)
        instalment = make_instalment(project)
        for act in [
            lambda: sign(project),
            lambda: create_standard_instalments(project, [50, 30, 20]),
            lambda: delete_instalment(instalment),
            lambda: record_repayment(project, DAY, Decimal(1), "x"),
            lambda: close_account(project, Decimal(0), DAY),
        ]:
            with refuses("The account is closed"):
                act()


def test_a_later_repayment_follows_the_undone_closing():
    project = signed(amount_eur=Decimal(60000))
    make_instalment(project, amount_eur=60000, paid_eur=60000, paid_on=DAY, condition_waived="x")
    with recording.change_set(None, channel=Channel.AWARD) as closing:
        close_account(project, Decimal(60000), DAY)
    project.refresh_from_db()
    project.amount_eur = Decimal(59000)
    (sentence,) = amount_errors(project)
    assert "must equal payments minus repayments: 60\N{NO-BREAK SPACE}000" in sentence
    project.amount_eur, project.amount_kind = Decimal(60000), "awarded"
    assert amount_errors(project) == [sentence]
    undo_change_set(closing, None, "Audit")
    record_repayment(project, LATER, Decimal(1000), "Audit")
    close_account(project, Decimal(59000), LATER)
    assert (project.amount_eur, project.amount_kind) == (59000, "final")
    assert amount_errors(project) == []


def planned(project, **fields):
    return make_instalment(project, condition_waived="x", **fields)


def repaid(project, amount, day=LATER):
    record_repayment(project, day, Decimal(amount), "Audit")


BEFORE_PAYMENT = "Both sides must have signed the agreement before a payment."


@pytest.mark.parametrize(
    ("agreement", "payment", "act", "sentence"),
    [
        (
            {},
            {"paid_eur": 5, "paid_on": LATER},
            lambda one: repaid(one, 1, DAY),
            "first payment, 1",
        ),
        ({}, {"paid_eur": 5, "paid_on": DAY}, lambda one: repaid(one, "5.01"), "more than the pay"),
        (
            {},
            {"paid_eur": 5, "paid_on": LATER},
            lambda one: sign(one, we_signed_on=None),
            "before a",
        ),
        (
            {},
            {"paid_eur": 5, "paid_on": LATER},
            lambda one: sign(one, we_signed_on=LATER + timedelta(days=1)),
            "The payment is before the last signature, 2 October 2020.",
        ),
        ({"we_signed_on": None}, {}, lambda one: pay(one), BEFORE_PAYMENT),
        ({"we_signed_on": LATER}, {}, lambda one: pay(one), "before the last signature, 1 October"),
    ],
)
def test_signatures_payments_and_repayments_are_in_order(agreement, payment, act, sentence):
    project = signed(**agreement)
    planned(project, **payment)
    with refuses(sentence):
        act(project)


def pay(project):
    record_payment(project.instalments.get(), DAY, Decimal(1), DAY)


def test_a_funded_project_keeps_what_its_agreement_needs():
    with refuses("Record the agreement first"):
        create_standard_instalments(funded(), [50, 30, 20])
    project = signed(amount_eur=Decimal(60000))
    project.amount_eur = Decimal(59999)
    with refuses("The agreement is for 60 000 EUR, which is more than"):
        check_account(project)
    project.amount_kind = "not_published"
    check_account(project)
    Project.objects.update(status="running")
    with refuses("Both sides must have signed the agreement."):
        sign(project, we_signed_on=None)


class TestInstalments:
    def test_standard_instalments_are_created(self):
        project = signed(amount_eur=Decimal("100.01"))
        rows = create_standard_instalments(project, [50, 50, 0])
        assert [(str(row), row.amount_eur) for row in rows] == [
            ("1. on signature", Decimal(50)),
            ("2. on the interim report", Decimal(50)),
            ("3. on the final report", Decimal("0.01")),
        ]
        with refuses("has instalments already"):
            create_standard_instalments(project, [50, 30, 20])

    def test_a_report_with_a_due_day_is_expected(self):
        project = signed()
        create_standard_instalments(project, [50, 30, 20], {"interim": None, "final": DAY})
        assert [(row.kind, row.due_on) for row in project.reports.all()] == [("final", DAY)]

    @pytest.mark.parametrize(
        ("percents", "expected"),
        [
            (
                [50, 30, 20],
                ["on signature; Consent.", "on the interim report", "on the final report; Audit."],
            ),
            ([0, 100, 0], ["on the interim report; Consent.; Audit."]),
        ],
    )
    def test_payments_wait_for_the_conditions_of_the_award(self, percents, expected):
        project = signed(amount_eur=Decimal(100))
        conditions = {"condition_signature": "Consent.", "condition_final": "Audit."}
        make_decision_line(project, outcome="funded", award_eur=100, **conditions)
        rows = create_standard_instalments(project, percents)
        assert [row.condition for row in rows] == expected

    @pytest.mark.parametrize("percents", [[50, 30, 19], [110, -20, 10], [50, 50], [100, 0, 0, 0]])
    def test_the_shares_must_add_up_to_100_per_cent(self, percents):
        with refuses("100 per cent"):
            create_standard_instalments(signed(), percents)

    def test_an_instalment_is_added_changed_and_removed(self):
        project = signed()
        first = plan_instalment(project, condition="at once", amount_eur=Decimal(10000))
        second = plan_instalment(project, condition="later", amount_eur=Decimal(50000))
        assert (first.position, second.position) == (1, 2)
        plan_instalment(
            project, condition="soon", amount_eur=Decimal(1), due_on=DAY, instalment=first
        )
        assert str(Instalment.objects.get(pk=first.pk)) == "1. soon"
        delete_instalment(first)
        assert list(project.instalments.all()) == [second]

    def test_a_payment_needs_its_condition_or_a_reason(self):
        row = plan_instalment(
            signed(), condition="report", amount_eur=Decimal(9), report_kind="interim"
        )
        with refuses("The interim report is not approved"):
            record_payment(row, DAY, Decimal(9), DAY)
        report = Report.objects.create(
            project=row.project, kind="interim", received_on=DAY, approved_on=DAY
        )
        with refuses("The condition was met after the payment"):
            record_payment(row, DAY - timedelta(days=1), Decimal(9))
        report.delete()
        record_payment(row, DAY, Decimal(9), DAY, " The auditor agreed. ")
        row.refresh_from_db()
        assert (row.condition_met_on, row.condition_waived) == (None, "The auditor agreed.")

    def test_the_first_approved_report_is_the_condition(self):
        _first, row, _last = create_standard_instalments(signed(), [50, 30, 20])
        for approved_on in [None, LATER, DAY]:
            make_report(row.project, received_on=DAY, approved_on=approved_on)
        record_payment(row, DAY, row.amount_eur)
        row.refresh_from_db()
        assert row.condition_met_on == DAY
        free = make_instalment(signed())
        with refuses("Enter the day on which the condition was met"):
            record_payment(free, DAY, Decimal(1))

    def test_each_interim_instalment_needs_one_more_approved_report(self):
        project = signed()
        first, second, final, rest = (
            plan_instalment(project, condition="x", amount_eur=Decimal(9), report_kind=kind)
            for kind in ["interim", "interim", "final", "final"]
        )
        for kind, approved_on in [("interim", DAY), ("final", DAY), ("interim", None)]:
            make_report(project, kind=kind, received_on=DAY, approved_on=approved_on)
        with refuses("The interim report 2 is not approved."):
            record_payment(second, LATER, Decimal(9))
        for row in [final, rest, first]:
            record_payment(row, LATER, Decimal(9))
        approve_report(project.reports.get(approved_on=None), LATER)
        assert approval_day(second) == LATER
        record_payment(second, LATER, Decimal(9))

    def test_the_report_of_a_payment_stays_approved(self):
        project = signed()
        first, second = (
            plan_instalment(project, condition="x", amount_eur=Decimal(9), report_kind="interim")
            for _number in range(2)
        )
        reports = [make_report(project, received_on=DAY) for _number in range(3)]
        approvals = []
        for report, day in zip(reports, [DAY, LATER, LATER], strict=True):
            with recording.change_set(None, channel=Channel.AWARD) as approval:
                approve_report(report, day)
            approvals.append(approval)
        with recording.change_set(None, channel=Channel.AWARD) as payment:
            record_payment(first, LATER, Decimal(9))
        with refuses("“1. x” was paid on the approval of the interim report, so this approval"):
            undo_change_set(approvals[0], None, "A mistake.")
        record_payment(second, LATER, Decimal(9))
        undo_change_set(approvals[2], None, "The third is not needed.")
        with refuses("the approval of the interim report 2, so"):
            undo_change_set(approvals[1], None, "A mistake.")
        undo_change_set(payment, None, "Not paid.")
        with refuses("the approval of the interim report 2, so"):
            undo_change_set(approvals[0], None, "A mistake.")
        assert project.reports.filter(approved_on__isnull=False).count() == 2

    def test_the_agreement_of_a_decided_running_project_stays(self):
        project = funded()
        make_decision_line(project)
        with recording.change_set(None, channel=Channel.AWARD) as agreement:
            sign(project)
        Project.objects.update(status="running")
        with refuses("Both sides must have signed the agreement."):
            undo_change_set(agreement, None, "A mistake.")
        Project.objects.update(status="funded")
        undo_change_set(agreement, None, "A mistake.")

    def test_amounts_of_0_eur_are_refused(self):
        project, zero = signed(), Decimal(0)
        row = make_instalment(project)
        for act in [
            lambda: sign(funded(), 0, number="A-2"),
            lambda: plan_instalment(project, condition="x", amount_eur=zero),
            lambda: record_payment(row, DAY, zero, DAY),
            lambda: record_repayment(project, DAY, zero, "x"),
        ]:
            with refuses("Enter an amount above 0 EUR."):
                act()

    def test_an_instalment_is_paid_once(self):
        project = signed()
        row = plan_instalment(project, condition="all", amount_eur=Decimal(60000))
        record_payment(row, DAY, Decimal(59000), DAY)
        assert account_of(project).paid == 59000
        assert account_of(project).to_pay == 1000
        for act in [
            lambda: record_payment(row, DAY, Decimal(1), DAY),
            lambda: delete_instalment(row),
            lambda: plan_instalment(project, condition="x", amount_eur=Decimal(1), instalment=row),
        ]:
            with refuses("paid already"):
                act()

    def test_a_payment_above_the_instalment_needs_a_reason(self):
        row = make_instalment(signed(), amount_eur=12000)
        for reason in ["", "  "]:
            with refuses("The payment is more than the instalment. Enter a reason"):
                record_payment(row, DAY, Decimal(25000), DAY, paid_more_reason=reason)
        record_payment(row, DAY, Decimal(25000), DAY, paid_more_reason=" Two in one. ")
        row.refresh_from_db()
        assert (row.paid_eur, row.paid_more_reason) == (25000, "Two in one.")

    def test_the_rest_of_a_part_payment_is_planned_as_an_instalment(self):
        project = signed()
        row = make_instalment(project, amount_eur=60000)
        record_payment(row, DAY, Decimal("45000.50"), DAY)
        with refuses("The instalments (60 000.01 EUR)"):
            plan_instalment(project, condition="rest", amount_eur=Decimal("14999.51"))
        rest = plan_instalment(project, condition="rest", amount_eur=Decimal("14999.50"))
        record_payment(rest, LATER, Decimal("14999.50"), LATER)
        assert account_of(project).to_pay == 0

    def test_an_account_closes_after_the_last_payment_and_repayment(self):
        project = signed()
        make_instalment(project, paid_on=DAY, paid_eur=100)
        make_repayment(project, day=LATER, amount_eur=60)
        with refuses(f"before the last payment or repayment, {describe(LATER, Precision.DAY)}"):
            close_account(project, Decimal(40), DAY)
        close_account(project, Decimal(40), LATER)


class SharesTests(TestCase):
    """Whatever the amount and the per cents: nothing is lost, and nothing is below zero."""

    @given(
        cents=st.integers(0, 999_999_999_999), first=st.integers(0, 100), second=st.integers(0, 100)
    )
    def test_the_shares_add_up_to_the_amount(self, cents, first, second):
        amount, second = Decimal(cents) / 100, min(second, 100 - first)
        shares = shares_of(amount, [first, second, 100 - first - second])
        assert sum(shares) == amount
        assert all(share == round(share, 2) for share in shares)
        assert min(shares) >= 0

    @given(
        st.lists(
            st.tuples(st.sampled_from(["plan", "pay", "repay"]), st.integers(1, 7_000_000)),
            max_size=12,
        )
    )
    def test_no_order_of_actions_breaks_the_account(self, acts):
        """Against plain numbers: what is refused is what would break them, and nothing else."""
        project = signed()
        contracted, planned, paid, returned, waiting = 6_000_000, 0, 0, 0, []
        for act, cents in acts:
            amount = Decimal(cents) / 100
            try:
                if act == "plan":
                    fits = planned + cents <= contracted
                    row = plan_instalment(project, condition="x", amount_eur=amount)
                    waiting.append(row)
                    planned += cents
                elif act == "pay" and waiting:
                    after = planned + cents - int(waiting[0].amount_eur * 100)
                    fits = after <= contracted
                    record_payment(waiting[0], DAY, amount, DAY, paid_more_reason="x")
                    waiting.pop(0)
                    planned = after
                    paid += cents
                elif act == "repay":
                    fits = returned + cents <= paid
                    record_repayment(project, DAY, amount, "x")
                    returned += cents
                else:
                    continue
                assert fits
            except ValidationError:
                assert not fits
        account = account_of(project)
        assert [account.planned, account.paid, account.returned, account.to_pay] == [
            Decimal(planned) / 100,
            Decimal(paid) / 100,
            Decimal(returned) / 100,
            Decimal(contracted - paid) / 100,
        ]


class TestReports:
    def test_a_report_is_expected_received_and_approved(self):
        project = funded()
        report = plan_report(project, kind="interim", due_on=DAY)
        plan_report(project, kind="final", due_on=LATER, report=report)
        assert str(Report.objects.get()) == "final report due 1 October 2020"
        assert str(Report(kind="interim")) == "interim report"
        receive_report(report, DAY)
        approve_report(report, LATER)
        for act in [
            lambda: receive_report(report, DAY),
            lambda: delete_report(report),
            lambda: plan_report(project, kind="interim", report=report),
        ]:
            with refuses("received already"):
                act()
        with refuses("approved already"):
            approve_report(report, LATER)

    def test_a_project_has_one_final_report(self):
        with refuses("Only funded projects"):
            plan_report(make_project(), kind="final")
        project = funded()
        plan_report(project, kind="final")
        with refuses("already has a final report"):
            plan_report(project, kind="final")

    def test_an_expected_report_can_be_removed(self):
        report = make_report(funded())
        document = make_document(report.project, report=report)
        with refuses("Documents belong to this report"):
            delete_report(report)
        document.delete()
        delete_report(report)
        assert not Report.objects.exists()


class TestAmendments:
    def record_amendment(self, project, kind, **fields):
        values = {"agreed_on": DAY, "words": "As agreed."} | fields
        amendment = Amendment(project=project, kind=kind, **values)
        record_amendment(amendment)
        project.refresh_from_db()
        return amendment

    def test_a_partner_joins_at_the_end_of_the_list(self):
        project = make_public_project()
        partner = make_partner()
        row = Partnership(partner=partner, country=partner.country)
        self.record_amendment(project, "joined", partnership=row, day=DAY)
        joined = project.partnerships.get(partner=partner)
        assert (joined.role, joined.position, joined.joined_on) == ("partner", 2, DAY)
        assert project.version == 1
        again = Partnership(partner=partner, country=partner.country)
        for left_on in [None, LATER]:
            project.partnerships.filter(pk=joined.pk).update(left_on=left_on)
            with refuses("is in the project on this day. First record that it leaves before."):
                self.record_amendment(project, "joined", partnership=again, day=DAY)
        self.record_amendment(project, "joined", partnership=again, day=LATER)
        with refuses("Choose the partner"):
            self.record_amendment(project, "joined", day=DAY)

    def test_a_partner_that_leaves_stays_in_the_list(self):
        project = make_public_project()
        part = make_partnership(project, make_partner())
        self.record_amendment(project, "left", partnership=part, day=LATER)
        part.refresh_from_db()
        assert (part.left_on, project.version) == (LATER, 1)
        with refuses("has left already"):
            self.record_amendment(project, "left", partnership=part, day=LATER)
        with refuses("The lead partner cannot leave"):
            self.record_amendment(project, "left", partnership=project.lead(), day=LATER)
        for other in [None, make_partnership(make_project())]:
            with refuses("Choose the partner"):
                self.record_amendment(project, "left", partnership=other, day=LATER)

    def test_partners_join_and_leave_in_the_period_of_the_project(self):
        project = make_public_project(starts_on=DAY, ends_on=LATER)
        part = make_partnership(project, make_partner())
        partner = make_partner()
        for day in [DAY - timedelta(days=1), LATER + timedelta(days=1)]:
            with refuses("outside the period of the project"):
                self.record_amendment(project, "left", partnership=part, day=day)
            row = Partnership(partner=partner, country=partner.country)
            with refuses("outside the period of the project"):
                self.record_amendment(project, "joined", partnership=row, day=day)
        row = Partnership(partner=partner, country=partner.country)
        self.record_amendment(project, "joined", partnership=row, day=DAY)
        self.record_amendment(project, "left", partnership=part, day=LATER)

    def test_a_prolongation_keeps_the_earlier_end(self):
        project = funded(starts_on=DAY, ends_on=date(2020, 11, 30), ends_precision="month")
        first = self.record_amendment(project, "prolonged", ends_after=date(2021, 3, 31))
        assert (project.ends_on, project.ends_precision) == (date(2021, 3, 31), "day")
        assert first.end_before() == "November 2020"
        with refuses("later than the former end"):
            self.record_amendment(project, "prolonged", ends_after=date(2021, 3, 31))
        with refuses("Enter the new end"):
            self.record_amendment(project, "prolonged")
        assert project.ends_on == date(2021, 3, 31)

    def test_readers_see_no_extension_once_the_former_end_is_restored(self, client):
        project = make_public_project(starts_on=DAY, ends_on=DAY)
        self.record_amendment(project, "prolonged", ends_after=LATER)
        for end, is_extended in [(LATER, True), (DAY, False)]:
            Project.objects.filter(pk=project.pk).update(ends_on=end)
            page = client.get(project.get_absolute_url()).content.decode()
            assert [
                "Extended" in page,
                client.get(f"/projects/{project.slug}.json").json()["announced_end_on"],
            ] == [is_extended, str(DAY) if is_extended else None]

    def test_missing_values_are_errors(self):
        project = funded(starts_on=DAY)
        with refuses("before the start of the project"):
            self.record_amendment(project, "prolonged", ends_after=date(2019, 9, 1))
        amendment = self.record_amendment(project, "prolonged", ends_after=LATER)
        assert amendment.end_before() == ""

    def test_a_budget_shift_may_change_the_amount(self):
        project = signed()
        make_instalment(project)
        amendment = self.record_amendment(project, "budget", amount_after_eur=Decimal(50000))
        assert amendment.amount_before_eur == 60000
        assert account_of(project).contracted == 50000
        with refuses("The instalments (30"):
            self.record_amendment(project, "budget", amount_after_eur=Decimal(29999))
        with refuses("more than the amount of the project"):
            self.record_amendment(project, "budget", amount_after_eur=Decimal(65001))
        self.record_amendment(project, "budget")
        assert account_of(project).contracted == 50000
        Call.objects.update(ceiling_eur=55000)
        with refuses("for one project"):
            self.record_amendment(project, "budget", amount_after_eur=Decimal(55001))


class TestClosing:
    def test_the_final_amount_is_payments_minus_repayments(self):
        project = signed()
        make_instalment(project, paid_on=DAY, paid_eur=30000)
        record_repayment(project, DAY, Decimal("1000.50"), "Not used.")
        with refuses("repayments: 28 999.50 EUR"):
            close_account(project, Decimal(30000), LATER)
        close_account(project, Decimal("28999.50"), LATER)
        project.refresh_from_db()
        assert (project.amount_eur, project.amount_kind) == (Decimal("28999.50"), "final")
        assert project.version == 1
        account = account_of(project)
        assert account.is_closed
        assert account.to_pay == 0

    def test_an_unsigned_agreement_cannot_be_closed(self):
        project = signed(we_signed_on=None)
        with refuses("closed only after both sides have signed"):
            close_account(project, Decimal(0), LATER)


class TestTransitions:
    @pytest.mark.parametrize("to", ["running", "completed", "terminated", "withdrawn", "eligible"])
    def test_a_project_without_agreement_has_no_blockers(self, to):
        assert award_blockers(funded(), to) == []

    def test_running_needs_both_signatures(self):
        project = signed(we_signed_on=None)
        assert award_blockers(project, "running") == ["Both sides must have signed the agreement."]
        assert award_blockers(project, "terminated") == []
        project.agreement.we_signed_on = DAY
        project.agreement.save()
        assert award_blockers(project, "running") == []
        assert award_blockers(project, "terminated") == []

    def test_completion_needs_the_final_report_and_a_closed_account(self):
        project = signed()
        report = make_report(project, kind="final", received_on=DAY)
        assert award_blockers(project, "completed") == [
            "The final report must be approved.",
            "The account must be closed.",
        ]
        approve_report(report, LATER)
        close_account(project, Decimal(0), LATER)
        assert award_blockers(project, "completed") == []

    def test_a_project_with_an_agreement_stays_funded(self):
        project = signed()
        assert "stays a funded project" in award_blockers(project, "eligible")[0]
        Project.objects.filter(pk=project.pk).update(
            status="eligible", amount_eur=None, amount_kind="not_published"
        )
        project.refresh_from_db()
        with refuses("stays a funded project"):
            check_account(project)


class TestUndoing:
    """What was done by mistake is undone in the history, as long as the account holds."""

    def done(self, act, *args, **fields):
        with recording.change_set(None, channel=Channel.FORM) as change_set:
            act(*args, **fields)
        return change_set

    def test_an_agreement_with_instalments_cannot_be_undone(self):
        project = funded()
        change_set = self.done(sign, project)
        self.done(create_standard_instalments, project, [50, 30, 20])
        with refuses("The instalments (60"):
            undo_change_set(change_set, None, "")
        assert account_of(project).has_agreement

    def test_a_payment_with_a_repayment_cannot_be_undone(self):
        project = signed()
        row = make_instalment(project)
        change_set = self.done(record_payment, row, DAY, Decimal(30000), DAY)
        make_repayment(project, amount_eur=1)
        with refuses("more than the payments"):
            undo_change_set(change_set, None, "")

    @pytest.mark.parametrize(
        ("end", "amendment"),
        [
            (DAY, {"kind": "prolonged", "ends_before": DAY, "ends_after": LATER}),
            (None, {"kind": "other"}),
        ],
    )
    def test_an_end_that_no_amendment_set_is_free(self, end, amendment):
        project = make_public_project(starts_on=DAY, ends_on=end)
        make_amendment(project, **amendment)
        apply_steps([Step(Project, str(project.pk), {"ends_on": end}, {"ends_on": LATER})])
        project.refresh_from_db()
        assert project.ends_on == LATER

    def test_days_of_an_amendment_stay_while_the_amendment_stays(self):
        project = make_public_project(starts_on=DAY, ends_on=LATER)
        part = make_partnership(project, make_partner())
        values = {"project": project, "agreed_on": DAY, "words": "As agreed."}
        end = {"kind": "prolonged", "ends_after": LATER + timedelta(days=30)}
        leave = {"kind": "left", "partnership": part, "day": LATER}
        sets = [self.done(record_amendment, Amendment(**values, **row)) for row in [end, leave]]
        steps = [
            Step(Project, str(project.pk), {"ends_on": end["ends_after"]}, {"ends_on": LATER}),
            Step(Partnership, str(part.pk), {"left_on": LATER}, {"left_on": None}),
        ]
        for step in steps:
            with refuses("1 October 2019). First undo the amendment (Recent changes)."):
                apply_steps([step])
        for change_set in reversed(sets):
            undo_change_set(change_set, None, "")
        project.refresh_from_db()
        part.refresh_from_db()
        assert (project.ends_on, part.left_on) == (LATER, None)
