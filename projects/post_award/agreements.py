"""The agreement: signed, and its account closed in the end."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from projects.models import Agreement, AmountKind, Project
from projects.post_award.account import (
    account_of,
    agreement_of,
    check_account,
    check_funded,
    locked,
    open_agreement,
    refusal_of_contract,
    save,
)
from psf.text.numbers import eur


@transaction.atomic
def sign_agreement(
    project: Project,
    *,
    number: str,
    amount_eur: Decimal,
    lead_signed_on: date | None = None,
    we_signed_on: date | None = None,
) -> Agreement:
    """Record the agreement, or what is known of it since. Signed, its amount is only amended."""
    project = locked(project)
    check_funded(project)
    agreement = agreement_of(project) or Agreement(project=project)
    if agreement.closed_on:
        raise ValidationError(_("The account is closed."))
    if agreement.pk and agreement.is_signed() and amount_eur != agreement.amount_eur:
        raise ValidationError(_("Both have signed: the amount is changed by an amendment."))
    if reason := refusal_of_contract(project, amount_eur):
        raise ValidationError(reason)
    save(
        agreement,
        number=number,
        amount_eur=amount_eur,
        lead_signed_on=lead_signed_on,
        we_signed_on=we_signed_on,
    )
    check_account(project)
    return agreement


@transaction.atomic
def close_account(project: Project, final_eur: Decimal, on: date) -> None:
    """Say what the project was given in the end; from then on nothing is to pay.

    That is what it was paid and did not return: what is missing is paid or returned first.
    """
    project = locked(project)
    agreement = open_agreement(project)
    kept = account_of(project).kept
    if final_eur != kept:
        raise ValidationError(
            _(
                "%(kept)s were paid and not returned: that is the final amount, or pay or have "
                "returned first what is missing."
            )
            % {"kept": eur(kept)}
        )
    save(agreement, closed_on=on)
    project.amount_eur, project.amount_kind = final_eur, AmountKind.FINAL
    project.version += 1
    project.save(update_fields=["amount_eur", "amount_kind", "version", "changed_at"])
