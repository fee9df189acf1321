"""The page that copies rules, criteria, reasons and texts of letters from an earlier call."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from django import forms
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from projects.call_setup.copy import MissingSetup, copy_setup, missing_setup
from projects.models import Call, Criterion
from projects.permissions import CHANGE_CALL
from projects.stages import CallStage
from psf.history.tracking import fields_of
from psf.history.words import field_label, format_value
from psf.staff.forms import StaffForm
from psf.staff.pages import ActionPage


class EarlierForm(StaffForm):
    button = gettext_lazy("Show what would be copied")
    method = "get"
    earlier = forms.ModelChoiceField(Call.objects.none(), label=gettext_lazy("Earlier call"))

    def __init__(self, data: Mapping[str, str] | None, call: Call) -> None:
        super().__init__(data)
        earlier = cast(forms.ModelChoiceField, self.fields["earlier"])
        earlier.queryset = Call.objects.exclude(pk=call.pk)


class CopySetupPage(ActionPage):
    """Choose the earlier call, see what would be copied, then copy what the call lacks."""

    name = "copy_setup"
    label = gettext_lazy("Copy from an earlier call…")
    heading = gettext_lazy("Copy from an earlier call into “%(record)s”")
    stage = CallStage.PREPARE
    permission = CHANGE_CALL
    template_name = "admin/projects/call_setup/copy.html"
    button = gettext_lazy("Copy")
    record: Call

    def load(self) -> None:
        super().load()
        self.choice = EarlierForm(self.request.GET or None, self.record)
        self.earlier = self.choice.cleaned_data["earlier"] if self.choice.is_valid() else None

    def shown(self) -> list[Model]:
        return [self.record, *filter(None, [self.earlier])]

    def prepare(self, form: StaffForm) -> None:
        form.is_blocked = not self._groups()

    def _groups(self) -> list[tuple[str, list[str]]]:
        """What would be copied; [] without an earlier call."""
        return describe_setup(missing_setup(self.record, self.earlier)) if self.earlier else []

    def context(self) -> Mapping[str, object]:
        return {"choice": self.choice, "earlier": self.earlier, "groups": self._groups()}

    def previews(self) -> Mapping[str, Callable[[], object]]:
        earlier = self.earlier
        if earlier is None or not self.record.is_public():
            return {}
        return {"": lambda: copy_setup(self.record, earlier, self.user)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().post(request, *args, **kwargs) if self.earlier else self.get(request)

    def execute(self, form: StaffForm) -> str:
        copy_setup(self.record, cast(Call, self.earlier), self.user)
        done = _("Copied from “%(earlier)s”. Check the form now.") % {"earlier": self.earlier}
        return self.log(done, self.record)


def describe_setup(setup: MissingSetup) -> list[tuple[str, list[str]]]:
    """The content to copy: the name of each kind, with its lines."""
    fields = fields_of(Call)
    rules = [
        f"{field_label(fields[name])}: {format_value(fields[name], value)}"
        for name, value in setup.rules.items()
    ]
    groups = [(_("Rules of this call"), rules)]
    for part, rows in setup.parts.items():
        name = getattr(Call, part).rel.related_model._meta.verbose_name_plural
        groups.append((capfirst(str(name)), [_describe_row(row) for row in rows]))
    return [(name, lines) for name, lines in groups if lines]


def _describe_row(row: Model) -> str:
    if not isinstance(row, Criterion):
        return str(row)
    return _("%(name)s (weight %(weight)d, 0 to %(most)d points)") % {
        "name": row.name,
        "weight": row.weight,
        "most": row.maximum,
    }
