"""The closing of the account of a project, with the final amount."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from projects.models import AmountKind, Project
from projects.post_award.account import account_of, lock_project, open_agreement, save_fields
from psf.text.numbers import eur


@transaction.atomic
def close_account(project: Project, final_eur: Decimal, on: date) -> None:
    """Set the final amount of the project, and close the account.

    The final amount must equal the payments minus the repayments.
    """
    project = lock_project(project)
    agreement = open_agreement(project)
    kept = account_of(project).kept
    if final_eur != kept:
        raise ValidationError(
            _(
                "The final amount must equal payments minus repayments: %(kept)s. Record missing "
                "payments or repayments first."
            )
            % {"kept": eur(kept)}
        )
    save_fields(agreement, closed_on=on)
    project.amount_eur, project.amount_kind = final_eur, AmountKind.FINAL
    project.version += 1
    project.save(update_fields=["amount_eur", "amount_kind", "version", "changed_at"])
