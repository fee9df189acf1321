"""Instalments: laid out, paid, and what comes back."""

from datetime import date
from decimal import ROUND_DOWN, Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from projects.models import Instalment, Project, Repayment
from projects.post_award.account import CENT, check_account, locked, open_agreement, save


def usual_conditions() -> list[str]:
    return [_("on signature"), _("on the interim report"), _("on the final report")]


def shares_of(amount: Decimal, percents: list[int]) -> list[Decimal]:
    """The parts of an amount, in whole cents; the last takes what rounding down leaves."""
    shares = [
        (amount * percent / 100).quantize(CENT, rounding=ROUND_DOWN) for percent in percents[:-1]
    ]
    return [*shares, amount - sum(shares)]


@transaction.atomic
def lay_out_instalments(project: Project, percents: list[int]) -> list[Instalment]:
    """The usual instalments: on signature, on the interim report, on the final report."""
    project = locked(project)
    agreement = open_agreement(project)
    if project.instalments.exists():
        raise ValidationError(_("The project has instalments already."))
    conditions = usual_conditions()
    if len(percents) != len(conditions) or min(percents) < 0 or sum(percents) != 100:
        raise ValidationError(_("The three parts are 100 per cent together."))
    parts = zip(conditions, shares_of(agreement.amount_eur, percents), strict=True)
    rows = [
        Instalment(project=project, position=number, condition=condition, amount_eur=amount)
        for number, (condition, amount) in enumerate(parts, start=1)
        if amount
    ]
    for row in rows:
        save(row)
    check_account(project)
    return rows


@transaction.atomic
def plan_instalment(
    project: Project,
    *,
    condition: str,
    amount_eur: Decimal,
    due_on: date | None = None,
    instalment: Instalment | None = None,
) -> Instalment:
    """Add an instalment at the end, or change one that is not paid yet."""
    project = locked(project)
    open_agreement(project)
    row = instalment
    if row is None:
        last = project.instalments.aggregate(last=Max("position"))["last"] or 0
        row = Instalment(project=project, position=last + 1)
    else:
        row.refresh_from_db()
        _check_unpaid(row)
    save(row, condition=condition, amount_eur=amount_eur, due_on=due_on)
    check_account(project)
    return row


@transaction.atomic
def drop_instalment(instalment: Instalment) -> None:
    """Take an instalment away that was never paid."""
    open_agreement(locked(instalment.project))
    instalment.refresh_from_db()
    _check_unpaid(instalment)
    instalment.delete()


def _check_unpaid(instalment: Instalment) -> None:
    if instalment.paid_on:
        raise ValidationError(_("This instalment is paid already."))


@transaction.atomic
def pay(instalment: Instalment, on: date, amount_eur: Decimal) -> None:
    """Note that an instalment was paid, once both have signed."""
    project = locked(instalment.project)
    instalment.refresh_from_db()
    if not open_agreement(project).is_signed():
        raise ValidationError(_("Nothing is paid before both have signed the agreement."))
    _check_unpaid(instalment)
    save(instalment, paid_on=on, paid_eur=amount_eur)
    check_account(project)


@transaction.atomic
def repay(project: Project, on: date, amount_eur: Decimal, why: str) -> Repayment:
    """Note money that came back."""
    project = locked(project)
    open_agreement(project)
    row = Repayment(project=project)
    save(row, day=on, amount_eur=amount_eur, why=why)
    check_account(project)
    return row
