"""What is done after an award: agreements, reports, instalments, payments and amendments."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_DOWN, Decimal
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from projects.eligibility.award_limits import amount_error
from projects.models import (
    Agreement,
    Amendment,
    AmendmentKind,
    AmountKind,
    Instalment,
    Partnership,
    Project,
    ProjectStatus,
    Repayment,
    Report,
    ReportKind,
    Role,
)
from projects.models.decisions import CONDITIONS
from projects.post_award.payment_limits import (
    CENT,
    PROMISES,
    account_of,
    approval_days,
    check_account,
    check_funded,
    check_open,
    lock_with_project,
    number_of_report,
    open_agreement,
    required_report,
    save_fields,
    status_errors,
)
from psf.database.record_version import lock_record
from psf.text.dates import Precision, describe
from psf.text.numbers_and_amounts import eur

# Agreement and account


def award_blockers(project: Project, to: str) -> list[str]:
    """Why the project cannot get this status after its award, in sentences; [] if it can."""
    blockers, agreement = status_errors(project, to), getattr(project, "agreement", None)
    if to == ProjectStatus.COMPLETED and agreement:
        approved = project.reports.filter(kind=ReportKind.FINAL, approved_on__isnull=False)
        if not approved.exists():
            blockers.append(_("The final report must be approved."))
        if agreement.closed_on is None:
            blockers.append(_("The account must be closed."))
    return blockers


@transaction.atomic
def sign_agreement(agreement: Agreement, *, amount_eur: Decimal, **fields: Any) -> None:
    """Record or update an agreement. Once signed, only an amendment changes its amount."""
    project = lock_with_project(agreement)
    check_funded(project)
    check_open(agreement)
    if agreement.pk and agreement.signed_on() and amount_eur != agreement.amount_eur:
        raise ValidationError(_("Both sides have signed. Change the amount by an amendment."))
    if reason := amount_error(project.call, amount_eur):
        raise ValidationError(reason)
    save_fields(agreement, amount_eur=amount_eur, **fields)
    check_account(project)


@transaction.atomic
def close_account(project: Project, final_eur: Decimal, closed_on: date) -> None:
    """Set the final amount of the project, and close the account.

    The final amount must equal the payments minus the repayments. The agreement keeps the amount
    that it replaces.
    """
    project = lock_record(project)
    agreement = open_agreement(project)
    net_paid = account_of(project).net_paid
    if final_eur != net_paid:
        raise ValidationError(
            _(
                "The final amount must equal payments minus repayments: %(amount)s. Record missing "
                "payments or repayments first."
            )
            % {"amount": eur(net_paid)}
        )
    promised = project.amount_eur if project.amount_kind in PROMISES else None
    save_fields(agreement, closed_on=closed_on, promised_eur=promised)
    project.amount_eur, project.amount_kind = final_eur, AmountKind.FINAL
    project.version += 1
    project.save(update_fields=["amount_eur", "amount_kind", "version"])
    check_account(project)


# Reports and payments


@transaction.atomic
def plan_report(report: Report, **fields: Any) -> None:
    """Add an expected report, or change it before it is received."""
    check_funded(lock_with_project(report))
    _check_not_received(report)
    save_fields(report, **fields)


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


def shares_of(amount: Decimal, percents: list[int]) -> list[Decimal]:
    """The shares of an amount, rounded down to cents. The last share takes the remainder."""
    shares = [
        (amount * percent / 100).quantize(CENT, rounding=ROUND_DOWN) for percent in percents[:-1]
    ]
    return [*shares, amount - sum(shares)]


@transaction.atomic
def create_standard_instalments(
    project: Project, percents: list[int], reports: Mapping[str, date | None] | None = None
) -> list[Instalment]:
    """Plan instalments on signature, on the interim report and on the final report.

    The conditions of the award join the condition of the instalment that waits for them. A report
    of each kind in `reports` is expected on its day, if it has one.
    """
    project = lock_record(project)
    agreement = open_agreement(project)
    if project.instalments.exists():
        raise ValidationError(_("The project has instalments already."))
    conditions = [
        (_("on signature"), ""),
        (_("on the interim report"), ReportKind.INTERIM),
        (_("on the final report"), ReportKind.FINAL),
    ]
    if len(percents) != len(conditions) or min(percents) < 0 or sum(percents) != 100:
        raise ValidationError(_("The three shares must add up to 100 per cent."))
    shares = shares_of(agreement.amount_eur, percents)
    line = getattr(project, "decision_line", None)
    of_award = [getattr(line, name, "") for name in CONDITIONS]
    rows: list[Instalment] = []
    waiting: list[str] = []  # conditions of the award without an instalment of their own
    for (condition, report_kind), amount, text in zip(conditions, shares, of_award, strict=True):
        waiting += [text] if text else []
        if amount:
            row = Instalment(project=project, position=len(rows) + 1, amount_eur=amount)
            row.condition, row.report_kind = "; ".join([condition, *waiting]), report_kind
            rows.append(row)
            waiting = []
    rows[-1].condition = "; ".join([rows[-1].condition, *waiting])
    for row in rows:
        save_fields(row)
    for kind, day in (reports or {}).items():
        if day:
            plan_report(Report(project=project), kind=kind, due_on=day)
    check_account(project)
    return rows


@transaction.atomic
def plan_instalment(instalment: Instalment, **fields: Any) -> Instalment:
    """Add an instalment at the end, or change one that is not paid yet."""
    project = lock_with_project(instalment)
    open_agreement(project)
    _check_unpaid(instalment)
    if not instalment.pk:
        last = project.instalments.aggregate(last=Max("position"))["last"] or 0
        instalment.position = last + 1
    save_fields(instalment, **fields)
    check_account(project)
    return instalment


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
    if waived:
        condition_met_on = None
    elif instalment.report_kind:
        condition_met_on = approval_day(instalment)
        if condition_met_on is None:
            words = _(
                "The %(report)s is not approved. Approve it first, or enter a reason to pay "
                "without."
            )
            raise ValidationError(words % {"report": required_report(instalment)})
    if condition_met_on and condition_met_on > paid_on:
        raise ValidationError(_("The condition was met after the payment. Correct a day."))
    save_fields(
        instalment,
        paid_on=paid_on,
        paid_eur=paid_eur,
        condition_met_on=condition_met_on,
        condition_waived=waived,
        paid_more_reason=paid_more_reason.strip(),
    )
    check_account(project)


def approval_day(instalment: Instalment) -> date | None:
    """The day on which the required report was approved; None without an approved report."""
    return next(islice(approval_days(instalment), number_of_report(instalment) - 1, None), None)


@transaction.atomic
def record_repayment(repayment: Repayment, **fields: Any) -> None:
    """Record money that the project returned."""
    project = lock_with_project(repayment)
    open_agreement(project)
    save_fields(repayment, **fields)
    check_account(project)


# Amendments


@transaction.atomic
def record_amendment(amendment: Amendment, **fields: Any) -> None:
    """Record an amendment and carry it out. The earlier values are filled in.

    The amendment gets the new values: `partnership` (not stored yet for a partner who joins)
    and `day`, `ends_after`, or `amount_after_eur`.
    """
    for name, value in fields.items():
        setattr(amendment, name, value)
    project = lock_record(amendment.project)
    check_funded(project)
    if carry_out := CARRY_OUT.get(amendment.kind):
        carry_out(project, amendment)
    save_fields(amendment)
    check_account(project)


def _join(project: Project, amendment: Amendment) -> None:
    row = amendment.partnership
    if row is None:
        raise ValidationError(_("Choose the partner."))
    _check_period(project, amendment)
    partner = row.partner
    if project.partnerships.filter(partner=partner).exclude(left_on__lte=amendment.day).exists():
        raise ValidationError(
            _("“%(partner)s” is in the project on this day. First record that it leaves before.")
            % {"partner": partner}
        )
    last = project.partnerships.aggregate(last=Max("position"))["last"] or 0
    save_fields(row, project=project, role=Role.PARTNER, position=last + 1, joined_on=amendment.day)
    amendment.partnership = row
    _save_project(project)


def _leave(project: Project, amendment: Amendment) -> None:
    row = amendment.partnership
    if row is None or row.project_id != project.pk:
        raise ValidationError(_("Choose the partner."))
    row.refresh_from_db()
    if row.left_on:
        raise ValidationError(_("This partner has left already."))
    _check_period(project, amendment)
    save_fields(row, left_on=amendment.day)
    _save_project(project)


def _check_period(project: Project, amendment: Amendment) -> None:
    day, first, last = amendment.day, project.starts_on, project.ends_on
    if day and ((first and day < first) or (last and day > last)):
        raise ValidationError(
            _("The day is outside the period of the project: %(period)s. Correct the day.")
            % {"period": project.period()}
        )


def _prolong(project: Project, amendment: Amendment) -> None:
    amendment.ends_before = project.ends_on
    amendment.ends_before_precision = project.ends_precision
    if amendment.ends_after is None:
        raise ValidationError(_("Enter the new end."))
    first = project.starts_on
    if first and amendment.ends_after < first:
        raise ValidationError(_("The new end is before the start of the project."))
    project.ends_on, project.ends_precision = amendment.ends_after, Precision.DAY
    _save_project(project)


def _shift(project: Project, amendment: Amendment) -> None:
    """A shift between budget headings leaves the amount as it is."""
    amount = amendment.amount_after_eur
    if amount is None:
        return
    agreement = open_agreement(project)
    if reason := amount_error(project.call, amount):
        raise ValidationError(reason)
    amendment.amount_before_eur = agreement.amount_eur
    save_fields(agreement, amount_eur=amount)


def _save_project(project: Project) -> None:
    project.version += 1
    project.save(update_fields=["ends_on", "ends_precision", "version"])


def check_end(project: Project, values: Mapping[str, Any]) -> None:
    """Raise `ValidationError` if these values would move the end that a prolongation set."""
    prolongations = project.amendments.filter(kind=AmendmentKind.PROLONGATION)
    amendment = prolongations.filter(ends_after=project.ends_on).last()
    if amendment and "ends_on" in values:
        _refuse_day(project, amendment)


def check_participation(row: Partnership, values: Mapping[str, Any]) -> None:
    """Raise `ValidationError` if earlier values would move a day that an amendment set."""
    days = [getattr(row, name) for name in ["joined_on", "left_on"] if name in values]
    if amendment := row.amendments.filter(day__in=days).last():
        _refuse_day(row.project, amendment)


def _refuse_day(project: Project, amendment: Amendment) -> None:
    words = _(
        "An amendment of %(project)s set this day (%(amendment)s, %(day)s). First undo the "
        "amendment (Recent changes)."
    )
    day = describe(amendment.agreed_on, Precision.DAY)
    names = {"project": project.reference, "amendment": amendment, "day": day}
    raise ValidationError(words % names)


CARRY_OUT: dict[str, Callable[[Project, Amendment], None]] = {
    AmendmentKind.PARTNER_JOINED: _join,
    AmendmentKind.PARTNER_LEFT: _leave,
    AmendmentKind.PROLONGATION: _prolong,
    AmendmentKind.BUDGET_SHIFT: _shift,
}
