"""The database constraints of calls and projects."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from projects.models.choices import FUNDED_STATUSES, AmountKind
from projects.models.publication import unpublished_has_reason
from psf.database import constraints

CALL: list[models.BaseConstraint] = [
    models.CheckConstraint(
        name="call_closes_after_it_opens",
        condition=Q(opens_at__isnull=True)
        | Q(closes_at__isnull=True)
        | Q(closes_at__gt=F("opens_at")),
        violation_error_message=_("A call must close after it opens."),
    ),
    constraints.in_order(
        "call",
        "floor_eur",
        "ceiling_eur",
        _("The ceiling is below the lowest grant."),
    ),
    *(
        constraints.count("call", field)
        for field in [
            "min_member_states",
            "max_months",
            "assessors_needed",
            "received_count",
            "eligible_count",
            "funded_count",
        ]
    ),
    models.CheckConstraint(
        name="call_min_cofunding_percent_is_a_percentage",
        condition=Q(min_cofunding_percent__isnull=True) | Q(min_cofunding_percent__lte=100),
        violation_error_message=_("A percentage must be between 0 and 100."),
    ),
    constraints.in_order(
        "call",
        "eligible_count",
        "received_count",
        _("There are more eligible applications than received applications."),
    ),
    constraints.in_order(
        "call",
        "funded_count",
        "eligible_count",
        _("There are more funded projects than eligible applications."),
    ),
    constraints.in_order(
        "call",
        "funded_count",
        "received_count",
        _("There are more funded projects than received applications."),
    ),
    constraints.filled("call", "title"),
    constraints.filled("call", "slug"),
    unpublished_has_reason("call"),
]

PROJECT: list[models.BaseConstraint] = [
    constraints.in_order(
        "project", "starts_on", "ends_on", _("The end must not be before the start.")
    ),
    models.CheckConstraint(
        name="project_amount_has_a_kind",
        condition=Q(amount_eur__isnull=True, amount_kind=AmountKind.NOT_PUBLISHED)
        | Q(amount_eur__isnull=False) & ~Q(amount_kind=AmountKind.NOT_PUBLISHED),
        violation_error_message=_(
            "An amount needs a kind (ceiling, awarded, final, returned). "
            "Without an amount the kind must be “not published”."
        ),
    ),
    models.CheckConstraint(
        name="project_award_is_of_a_funded_project",
        condition=Q(amount_kind__in=[AmountKind.CEILING, AmountKind.NOT_PUBLISHED])
        | Q(status__in=FUNDED_STATUSES),
        violation_error_message=_(
            "Only a funded project can have an award. A ceiling is not an award."
        ),
    ),
    models.CheckConstraint(
        name="project_public_is_funded",
        condition=Q(published_at__isnull=True) | Q(status__in=FUNDED_STATUSES),
        violation_error_message=_(
            "This project is public or scheduled, so it must stay funded. "
            "Unpublish the project first."
        ),
    ),
    unpublished_has_reason("project"),
    models.CheckConstraint(
        name="project_taken_back_with_results_is_taken_back",
        condition=Q(unpublished_with_results=False) | Q(unpublished_at__isnull=False),
        violation_error_message=_("Give a reason for unpublishing the record."),
    ),
    constraints.filled("project", "reference"),
    constraints.filled("project", "slug"),
    constraints.filled("project", "title"),
]
