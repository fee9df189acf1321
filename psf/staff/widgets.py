"""Fields of staff forms: choosing a record by typing, amounts, days and times with labels."""

import re
from abc import abstractmethod
from calendar import monthrange
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time, tzinfo
from typing import Any, cast

from django import forms
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import (
    AutocompleteMixin,
    AutocompleteSelect,
    AutocompleteSelectMultiple,
    RelatedFieldWidgetWrapper,
)
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.utils import from_current_timezone
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from psf.database.constraints import validate_amount
from psf.text.dates import Precision
from psf.text.numbers_and_amounts import number, parse_amount
from psf.text.validators import validate_day, validate_line, validate_lines

SENTENCES = 500  # longer than one line of a form
DAY_IN_FIGURES = _("Write the day as 31/03/2027.")
KNOWN_IN_FIGURES = _("Write a day as 31/03/2027, a month as 03/2027, or a year.")
LAST_DAYS = ["ends_on", "closes_at"]  # a month or a year means its last day


class SafeAutocomplete(AutocompleteMixin):
    """Django's widget, which itself raises if it is shown again with a value that is no key."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        return super().optgroups(name, [key for key in value if self.can_be_key(key)], attr)

    def can_be_key(self, value: str) -> bool:
        try:
            self.field.remote_field.model._meta.pk.clean(value, None)
        except ValidationError:
            return False
        return "\0" not in str(value)


class SafeAutocompleteSelect(SafeAutocomplete, AutocompleteSelect):
    pass


class SafeAutocompleteSelectMultiple(SafeAutocomplete, AutocompleteSelectMultiple):
    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        # For screen readers the button that clears the list is inside the list.
        return super().build_attrs(*args, **kwargs) | {"data-allow-clear": "false"}


class Lines(forms.Textarea):
    """A text of several lines.

    Browsers send other line ends than the stored ones: an unchanged text would count as changed.
    """

    def value_from_datadict(self, *args: Any) -> Any:
        value = super().value_from_datadict(*args)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


class LongTextField(forms.CharField):
    """A text of several lines, shown in a field of `rows`."""

    def __init__(self, rows: int, **kwargs: Any) -> None:
        super().__init__(widget=Lines(attrs={"rows": rows}), **kwargs)


def check_input(field: forms.Field) -> None:
    """Let a text refuse control characters, and a day or a moment unlikely years.

    A text of one line refuses ends of lines too. A text also refuses to be too long: the browser
    would cut a pasted text silently.
    """
    if isinstance(field, forms.DateField | forms.DateTimeField | forms.SplitDateTimeField):
        field.validators.append(validate_day)
    elif isinstance(field, forms.CharField):
        field.widget.attrs.pop("maxlength", None)
        is_lines = isinstance(field.widget, forms.Textarea)
        field.validators.append(validate_lines if is_lines else validate_line)


class AmountField(forms.DecimalField):
    """An amount in EUR as a text field. The server reads the text, and shows it in groups.

    The browser's number field would read "65000,50" as 6500050, depending on its language.
    """

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        text = str(kwargs.pop("help_text", "") or "EUR").rstrip(".")
        kwargs |= {"max_digits": None, "decimal_places": None, "help_text": f"{text}."}
        super().__init__(**kwargs)
        self.validators.append(validate_amount)

    def to_python(self, value: object) -> Any:
        text = value.strip() if isinstance(value, str) else value
        return parse_amount(text) if text and isinstance(text, str) else super().to_python(text)

    def prepare_value(self, value: object) -> object:
        with suppress(ValidationError):
            amount = self.to_python(value)
            return value if amount is None else number(amount)
        return value


class NumberField(forms.IntegerField):
    """A whole number as a text field, read like an amount.

    The browser's number field drops a comma: 7,5 would become 75.
    """

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {"invalid": _("Write a whole number, such as 12.")}
    places = 0

    def to_python(self, value: object) -> Any:
        text = value.strip() if isinstance(value, str) else value
        if not text or not isinstance(text, str):
            return super().to_python(text)
        with suppress(ValidationError):
            amount = parse_amount(text)
            if amount == round(amount, self.places):
                return round(amount, self.places) if self.places else int(amount)
        raise ValidationError(self.error_messages["invalid"], code="invalid")


class PercentField(NumberField):
    """Per cent with one decimal."""

    default_error_messages = {"invalid": _("Write per cent such as 85 or 85.5.")}
    places = 1


def precision_name(field: models.Field) -> str:
    """The name of the field with the precision of a day: "starts_on" has "starts_precision"."""
    names = {row.name for row in field.model._meta.get_fields()}
    parts = [f"{part}_precision" for part in field.name.split("_")]
    return next((name for name in parts if name in names), "")


class Known(forms.Field):
    """A day or a moment, as precisely as it is known and typed."""

    precision_name = ""  # the field of the record with the precision
    stored: str  # the precision of the stored value

    @abstractmethod
    def read(self, typed: Any) -> tuple[Any, str]:
        """The value of what was typed, and its precision. Raises ValidationError."""

    def has_changed(self, initial: object, data: Any) -> bool:
        try:
            return self.read(self.prepare_value(initial)) != self.read(data)
        except ValidationError:
            return True


class KnownDayField(Known, forms.DateField):
    """A day: 31/03/2027, 03/2027 or 2027."""

    default_error_messages = {"invalid": KNOWN_IN_FIGURES}
    stored = Precision.DAY
    is_last = False  # whether a month or a year means its last day

    def read(self, text: object) -> tuple[date | None, str]:
        match = re.match(r"(?:([0-9]{1,2})[/.])?([0-9]{4})\Z", str(text or "").strip())
        if not match:
            return super().to_python(cast(str, text)), Precision.DAY
        month, year = match[1], int(match[2])
        number = int(month) if month else 12 if self.is_last else 1
        if not 1 <= number <= 12 or not year:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        day = monthrange(year, number)[1] if self.is_last else 1
        return date(year, number, day), Precision.MONTH if month else Precision.YEAR

    def to_python(self, value: object) -> date | None:
        return self.read(value)[0]

    def prepare_value(self, value: object) -> object:
        form = {Precision.MONTH: "%m/%Y", Precision.YEAR: "%Y"}.get(Precision(self.stored))
        return value.strftime(form or "%d/%m/%Y") if isinstance(value, date) else value


class MomentWidget(forms.SplitDateTimeWidget):
    def decompress(self, value: object) -> Any:
        return value or [None, None]


class KnownMomentField(Known, forms.SplitDateTimeField):
    """A moment in `zone`, or else in the time zone of the site.

    Without a time it is the first minute of the day, month or year, or the last minute.
    """

    widget = MomentWidget
    default_error_messages = {
        "invalid_date": KNOWN_IN_FIGURES,
        "invalid_time": _("Write a time, such as 23:59."),
        "no_day": _("Write the whole day, such as 31/03/2027, or leave the time empty."),
    }
    stored = Precision.MINUTE
    zone: tzinfo | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields = (KnownDayField(required=False), self.fields[1])
        # The two inputs have no label of their own.
        for widget, label in zip(self.widget.widgets, [_("date"), _("time")], strict=True):
            widget.attrs["aria-label"] = format_lazy("{}: {}", self.label, label)

    @property
    def day_field(self) -> KnownDayField:
        return cast(KnownDayField, self.fields[0])

    def read(self, texts: Any) -> tuple[datetime | None, str]:
        typed_day, typed_time = texts or ["", ""]
        day, precision = self.day_field.read(typed_day)
        at = self.fields[1].to_python(typed_time)
        if day is None and at is None:
            return None, Precision.MINUTE
        if day is None or (at and precision != Precision.DAY):
            raise ValidationError(self.error_messages["no_day"], code="no_day")
        last = time(23, 59) if self.day_field.is_last else time(0)
        with timezone.override(self.zone):
            moment = from_current_timezone(datetime.combine(day, at or last))
        return moment, Precision.MINUTE if at else precision

    def clean(self, value: Any) -> Any:
        moment = self.read(value)[0]
        self.run_validators(moment)
        return moment

    def prepare_value(self, value: object) -> object:
        if not isinstance(value, datetime):
            return value
        local = timezone.make_naive(value, self.zone)
        self.day_field.stored = Precision.DAY if self.stored == Precision.MINUTE else self.stored
        at = f"{local:%H:%M}" if self.stored == Precision.MINUTE else ""
        return [self.day_field.prepare_value(local.date()), at]


class RecordFields(forms.ModelForm):
    """A form of a record.

    The precision of a day follows what is typed. A day that is not typed anew stays as stored.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, Known):
                field.stored = getattr(self.instance, field.precision_name)

    def clean(self) -> dict[str, Any]:
        for name, field in self.fields.items():
            if not isinstance(field, Known) or name not in self.cleaned_data:
                continue
            if name in self.changed_data:
                setattr(self.instance, field.precision_name, field.read(self[name].data)[1])
            else:
                self.cleaned_data[name] = self.initial.get(name)
        return super().clean() or self.cleaned_data


class StaffFields(BaseModelAdmin):
    """Gives these fields to the forms of an admin class."""

    formfield_overrides = {
        models.TextField: {"widget": Lines(attrs={"class": "vLargeTextField"})},
        models.URLField: {"widget": forms.URLInput},
        models.DateField: {"widget": forms.DateInput(attrs={"class": "psf-day"})},
        models.TimeField: {"widget": forms.TimeInput(attrs={"class": "psf-day"})},
        models.DateTimeField: {"form_class": KnownMomentField, "widget": MomentWidget},
        models.DecimalField: {"form_class": AmountField},  # in these forms each is in EUR
        models.IntegerField: {
            "form_class": NumberField,
            "widget": forms.TextInput(attrs={**NumberField.widget.attrs, "class": "vIntegerField"}),
        },
    }

    def picker_label(self, obj: Any) -> str:
        """The name of a record in the fields that choose it."""
        return str(obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        # Every foreign key: a select would show names of records that the account may not see.
        kwargs["widget"] = SafeAutocompleteSelect(db_field, self.admin_site)
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        target: Any = self.admin_site.get_model_admin(db_field.remote_field.model)
        field.label_from_instance = getattr(target, "picker_label", str)
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = SafeAutocompleteSelectMultiple(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> Any:
        precision = precision_name(db_field)
        if precision and type(db_field) is models.DateField:
            kwargs["form_class"] = KnownDayField
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, Known):
            field.precision_name = precision
            day: Any = field.day_field if isinstance(field, KnownMomentField) else field
            day.is_last = db_field.name in LAST_DAYS
        elif isinstance(field, forms.DateField):
            field.error_messages["invalid"] = DAY_IN_FIGURES
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # A field chooses records, and a list of records offers to add one.
            wrapper = field.widget
            wrapper.can_delete_related = wrapper.can_view_related = False
            is_list = wrapper.widget.allow_multiple_selected
            field.widget = wrapper if is_list and wrapper.can_add_related else wrapper.widget
        if type(db_field) is models.CharField and db_field.max_length == SENTENCES:
            attrs = {"rows": 3, "class": "vLargeTextField"}
            cast(forms.Field, field).widget = Lines(attrs=attrs)
        if field:
            check_input(field)
            # Once for all rows of the form, in the language of the request.
            field.label, field.help_text = str(field.label), str(field.help_text)
        return field


class Suggestions(AutocompleteJsonView):
    """The best matches first, as the fields name records."""

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows.best_first(self.term) if hasattr(rows, "best_first") else rows

    def serialize_result(self, obj: models.Model, to_field_name: str) -> dict[str, str]:
        result = super().serialize_result(obj, to_field_name)
        return result | {"text": cast(Any, self.model_admin).picker_label(obj)}
