"""The database constraints of calls and projects."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from projects.models.choices import FUNDED_STATUSES, AmountKind, ProjectStatus
from projects.models.publication import unpublished_has_reason
from psf.database import constraints
from psf.text.dates import DAY_PRECISIONS, Precision

CALL: list[models.BaseConstraint] = [
    models.CheckConstraint(
        name="call_closes_after_it_opens",
        condition=Q(opens_at__isnull=True)
        | Q(closes_at__isnull=True)
        | Q(closes_at__gt=F("opens_at")),
        violation_error_message=_("A call must close after it opens."),
    ),
    constraints.known("call", "opens_precision", Precision.choices),
    constraints.known("call", "closes_precision", Precision.choices),
    constraints.amount("call", "floor_eur"),
    constraints.amount("call", "ceiling_eur"),
    constraints.amount("call", "budget_eur"),
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
    constraints.at_most("call", "title", 200),
    constraints.filled("call", "slug"),
    constraints.at_most("call", "slug", 100),
    constraints.at_most("call", "summary", 500),
    constraints.at_most("call", "description", 20000),
    constraints.at_most("call", "how_to_apply", 2000),
    constraints.at_most("call", "contact", 200),
    constraints.at_most("call", "guidelines_url", 500),
    constraints.at_most("call", "application_form_url", 500),
    constraints.at_most("call", "time_zone", 50),
    constraints.at_most("call", "internal_note", 5000),
    *unpublished_has_reason("call"),
]

PROJECT: list[models.BaseConstraint] = [
    constraints.known("project", "status", ProjectStatus.choices),
    constraints.known("project", "amount_kind", AmountKind.choices),
    constraints.known("project", "starts_precision", DAY_PRECISIONS),
    constraints.known("project", "ends_precision", DAY_PRECISIONS),
    constraints.in_order(
        "project", "starts_on", "ends_on", _("The end must not be before the start.")
    ),
    constraints.amount("project", "requested_eur"),
    constraints.amount("project", "amount_eur"),
    constraints.amount("project", "total_budget_eur"),
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
    *unpublished_has_reason("project"),
    models.CheckConstraint(
        name="project_taken_back_with_results_is_taken_back",
        condition=Q(unpublished_with_results=False) | Q(unpublished_at__isnull=False),
        violation_error_message=_("Give a reason for unpublishing the record."),
    ),
    constraints.filled("project", "reference"),
    constraints.at_most("project", "reference", 30),
    constraints.filled("project", "slug"),
    constraints.at_most("project", "slug", 100),
    constraints.filled("project", "title"),
    constraints.at_most("project", "title", 300),
    constraints.at_most("project", "title_language", 35),
    constraints.at_most("project", "acronym", 50),
    constraints.at_most("project", "summary", 500),
    constraints.at_most("project", "description", 20000),
    constraints.at_most("project", "website", 300),
    constraints.at_most("project", "as_published", 2000),
    constraints.at_most("project", "disagreement_explained", 500),
    constraints.at_most("project", "internal_note", 5000),
]
