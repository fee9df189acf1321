"""The agreement of a project."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from projects.models import Agreement, Project
from projects.post_award.account import (
    agreement_of,
    check_funded,
    lock_project,
    save_fields,
)
from projects.post_award.account_limits import check_account, contract_error


@transaction.atomic
def sign_agreement(project: Project, *, amount_eur: Decimal, **fields: Any) -> Agreement:
    """Record or update the agreement. Once signed, only an amendment changes its amount."""
    project = lock_project(project)
    check_funded(project)
    agreement = agreement_of(project) or Agreement(project=project)
    if agreement.closed_on:
        raise ValidationError(_("The account is closed."))
    if agreement.pk and agreement.is_signed() and amount_eur != agreement.amount_eur:
        raise ValidationError(_("Both sides have signed. Change the amount by an amendment."))
    if reason := contract_error(project, amount_eur):
        raise ValidationError(reason)
    save_fields(agreement, amount_eur=amount_eur, **fields)
    check_account(project)
    return agreement
