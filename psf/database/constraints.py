"""Constraints of one row that several models share.

SQLite limits neither the length of a text nor the digits of a number. Both limits are constraints,
so that both databases accept the same values.
"""

from collections.abc import Callable, Container
from copy import copy
from decimal import Decimal
from typing import Any, TypeVar, cast

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import F, Q
from django.db.models.functions import Length, Upper
from django.db.models.lookups import LessThanOrEqual
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from psf.database.fields import is_amount

Record = TypeVar("Record", bound=models.Model)

GREATEST_AMOUNT = Decimal("9999999999.99")
AMOUNT_OUT_OF_RANGE = _("An amount lies between 0 and 9 999 999 999.99 EUR.")
GREATEST_COUNT = 32767  # of a smallint in PostgreSQL
BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"  # printable for Unicode, but without ink
COUNTS = [models.PositiveIntegerField, models.PositiveSmallIntegerField]


class FieldCheck(models.CheckConstraint):
    """A constraint of one or two fields that Python checks too. Migrations see Django's class.

    Django checks a constraint before saving with a query, so many constraints make saving slow.
    `allows` takes the values of the fields, which may be None.
    """

    def __init__(self, fields: list[str], allows: Callable[..., bool], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields, self.allows = fields, allows

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        _path, args, kwargs = super().deconstruct()
        return "django.db.models.CheckConstraint", args, kwargs

    def clone(self) -> "FieldCheck":
        return copy(self)

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Container[str] | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        if exclude and any(field in exclude for field in self.fields):
            return
        values = [
            cast(Any, model._meta.get_field(field)).to_python(getattr(instance, field))
            for field in self.fields
        ]
        if not self.allows(*values):
            error = ValidationError(self.get_violation_error_message(), self.violation_error_code)
            raise ValidationError({self.fields[0]: error}) if len(self.fields) == 1 else error


def of_fields(model: type[Record]) -> type[Record]:
    """Decorate a model: its fields imply constraints of length, of choices, of amounts and counts.

    The `Meta` of the model has a list of constraints, which may be empty: migrations read it.
    """
    implied = map(_constraint_of, model._meta.local_fields)
    model._meta.constraints = [*model._meta.constraints, *filter(None, implied)]
    return model


def _constraint_of(field: "models.Field[Any, Any]") -> models.CheckConstraint | None:
    """The constraint of a number, of choices or of a text with a limit; None for other fields."""
    model = str(field.model._meta.model_name)
    if is_amount(field):
        return _amount(model, field.name)
    if type(field) in COUNTS and not field.name.endswith("_percent"):
        return _count(model, field.name)
    if not isinstance(field, models.CharField | models.TextField):
        return None
    if field.choices:
        values = [value for value, _label in field.flatchoices]
        return _known(model, field.name, [""] * field.blank + values)
    return _at_most(model, field.name, field.max_length) if field.max_length else None


def _at_most(model: str, field: str, characters: int) -> models.CheckConstraint:
    return FieldCheck(
        [field],
        lambda text: text is None or len(text) <= characters,
        name=f"{model}_{field}_is_not_too_long",
        condition=LessThanOrEqual(Length(F(field)), characters),
        violation_error_message=_("This text is too long: shorten it."),
    )


def _known(model: str, field: str, values: list[str]) -> models.CheckConstraint:
    """`field` holds one of its choices. Django itself checks choices only in forms."""
    return FieldCheck(
        [field],
        values.__contains__,
        name=f"{model}_{field}_is_known",
        condition=Q(**{f"{field}__in": values}),
        violation_error_message=_("Choose one of the listed values."),
    )


def _amount(model: str, field: str) -> models.CheckConstraint:
    """`field` is unknown or an amount in EUR between 0 and 9 999 999 999.99."""
    return FieldCheck(
        [field],
        lambda amount: amount is None or 0 <= amount <= GREATEST_AMOUNT,
        name=f"{model}_{field}_is_an_amount",
        condition=Q(**{f"{field}__isnull": True})
        | Q(**{f"{field}__gte": Decimal(0), f"{field}__lte": GREATEST_AMOUNT}),
        violation_error_message=AMOUNT_OUT_OF_RANGE,
    )


def filled(model: str, field: str) -> models.CheckConstraint:
    """The text of `field` is not empty. Python also refuses a text that nobody can see."""
    return FieldCheck(
        [field],
        lambda text: any(
            char.isprintable() and not char.isspace() and char not in BLANK_LETTERS for char in text
        ),
        name=f"{model}_{field}_is_not_empty",
        condition=~Q(**{field: ""}),
        violation_error_message=_("This cannot stay empty."),
    )


def its_own(model: str, field: str, message: str | Promise) -> models.UniqueConstraint:
    """No other row has the text of `field`. Capital and small letters count as the same.

    SQLite itself knows the capitals of ASCII letters only.
    """
    return models.UniqueConstraint(
        Upper(field),
        name=f"{model}_{field}_is_its_own_in_any_letters",
        violation_error_message=cast(str, message),
    )


def validate_amount(amount: Decimal) -> None:
    """The rule of an amount for a value that is not stored yet; raises ValidationError."""
    if not amount.is_finite() or not 0 <= amount <= GREATEST_AMOUNT:
        raise ValidationError(AMOUNT_OUT_OF_RANGE)


def _count(model: str, field: str) -> models.CheckConstraint:
    """`field` is unknown or a whole number that both databases can store."""
    return FieldCheck(
        [field],
        lambda count: count is None or 0 <= count <= GREATEST_COUNT,
        name=f"{model}_{field}_is_a_count",
        condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__range": (0, GREATEST_COUNT)}),
        violation_error_message=_("A number lies between 0 and 32 767."),
    )


def in_order(model: str, first: str, last: str, message: str | Promise) -> models.CheckConstraint:
    """`last` is at least `first`, where both are known."""
    return FieldCheck(
        [first, last],
        lambda early, late: None in (early, late) or early <= late,
        name=f"{model}_{last}_is_at_least_{first}",
        condition=Q(**{f"{first}__isnull": True})
        | Q(**{f"{last}__isnull": True})
        | Q(**{f"{last}__gte": F(first)}),
        violation_error_message=cast(str, message),
    )


def save_valid(record: Record) -> Record:
    """Validate and save the record. A ValidationError names the record and the field."""
    try:
        record.full_clean()
    except ValidationError as error:
        raise ValidationError(
            [_sentence(record, name, texts) for name, texts in error.message_dict.items()]
        ) from error
    record.save()
    return record


def _sentence(record: models.Model, field: str, messages: list[str]) -> str:
    """ "partnership “Harbour – PSF-1”, name as published: This text is too long." """
    name = f"{record._meta.verbose_name} “{str(record)[:120]}”"
    label = "" if field == NON_FIELD_ERRORS else getattr(type(record), field).field.verbose_name
    return f"{', '.join(filter(None, [name, str(label)]))}: {' '.join(messages)}"
