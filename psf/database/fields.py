"""Fields that many models have: amounts in EUR, days, and accounts; related records."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django_stubs_ext import StrPromise


def amount_field(label: "StrPromise", **options: Any) -> "models.DecimalField[Any, Decimal]":
    """An amount in EUR. `constraints.of_fields` limits it."""
    options = {"help_text": "EUR", **options}
    return models.DecimalField(label, max_digits=12, decimal_places=2, **options)


def optional_amount_field(
    label: "StrPromise", **options: Any
) -> "models.DecimalField[Any, Decimal | None]":
    """An amount in EUR, or None."""
    return amount_field(label, null=True, blank=True, **options)


def percent_field(
    label: "StrPromise", **options: Any
) -> "models.DecimalField[Any, Decimal | None]":
    """Per cent with one decimal, or None."""
    return models.DecimalField(
        label, max_digits=4, decimal_places=1, null=True, blank=True, **options
    )


def is_amount(field: "models.Field[Any, Any]") -> bool:
    """Whether the field is an amount in EUR: the other decimal is a percentage."""
    return isinstance(field, models.DecimalField) and field.decimal_places == 2


def optional_day_field(label: "StrPromise", **options: Any) -> "models.DateField[Any, date | None]":
    """A day, or None."""
    return models.DateField(label, null=True, blank=True, **options)


def refuse_future(day: date) -> None:
    """Refuse a day after today as the day of a fact. A constraint cannot know today."""
    if day > timezone.localdate():
        raise ValidationError(_("This day is in the future. Enter when it happened."))


def refuse_zero(amount: Decimal) -> None:
    """Refuse 0 EUR as the amount of an agreement or a payment. Rows from before may have it."""
    if not amount:
        raise ValidationError(_("Enter an amount above 0 EUR."))


def fact_day_field(label: "StrPromise", **options: Any) -> "models.DateField[Any, date | None]":
    """The day on which something happened, or None."""
    return optional_day_field(label, validators=[refuse_future], **options)


def account_field(
    label: "StrPromise | None" = None, **options: Any
) -> "models.ForeignKey[User | None, User | None]":
    """The account of a person who did something; None after the account is deleted."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=label,
        **options,
    )


def related_name(record: models.Model, name: str) -> str:
    """The name of a related record if it is loaded, otherwise its number; "" without a record.

    Asks no database, so `__str__` of every model can use it.
    """
    field = cast("models.ForeignKey[Any, Any]", record._meta.get_field(name))
    key = getattr(record, field.attname)
    if key is None:
        return ""
    is_loaded = field.is_cached(record)
    return str(getattr(record, name)) if is_loaded else _("no. %(key)s") % {"key": key}


def kept(relation: str, rows: "models.QuerySet[Any] | None" = None) -> "models.Prefetch[Any]":
    """Load related rows for `rows_of()`; other prefetches build a query for each record."""
    return models.Prefetch(relation, rows, to_attr=f"kept_{relation}")


def keep_rows(record: models.Model, relation: str, rows: list[Any]) -> None:
    """Give `rows_of()` these related rows, as a record of an earlier moment had them."""
    setattr(record, f"kept_{relation}", rows)


def rows_of(record: models.Model, relation: str) -> list[Any]:
    """The related rows: those that the record keeps, otherwise those of the database."""
    rows: list[Any] | None = vars(record).get(f"kept_{relation}")
    return list(getattr(record, relation).all()) if rows is None else rows
