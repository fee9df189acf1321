"""The database constraints of calls."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from projects.models.publication import unpublished_has_reason
from psf.database import constraints

CALL_CONSTRAINTS: list[models.BaseConstraint] = [
    models.CheckConstraint(
        name="call_closes_after_it_opens",
        condition=Q(opens_at__isnull=True)
        | Q(closes_at__isnull=True)
        | Q(closes_at__gt=F("opens_at")),
        violation_error_message=_("A call must close after it opens."),
    ),
    constraints.in_order(
        "call", "floor_eur", "ceiling_eur", _("The ceiling is below the lowest grant.")
    ),
    constraints.FieldCheck(
        ["ceiling_eur"],
        lambda ceiling: ceiling != 0,
        name="call_ceiling_eur_is_not_zero",
        condition=~Q(ceiling_eur=0),
        violation_error_message=_("A ceiling of 0 EUR allows no grant. Leave it empty if unknown."),
    ),
    constraints.FieldCheck(
        ["min_cofunding_percent"],
        lambda percent: percent is None or percent <= 100,
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
    constraints.its_own(
        "call",
        "title",
        _("Another call has this title. Capital and small letters count as the same."),
    ),
    constraints.filled("call", "slug"),
    unpublished_has_reason("call"),
]
