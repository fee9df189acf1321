"""Agreements and their amendments."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from projects.models import (
    Agreement,
    Amendment,
    AmendmentKind,
    AmountKind,
    Partnership,
    Project,
    ProjectStatus,
    ReportKind,
    Role,
)
from projects.models.choices import FUNDED_STATUSES
from projects.post_award.account import (
    account_of,
    agreement_of,
    check_funded,
    check_open,
    open_agreement,
    save_fields,
)
from projects.post_award.account_limits import (
    BEGUN,
    PROMISES,
    check_account,
    contract_error,
    needs_agreement,
)
from psf.database.record_version import lock_record
from psf.text.dates import Precision, describe
from psf.text.numbers import eur


def award_blockers(project: Project, to: str) -> list[str]:
    """Why the project cannot get this status after its award, in sentences; [] if it can."""
    agreement = agreement_of(project)
    if agreement is None:
        is_missing = needs_agreement(project, to)
        return [_("Both sides must have signed the agreement.")] if is_missing else []
    if to not in FUNDED_STATUSES:
        return [
            _(
                "“%(project)s” has an agreement, so it stays a funded project. If it ends early, "
                "choose “terminated”. If the agreement is a mistake, undo its recording first "
                "(Recent changes)."
            )
            % {"project": project}
        ]
    blockers = []
    if to in BEGUN and not agreement.signed_on():
        blockers.append(_("Both sides must have signed the agreement."))
    if to == ProjectStatus.COMPLETED:
        approved = project.reports.filter(kind=ReportKind.FINAL, approved_on__isnull=False)
        if not approved.exists():
            blockers.append(_("The final report must be approved."))
        if agreement.closed_on is None:
            blockers.append(_("The account must be closed."))
    return blockers


@transaction.atomic
def sign_agreement(project: Project, *, amount_eur: Decimal, **fields: Any) -> Agreement:
    """Record or update the agreement. Once signed, only an amendment changes its amount."""
    project = lock_record(project)
    check_funded(project)
    agreement = agreement_of(project) or Agreement(project=project)
    check_open(agreement)
    if agreement.pk and agreement.signed_on() and amount_eur != agreement.amount_eur:
        raise ValidationError(_("Both sides have signed. Change the amount by an amendment."))
    if reason := contract_error(project, amount_eur):
        raise ValidationError(reason)
    save_fields(agreement, amount_eur=amount_eur, **fields)
    check_account(project)
    return agreement


@transaction.atomic
def close_account(project: Project, final_eur: Decimal, on: date) -> None:
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
    save_fields(agreement, closed_on=on, promised_eur=promised)
    project.amount_eur, project.amount_kind = final_eur, AmountKind.FINAL
    project.version += 1
    project.save(update_fields=["amount_eur", "amount_kind", "version", "changed_at"])
    check_account(project)


@transaction.atomic
def record_amendment(amendment: Amendment) -> None:
    """Record an amendment and carry it out. The earlier values are filled in.

    The amendment holds the new values: `partnership` (not stored yet for a partner who joins)
    and `day`, `ends_after`, or `amount_after_eur`.
    """
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
    if row.is_lead():
        raise ValidationError(
            _("The lead partner cannot leave. Choose another one in the project’s form first.")
        )
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
    if reason := contract_error(project, amount):
        raise ValidationError(reason)
    amendment.amount_before_eur = agreement.amount_eur
    save_fields(agreement, amount_eur=amount)


def _save_project(project: Project) -> None:
    project.version += 1
    project.save(update_fields=["ends_on", "ends_precision", "version", "changed_at"])


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
