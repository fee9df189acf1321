"""The agreement of a project: recorded, and closed with the final amount."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from projects.models import Agreement, AmountKind, Project
from projects.post_award.account import (
    account_of,
    agreement_of,
    check_funded,
    check_open,
    open_agreement,
    save_fields,
)
from projects.post_award.account_limits import PROMISES, check_account, contract_error
from psf.database.record_version import lock_record
from psf.text.numbers import eur


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
