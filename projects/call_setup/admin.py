"""Taking over rules, criteria, reasons and texts of letters from an earlier call."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.call_setup.copy import (
    Lacking,
    lacking,
    take_over,
)
from projects.models import Call, Criterion, Ground, LetterTemplate
from projects.permissions import CHANGE_CALL
from projects.stages import CallStage
from psf.impact.preview import preview_impact
from psf.staff.records import Link, RecordAdmin
from psf.text.numbers import eur


class EarlierForm(forms.Form):
    earlier = forms.ModelChoiceField(Call.objects.none(), label=gettext_lazy("Earlier call"))

    def __init__(self, data: Any, call: Call) -> None:
        super().__init__(data)
        others = Call.objects.exclude(pk=call.pk)
        self.fields["earlier"].queryset = others  # type: ignore[attr-defined]


class TakingOverPages(RecordAdmin):
    """Adds to a call's pages the one on which it takes over what an earlier call has."""

    def get_urls(self) -> list[Any]:
        return [self.page("take_over", self.take_over_view), *super().get_urls()]

    def links(self, request: HttpRequest, obj: Call) -> list[Link]:
        links = super().links(request, obj)
        if request.user.has_perm(CHANGE_CALL):
            links.append(
                Link(_("Take over…"), self.page_url("take_over", obj.pk), CallStage.PREPARATION)
            )
        return links

    def take_over_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Choose the earlier call; then what it has more is shown; then it is taken over."""
        if not request.user.has_perm(CHANGE_CALL):
            raise PermissionDenied
        call = self.record_or_404(request, object_id)
        choice = EarlierForm(request.GET or None, call)
        earlier = choice.cleaned_data["earlier"] if choice.is_valid() else None
        form = forms.Form(request.POST or None)
        if earlier and form.is_valid() and self._take_over(request, call, earlier, form):
            return redirect(self.page_url("change", call.pk))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Take over from an earlier call into “%(call)s”") % {"call": call},
            "opts": self.opts,
            "original": call,
            "choice": choice,
            "form": form,
            "earlier": earlier,
        }
        if earlier:
            context |= self._to_take_over(request, call, earlier)
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/projects/call_setup/copy.html", context)

    def _take_over(self, request: HttpRequest, call: Call, earlier: Call, form: forms.Form) -> bool:
        try:
            if request.POST.get("version") != _versions(call, earlier):
                raise ValidationError(
                    _("What you were shown has changed, so nothing was done: look at it again.")
                )
            take_over(call, earlier, request.user)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return False
        done = _("Taken over from “%(earlier)s”. Look through it now.") % {"earlier": earlier}
        self.log_change(request, call, done)
        self.message_user(request, done, messages.SUCCESS)
        return True

    def _to_take_over(self, request: HttpRequest, call: Call, earlier: Call) -> dict[str, Any]:
        trial = partial(take_over, call, earlier, request.user)
        seen = preview_impact(trial) if call.is_public() else None
        return {
            "groups": in_words(lacking(call, earlier)),
            "trials": [("", seen)] if seen else [],
            "version": _versions(call, earlier),
        }


def in_words(found: Lacking) -> list[tuple[str, list[str]]]:
    """What would be taken over, each kind with its lines."""
    rules = [
        f"{capfirst(str(Call._meta.get_field(name).verbose_name))}: {_value(name, value)}"  # type: ignore[union-attr]
        for name, value in found.rules.items()
    ]
    groups = [(_("Rules of this call"), rules)]
    for model, part in [
        (Criterion, "criteria"),
        (Ground, "grounds"),
        (LetterTemplate, "letter_templates"),
    ]:
        name = capfirst(str(model._meta.verbose_name_plural))
        groups.append((name, [_row(row) for row in found.parts[part]]))
    return [(name, lines) for name, lines in groups if lines]


def _value(name: str, value: Any) -> str:
    if name.endswith("_eur"):
        return eur(value)
    return _("yes") if value is True else str(value)


def _row(row: Any) -> str:
    if not isinstance(row, Criterion):
        return str(row)
    return _("%(name)s (weight %(weight)d, 0 to %(most)d points)") % {
        "name": row.name,
        "weight": row.weight,
        "most": row.maximum,
    }


def _versions(call: Call, earlier: Call) -> str:
    return f"{call.version} {earlier.pk}:{earlier.version}"
