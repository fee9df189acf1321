"""The database constraints of projects."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.models.choices import FUNDED_STATUSES, KINDS_WITHOUT_AWARD, AmountKind
from projects.models.publication import unpublished_has_reason
from psf.database import constraints

PROJECT_CONSTRAINTS: list[models.BaseConstraint] = [
    constraints.in_order(
        "project", "starts_on", "ends_on", _("The end must not be before the start.")
    ),
    constraints.FieldCheck(
        ["received_time", "received_on"],
        lambda time, day: time is None or day is not None,
        name="project_time_of_receipt_has_a_day",
        condition=Q(received_time__isnull=True) | Q(received_on__isnull=False),
        violation_error_message=_("Enter the day of receipt too."),
    ),
    constraints.FieldCheck(
        ["amount_eur", "amount_kind"],
        lambda amount, kind: (amount is None) == (kind == AmountKind.NOT_PUBLISHED),
        name="project_amount_has_a_kind",
        condition=Q(amount_eur__isnull=True, amount_kind=AmountKind.NOT_PUBLISHED)
        | Q(amount_eur__isnull=False) & ~Q(amount_kind=AmountKind.NOT_PUBLISHED),
        violation_error_message=_(
            "An amount needs a kind (ceiling, awarded, final, returned). "
            "Without an amount the kind must be “not published”."
        ),
    ),
    constraints.FieldCheck(
        ["amount_eur", "amount_kind"],
        lambda amount, kind: kind != AmountKind.CEILING or amount != 0,
        name="project_ceiling_is_not_zero",
        condition=~Q(amount_kind=AmountKind.CEILING, amount_eur=0),
        violation_error_message=_("A ceiling of 0 EUR is no grant. Leave an unknown amount empty."),
    ),
    constraints.FieldCheck(
        ["amount_kind", "status"],
        lambda kind, status: kind in KINDS_WITHOUT_AWARD or status in FUNDED_STATUSES,
        name="project_award_is_of_a_funded_project",
        condition=Q(amount_kind__in=KINDS_WITHOUT_AWARD) | Q(status__in=FUNDED_STATUSES),
        violation_error_message=_(
            "Only a funded project can have an award. A ceiling is not an award."
        ),
    ),
    constraints.FieldCheck(
        ["published_at", "status"],
        lambda published_at, status: not published_at or status in FUNDED_STATUSES,
        name="project_public_is_funded",
        condition=Q(published_at__isnull=True) | Q(status__in=FUNDED_STATUSES),
        violation_error_message=_(
            "This project is public or scheduled, so it must stay funded. "
            "Unpublish the project first."
        ),
    ),
    unpublished_has_reason("project"),
    constraints.FieldCheck(
        ["unpublished_with_results", "unpublished_at"],
        lambda with_results, unpublished_at: not with_results or bool(unpublished_at),
        name="project_taken_back_with_results_is_taken_back",
        condition=Q(unpublished_with_results=False) | Q(unpublished_at__isnull=False),
        violation_error_message=_("Give a reason for unpublishing the record."),
    ),
    constraints.its_own(
        "project",
        "reference",
        _("Another project has this reference. Capital and small letters count as the same."),
    ),
    constraints.filled("project", "reference"),
    constraints.filled("project", "slug"),
    constraints.filled("project", "title"),
]
