"""Values and labels of fields in words."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.contrib.admin.utils import display_for_value
from django.db.models import DecimalField, Field, Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.database.fields import is_amount
from psf.history.tracking import kind_of, target_of
from psf.text.dates import Precision, describe, describe_moment
from psf.text.numbers import eur

if TYPE_CHECKING:
    from psf.history.names import Names

MAX_TEXT = 160  # characters: longer texts are shortened
CONTEXT = 40  # characters of unchanged text shown before and after a change


def field_in_words(record: Model, field: Field) -> str:
    """Return what a record has in a field, in words. Related records are loaded."""
    value = getattr(record, field.name)
    return str(value or "") if field.is_relation else format_value(field, value)


def format_value(field: Field, value: object, names: "Names | None" = None) -> str:
    """Return the value of a field in words; "" for an empty value. Relations need names."""
    if value is None or value == "":
        return ""
    if field.is_relation and names:
        return names.of(kind_of(target_of(field)), value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, DecimalField) and not is_amount(field):
        return str(value)
    return format_plain(value)


def format_plain(value: object) -> str:
    """Return a value in words, without its field. Each decimal is an amount."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return describe_moment(value)
    if isinstance(value, date):
        return describe(value, Precision.DAY)
    if isinstance(value, Decimal):
        return eur(value)
    return str(display_for_value(value, ""))


def field_label(field: Field) -> str:
    return capfirst(str(field.verbose_name))


def shorten_pair(old: str, new: str) -> tuple[str, str]:
    """Shorten two long texts to the part that differs, with some text before and after."""
    if max(len(old), len(new)) <= MAX_TEXT:
        return old, new
    length = min(len(old), len(new))
    same = next((i for i in range(length) if old[i] != new[i]), length)
    same_end = next((i for i in range(length - same) if old[-1 - i] != new[-1 - i]), length - same)
    return _cut(old, same, same_end), _cut(new, same, same_end)


def _cut(text: str, start: int, end: int) -> str:
    first, last = max(0, start - CONTEXT), min(len(text), len(text) - end + CONTEXT)
    if last - first > 2 * MAX_TEXT:
        last = first + 2 * MAX_TEXT
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"
