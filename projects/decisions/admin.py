"""The committee's decision on a call: the draft list, applying it, taking it back, the reserve."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from projects import decisions as deciding
from projects.assessment import progress as standing
from projects.assessment.ranking import rounded
from projects.models import Call, Outcome, Project, ProjectStatus
from projects.permissions import may_decide
from projects.stages import CallStage
from projects.workflow.transitions import DECIDED_TOGETHER
from psf.database.constraints import GREATEST_AMOUNT, GREATEST_COUNT
from psf.staff.records import Link, RecordAdmin


class LineForm(forms.Form):
    """What is proposed for one application."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        choices=[("", gettext_lazy("open")), *Outcome.choices],
        required=False,
    )
    award_eur = forms.DecimalField(
        label=gettext_lazy("Award (EUR)"),
        min_value=0,
        max_value=GREATEST_AMOUNT,
        decimal_places=2,
        required=False,
    )
    reserve_place = forms.IntegerField(
        label=gettext_lazy("Place on the reserve list"),
        min_value=1,
        max_value=GREATEST_COUNT,
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason for the applicant"), max_length=1000, required=False
    )

    def __init__(self, data: Any, row: deciding.Row) -> None:
        line = row.line
        initial = {
            "outcome": line.outcome if line else "",
            "award_eur": line.award_eur if line else None,
            "reserve_place": line.reserve_place if line else None,
            "reason": line.reason if line else "",
        }
        super().__init__(data, prefix=str(row.project.pk), initial=initial)
        self.row = row
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{row.project.reference}: {field.label}"

    def as_line(self) -> deciding.Line:
        return deciding.Line(self.row.project, **self.cleaned_data)


class ReverseForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why, for the history"), max_length=500)


class MoveUpForm(forms.Form):
    project = forms.ModelChoiceField(
        Project.objects.none(), label=gettext_lazy("Application of the reserve list")
    )
    award_eur = forms.DecimalField(
        label=gettext_lazy("Award (EUR)"), min_value=0, max_value=GREATEST_AMOUNT, decimal_places=2
    )
    reason = forms.CharField(
        label=gettext_lazy("Why, for the history"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Needed only when another one comes first on the list."),
    )


class DecidingAdmin(RecordAdmin):
    """Adds to a call's pages those of its decision."""

    def get_urls(self) -> list[Any]:
        return [
            self.page("decision", self.decision_view),
            self.page("apply_decision", self.apply_view),
            self.page("reverse_decision", self.reverse_view),
            self.page("move_up", self.move_up_view),
            *super().get_urls(),
        ]

    def links(self, request: HttpRequest, obj: Call) -> list[Link]:
        links = super().links(request, obj)
        if may_decide(request):
            links.append(
                Link(_("Decision…"), self.page_url("decision", obj.pk), CallStage.DECISION)
            )
        return links

    def decision_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The draft: each eligible application with its line, and what they come to."""
        call = self._call_to_decide(request, object_id)
        results = ranking_of(call, request.user)
        draft = deciding.draft_of(call, results)
        data = request.POST if request.method == "POST" else None
        lines = [LineForm(data, row=row) for row in draft.rows]
        problems: list[str] = []
        valid = [form.is_valid() for form in lines]  # each tells its errors
        if data is not None and all(valid):
            problems = self._save_draft(request, call, lines)
            if not problems:
                self.message_user(request, _("The draft was saved."), messages.SUCCESS)
                return redirect(self.page_url("decision", call.pk))
        context = {
            "draft": draft,
            "lines": lines,
            "is_ranked": bool(results),
            "problems": problems,
            "has_errors": any(form.errors for form in lines if form.is_bound),
            "hindrances": deciding.hindrances(call, request.user) if draft.rows else [],
            "decided": call.projects.filter(status__in=DECIDED_TOGETHER)
            .select_related("decision_line")
            .order_by("status", "decision_line__reserve_place", "reference"),
            "next_on_reserve": deciding.next_on_reserve(call),
            "title": _("Decision on %(call)s") % {"call": call},
        }
        return self._decision_page(request, call, "decision", context)

    def _save_draft(self, request: HttpRequest, call: Call, lines: list[LineForm]) -> list[str]:
        """Why the draft was not saved; [] when it was."""
        try:
            self._refuse_what_changed(request, call)
            deciding.prepare(call, [form.as_line() for form in lines], request.user)
        except ValidationError as error:
            return error.messages
        return []

    def apply_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        call = self._call_to_decide(request, object_id)
        form = forms.Form(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                self._refuse_what_changed(request, call)
                projects = deciding.apply(call, request.user)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                words = ngettext(
                    "The decision was applied: %(count)d application is decided.",
                    "The decision was applied: %(count)d applications are decided.",
                    len(projects),
                ) % {"count": len(projects)}
                self.message_user(request, words, messages.SUCCESS)
                return redirect(self.page_url("decision", call.pk))
        draft = deciding.draft_of(call)
        context = {
            "form": form,
            "draft": draft,
            "reasons": deciding.hindrances(call, request.user),
            "title": _("Apply the decision on %(call)s") % {"call": call},
        }
        return self._decision_page(request, call, "apply_decision", context)

    def reverse_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        call = self._call_to_decide(request, object_id)
        form = ReverseForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                self._refuse_what_changed(request, call)
                deciding.reverse(call, request.user, form.cleaned_data["reason"])
            except ValidationError as error:
                form.add_error(None, error)
            else:
                done = _("The decision was taken back: the applications are eligible again.")
                self.message_user(request, done, messages.SUCCESS)
                return redirect(self.page_url("decision", call.pk))
        context = {
            "form": form,
            "title": _("Take the decision on %(call)s back") % {"call": call},
        }
        return self._decision_page(request, call, "reverse_decision", context)

    def move_up_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        call = self._call_to_decide(request, object_id)
        waiting = call.projects.filter(status=ProjectStatus.RESERVE).order_by(
            "decision_line__reserve_place", "reference"
        )
        form = MoveUpForm(request.POST or None, initial={"project": deciding.next_on_reserve(call)})
        form.fields["project"].queryset = waiting  # type: ignore[attr-defined]
        if request.method == "POST" and form.is_valid():
            try:
                self._refuse_what_changed(request, call)
                asked = form.cleaned_data
                deciding.move_up(
                    asked["project"], asked["award_eur"], request.user, asked["reason"]
                )
            except ValidationError as error:
                form.add_error(None, error)
            else:
                self.message_user(request, _("It is funded now."), messages.SUCCESS)
                return redirect(self.page_url("decision", call.pk))
        context = {
            "form": form,
            "draft": deciding.draft_of(call),
            "title": _("Fund an application of the reserve list of %(call)s") % {"call": call},
        }
        return self._decision_page(request, call, "move_up", context)

    def _call_to_decide(self, request: HttpRequest, object_id: str) -> Call:
        if not may_decide(request):
            raise PermissionDenied
        return self.record_or_404(request, object_id)

    def _refuse_what_changed(self, request: HttpRequest, call: Call) -> None:
        if request.POST.get("version") != _versions(call):
            raise ValidationError(
                _("What you were shown has changed, so nothing was done: look at it again.")
            )

    def _decision_page(
        self, request: HttpRequest, call: Call, page: str, context: dict[str, Any]
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": call,
            "version": _versions(call),
        }
        return TemplateResponse(request, f"admin/projects/decisions/{page}.html", shared | context)


def ranking_of(call: Call, user: Any) -> dict[int, Decimal]:
    """The results of the assessment that this person may read, in per cent, the best first."""
    rows = standing.ranked_list(call, user).rows
    return {row.project.pk: rounded(row.result) for row in rows if row.result is not None}


def _versions(call: Call) -> str:
    """Of the call and of all its applications."""
    rows = call.projects.order_by("pk").values_list("pk", "version")
    now = Call.objects.values_list("version", flat=True).get(pk=call.pk)
    return " ".join([str(now), *(f"{key}:{version}" for key, version in rows)])
