"""The base of the forms of all actions after an award."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from crispy_forms.layout import Hidden, LayoutObject
from django import forms
from django.contrib.auth.models import User
from django.db import models
from django.forms.models import fields_for_model, model_to_dict
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from projects.models import Project
from projects.permissions import MANAGE_AWARDS
from psf.history.recording import REASON_LENGTH
from psf.staff.forms import StaffForm
from psf.staff.merging import format_field_value
from psf.staff.widgets import AmountField, check_input


def typed_field(field: models.Field, **kwargs: Any) -> forms.Field:
    """The form field of a model field. The browser offers a calendar for days."""
    if isinstance(field, models.DecimalField):
        kwargs["form_class"] = AmountField
    if isinstance(field, models.DateField):
        kwargs["validators"] = field.validators  # else only a ModelForm would run them
    form_field = field.formfield(**kwargs)
    assert form_field is not None
    if isinstance(form_field, forms.DateField):
        form_field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    check_input(form_field)
    return form_field


class PostAwardForm(StaffForm):
    """One action: `names` are the fields of `model` in the form, `needed` those never empty.

    `row` is the row of the project that the action changes, None if it adds one or needs none.
    """

    title: ClassVar[str | Promise]
    permission: ClassVar[str] = MANAGE_AWARDS
    model: ClassVar[type[models.Model]]
    names: ClassVar[Sequence[str]] = []
    needed: ClassVar[Sequence[str]] = []
    warning: ClassVar[str | Promise] = ""
    changes_page: ClassVar[bool] = False  # whether readers of a public project see the change
    reason_field: ClassVar[str] = "reason"  # the field whose text the history keeps
    confirmation = ""  # of the changes that the page shows

    reason = forms.CharField(
        label=gettext_lazy("Reason (optional, kept in the history)"),
        max_length=REASON_LENGTH,
        required=False,
    )

    def __init__(
        self, *args: Any, record: Project, user: User, row: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.record, self.row, self.user = record, row, user
        if self.names:
            fields = fields_for_model(self.model, self.names, formfield_callback=typed_field)
            self.fields = fields | self.fields
        for name in self.needed:
            self.fields[name].required = True
        if source := self.source():
            self.initial = model_to_dict(source, self.names)

    def layout(self) -> list[str | LayoutObject]:
        return [Hidden("confirmation", self.confirmation), *super().layout()]

    def source(self) -> models.Model | None:
        """The row with the initial values."""
        return self.row

    def differences(self) -> list[str]:
        sentence = _("%(field)s is saved as: %(value)s. When you save, your input replaces it.")
        source = self.source()
        return [
            sentence % {"field": field.label, "value": format_field_value(field, stored)}
            for name, field in self.fields.items()
            if name in self.names and source and source.pk and name in self.changed_data
            if (stored := self[name].initial)
        ]

    @abstractmethod
    def execute(self) -> str:
        """Carry the action out, and return a sentence that says so."""

    def values(self) -> dict[str, Any]:
        """The cleaned values of `names`."""
        return {name: self.cleaned_data[name] for name in self.names}
