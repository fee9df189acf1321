"""Constraints of one row that several models share.

SQLite limits neither the length of a text nor the digits of a number. Both limits are constraints,
so that both databases accept the same values.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import cast

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GREATEST_AMOUNT = Decimal("9999999999.99")
AMOUNT_OUT_OF_RANGE = _("An amount lies between 0 and 9 999 999 999.99 EUR.")
GREATEST_COUNT = 32767  # of a smallint in PostgreSQL


def at_most(model: str, field: str, characters: int) -> models.CheckConstraint:
    """The text of `field` has at most this number of characters."""
    return models.CheckConstraint(
        name=f"{model}_{field}_is_not_too_long",
        condition=LessThanOrEqual(Length(F(field)), characters),
        violation_error_message=_("This text is too long: shorten it."),
    )


def filled(model: str, field: str) -> models.CheckConstraint:
    """The text of `field` is not empty."""
    return models.CheckConstraint(
        name=f"{model}_{field}_is_not_empty",
        condition=~Q(**{field: ""}),
        violation_error_message=_("This cannot stay empty."),
    )


def known(
    model: str, field: str, choices: Iterable[tuple[str, str | Promise]]
) -> models.CheckConstraint:
    """`field` holds one of its choices. Django itself checks choices only in forms."""
    values = [value for value, _label in choices]
    return models.CheckConstraint(
        name=f"{model}_{field}_is_known",
        condition=Q(**{f"{field}__in": values}),
        violation_error_message=_("Choose one of the listed values."),
    )


def amount(model: str, field: str) -> models.CheckConstraint:
    """`field` is unknown or an amount in EUR between 0 and 9 999 999 999.99."""
    return models.CheckConstraint(
        name=f"{model}_{field}_is_an_amount",
        condition=Q(**{f"{field}__isnull": True})
        | Q(**{f"{field}__gte": Decimal(0), f"{field}__lte": GREATEST_AMOUNT}),
        violation_error_message=AMOUNT_OUT_OF_RANGE,
    )


def validate_amount(amount: Decimal) -> None:
    """The rule of `amount` for a value that is not stored yet; raises ValidationError."""
    if not amount.is_finite() or not 0 <= amount <= GREATEST_AMOUNT:
        raise ValidationError(AMOUNT_OUT_OF_RANGE)


def count(model: str, field: str) -> models.CheckConstraint:
    """`field` is unknown or a whole number that both databases can store."""
    return models.CheckConstraint(
        name=f"{model}_{field}_is_a_count",
        condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__range": (0, GREATEST_COUNT)}),
        violation_error_message=_("A number lies between 0 and 32 767."),
    )


def in_order(model: str, first: str, last: str, message: str | Promise) -> models.CheckConstraint:
    """`last` is at least `first`, where both are known."""
    return models.CheckConstraint(
        name=f"{model}_{last}_is_at_least_{first}",
        condition=Q(**{f"{first}__isnull": True})
        | Q(**{f"{last}__isnull": True})
        | Q(**{f"{last}__gte": F(first)}),
        violation_error_message=cast(str, message),
    )
