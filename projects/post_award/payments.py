"""Reports, and the payments on them."""

from datetime import date
from decimal import ROUND_DOWN, Decimal
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from projects.models import Instalment, Project, Repayment, Report, ReportKind
from projects.models.decisions import CONDITIONS
from projects.post_award.account import (
    CENT,
    approval_days,
    check_funded,
    lock_with_project,
    number_of_report,
    open_agreement,
    required_report,
    save_fields,
)
from projects.post_award.account_limits import check_account
from psf.database.record_version import lock_record


@transaction.atomic
def plan_report(
    project: Project, *, kind: str, due_on: date | None = None, report: Report | None = None
) -> Report:
    """Add an expected report, or change it before it is received."""
    row = report or Report(project=project)
    check_funded(lock_with_project(row))
    _check_not_received(row)
    save_fields(row, kind=kind, due_on=due_on)
    return row


@transaction.atomic
def delete_report(report: Report) -> None:
    """Delete an expected report that is not received."""
    lock_with_project(report)
    _check_not_received(report)
    if report.documents.exists():
        raise ValidationError(_("Documents belong to this report. Move them to another one first."))
    report.delete()


@transaction.atomic
def receive_report(report: Report, received_on: date) -> None:
    lock_with_project(report)
    _check_not_received(report)
    save_fields(report, received_on=received_on)


@transaction.atomic
def approve_report(report: Report, approved_on: date) -> None:
    lock_with_project(report)
    if report.approved_on:
        raise ValidationError(_("This report is approved already."))
    save_fields(report, approved_on=approved_on)


def _check_not_received(report: Report) -> None:
    if report.received_on:
        raise ValidationError(_("This report was received already."))


def standard_conditions() -> list[tuple[str, str]]:
    """The conditions of the standard instalments, each with its required report or ""."""
    return [
        (_("on signature"), ""),
        (_("on the interim report"), ReportKind.INTERIM),
        (_("on the final report"), ReportKind.FINAL),
    ]


def shares_of(amount: Decimal, percents: list[int]) -> list[Decimal]:
    """The shares of an amount, rounded down to cents. The last share takes the remainder."""
    shares = [
        (amount * percent / 100).quantize(CENT, rounding=ROUND_DOWN) for percent in percents[:-1]
    ]
    return [*shares, amount - sum(shares)]


def _award_conditions(project: Project) -> list[str]:
    """The conditions of the award in the order of the standard instalments, "" for none."""
    line = getattr(project, "decision_line", None)
    return [getattr(line, name, "") for name in CONDITIONS]


@transaction.atomic
def create_standard_instalments(project: Project, percents: list[int]) -> list[Instalment]:
    """Plan instalments on signature, on the interim report and on the final report.

    The conditions of the award join the condition of the instalment that waits for them.
    """
    project = lock_record(project)
    agreement = open_agreement(project)
    if project.instalments.exists():
        raise ValidationError(_("The project has instalments already."))
    conditions = standard_conditions()
    if len(percents) != len(conditions) or min(percents) < 0 or sum(percents) != 100:
        raise ValidationError(_("The three shares must add up to 100 per cent."))
    shares = shares_of(agreement.amount_eur, percents)
    rows: list[Instalment] = []
    waiting: list[str] = []  # conditions of the award without an instalment of their own
    for (condition, report_kind), amount, text in zip(
        conditions, shares, _award_conditions(project), strict=True
    ):
        waiting += [text] if text else []
        if amount:
            row = Instalment(project=project, position=len(rows) + 1, amount_eur=amount)
            row.condition, row.report_kind = "; ".join([condition, *waiting]), report_kind
            rows.append(row)
            waiting = []
    rows[-1].condition = "; ".join([rows[-1].condition, *waiting])
    for row in rows:
        save_fields(row)
    check_account(project)
    return rows


@transaction.atomic
def plan_instalment(
    project: Project, instalment: Instalment | None = None, **fields: Any
) -> Instalment:
    """Add an instalment at the end, or change one that is not paid yet."""
    row = instalment or Instalment(project=project)
    project = lock_with_project(row)
    open_agreement(project)
    _check_unpaid(row)
    if instalment is None:
        last = project.instalments.aggregate(last=Max("position"))["last"] or 0
        row.position = last + 1
    save_fields(row, **fields)
    check_account(project)
    return row


@transaction.atomic
def delete_instalment(instalment: Instalment) -> None:
    """Delete an instalment that is not paid."""
    open_agreement(lock_with_project(instalment))
    _check_unpaid(instalment)
    instalment.delete()


def _check_unpaid(instalment: Instalment) -> None:
    if instalment.paid_on:
        raise ValidationError(_("This instalment is paid already."))


@transaction.atomic
def record_payment(
    instalment: Instalment,
    paid_on: date,
    paid_eur: Decimal,
    condition_met_on: date | None = None,
    condition_waived: str = "",
    paid_more_reason: str = "",
) -> None:
    """Record the payment of an instalment. Both sides must have signed the agreement.

    The condition was met on a day, or a reason says why the instalment is paid without it. A
    payment above the planned amount has a reason too.
    """
    project = lock_with_project(instalment)
    open_agreement(project)
    _check_unpaid(instalment)
    waived = condition_waived.strip()
    if not waived:
        condition_met_on = _day_of_condition(instalment, condition_met_on)
        if condition_met_on > paid_on:
            raise ValidationError(_("The condition was met after the payment. Correct a day."))
    save_fields(
        instalment,
        paid_on=paid_on,
        paid_eur=paid_eur,
        condition_met_on=None if waived else condition_met_on,
        condition_waived=waived,
        paid_more_reason=paid_more_reason.strip(),
    )
    check_account(project)


def approval_day(instalment: Instalment) -> date | None:
    """The day on which the required report was approved; None without an approved report."""
    return next(islice(approval_days(instalment), number_of_report(instalment) - 1, None), None)


def _day_of_condition(instalment: Instalment, day: date | None) -> date:
    if instalment.report_kind:
        day = approval_day(instalment)
    if day is None and instalment.report_kind:
        raise ValidationError(
            _("The %(report)s is not approved. Approve it first, or enter a reason to pay without.")
            % {"report": required_report(instalment)}
        )
    if day is None:
        raise ValidationError(
            _("Enter the day on which the condition was met, or a reason to pay without it.")
        )
    return day


@transaction.atomic
def record_repayment(project: Project, day: date, amount_eur: Decimal, why: str) -> Repayment:
    """Record money that the project returned."""
    project = lock_record(project)
    open_agreement(project)
    row = Repayment(project=project)
    save_fields(row, day=day, amount_eur=amount_eur, why=why)
    check_account(project)
    return row
