"""What the forms of all acts after an award share."""

from typing import Any, ClassVar

from django import forms
from django.db import models
from django.forms.models import fields_for_model, model_to_dict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from projects.models import Project
from projects.permissions import FOLLOW
from psf.history.recording import REASON_LENGTH
from psf.staff.action_forms import ActionForm


def typed_field(field: models.Field, **kwargs: Any) -> forms.Field | None:
    """The field of a form for a model's: days are chosen as the browser does it."""
    made = field.formfield(**kwargs)
    if isinstance(made, forms.DateField):
        made.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return made


class FollowingForm(ActionForm):
    """One act: `names` are the fields of `model` that it asks for, `needed` those never empty.

    `part` is the row of the project that it changes, None where it adds one or needs none.
    """

    title: ClassVar[str | Promise]
    button: ClassVar[str | Promise]
    permission: ClassVar[str] = FOLLOW
    model: ClassVar[type[models.Model]]
    names: ClassVar[list[str]] = []
    needed: ClassVar[list[str]] = []
    warning: ClassVar[str | Promise] = ""

    record: Project
    reason = forms.CharField(
        label=gettext_lazy("Why, for the history (if it helps)"),
        max_length=REASON_LENGTH,
        required=False,
    )

    def __init__(self, *args: Any, part: Any = None, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.part, self.user = part, user
        if self.names:
            asked = fields_for_model(self.model, self.names, formfield_callback=typed_field)
            self.fields = asked | self.fields
        for name in self.needed:
            self.fields[name].required = True
        if row := self.shown():
            self.initial = model_to_dict(row, self.names)

    def shown(self) -> Any:
        """The row from which the form is filled in at first."""
        return self.part

    def said(self) -> dict[str, Any]:
        """What was entered, but for the reason."""
        return {name: self.cleaned_data[name] for name in self.names}

    def why(self) -> str:
        """The reason that the history keeps."""
        return self.cleaned_data["reason"]
