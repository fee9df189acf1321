"""Amendments: each is carried out as it is recorded, and keeps what was before."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from projects.models import Amendment, AmendmentKind, Project, Role
from projects.post_award.account import (
    check_account,
    check_funded,
    locked,
    open_agreement,
    refusal_of_contract,
    save,
)
from psf.text.dates import Precision


@transaction.atomic
def amend(amendment: Amendment) -> None:
    """Record an amendment and do what it says; what was before is filled in.

    It says what is new: `partnership` (not stored yet, of a partner who joins) and `day`,
    `ends_after`, or `amount_after_eur`.
    """
    project = locked(amendment.project)
    check_funded(project)
    if carry_out := CARRY_OUT.get(amendment.kind):
        carry_out(project, amendment)
    save(amendment)
    check_account(project)


def _join(project: Project, amendment: Amendment) -> None:
    row = amendment.partnership
    if row is None:
        raise ValidationError(_("Name the partner."))
    last = project.partnerships.aggregate(last=Max("position"))["last"] or 0
    save(row, project=project, role=Role.PARTNER, position=last + 1, joined_on=amendment.day)
    amendment.partnership = row
    _note_change(project)


def _leave(project: Project, amendment: Amendment) -> None:
    row = amendment.partnership
    if row is None or row.project_id != project.pk:
        raise ValidationError(_("Name the partner."))
    row.refresh_from_db()
    if row.left_on:
        raise ValidationError(_("This partner has left already."))
    if row.is_lead():
        raise ValidationError(
            _("The lead partner cannot leave: name another one in the project’s form first.")
        )
    save(row, left_on=amendment.day)
    _note_change(project)


def _prolong(project: Project, amendment: Amendment) -> None:
    amendment.ends_before = project.ends_on
    amendment.ends_before_precision = project.ends_precision
    if amendment.ends_after is None:
        raise ValidationError(_("Name the new end."))
    first = project.starts_on
    if first and amendment.ends_after < first:
        raise ValidationError(_("A project ends after it starts."))
    project.ends_on, project.ends_precision = amendment.ends_after, Precision.DAY
    _note_change(project)


def _shift(project: Project, amendment: Amendment) -> None:
    """The amount need not change: a shift may be from one heading to another."""
    amount = amendment.amount_after_eur
    if amount is None:
        return
    agreement = open_agreement(project)
    if reason := refusal_of_contract(project, amount):
        raise ValidationError(reason)
    amendment.amount_before_eur = agreement.amount_eur
    save(agreement, amount_eur=amount)


def _note_change(project: Project) -> None:
    project.version += 1
    project.save(update_fields=["ends_on", "ends_precision", "version", "changed_at"])


CARRY_OUT: dict[str, Callable[[Project, Amendment], None]] = {
    AmendmentKind.PARTNER_JOINED: _join,
    AmendmentKind.PARTNER_LEFT: _leave,
    AmendmentKind.PROLONGATION: _prolong,
    AmendmentKind.BUDGET_SHIFT: _shift,
}
