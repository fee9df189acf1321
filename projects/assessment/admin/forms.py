"""What assessors and those who lead the assessment fill in."""

from collections.abc import Iterable
from typing import Any, cast

from crispy_forms.layout import HTML, LayoutObject
from django import forms
from django.contrib.auth.models import User
from django.forms.models import model_to_dict
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from projects.assessment import actions
from projects.assessment.actions import Said
from projects.assessment.assignment import assessors, assign, hint
from projects.assessment.progress import Burden, Progress, applications, burdens, progress
from projects.models import (
    Assessment,
    Call,
    Consensus,
    Criterion,
    Declaration,
    Project,
    ProjectStatus,
    Recommendation,
)
from psf.history import recording
from psf.history.models import Channel
from psf.staff.action_forms import ActionForm
from psf.staff.widgets import Lines

RECOMMENDATIONS = [choice for choice in Recommendation.choices if choice[0] != "not_yet"]


def sent(request: HttpRequest) -> Any:
    """What a form was sent; None where it is only shown."""
    return request.POST if request.method == "POST" else None


class DeclarationForm(forms.Form):
    declaration = forms.ChoiceField(
        label=gettext_lazy("Your declaration"),
        choices=[
            (
                Declaration.NONE,
                gettext_lazy(
                    "I have no conflict of interest: neither I nor anyone close to me works for, "
                    "advises or competes with those who apply"
                ),
            ),
            (Declaration.CONFLICT, gettext_lazy("I have a conflict of interest")),
        ],
        widget=forms.RadioSelect,
    )
    conflict = forms.CharField(
        label=gettext_lazy("Which conflict of interest"),
        max_length=500,
        required=False,
        widget=Lines(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Only if you have one. The secretariat reads it, and asks somebody else to assess."
        ),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        has_conflict = data.get("declaration") == Declaration.CONFLICT
        if has_conflict and not data.get("conflict"):
            self.add_error("conflict", _("Say in a sentence which one."))
        if not has_conflict:
            data["conflict"] = ""
        return data


class AssessmentForm(forms.Form):
    """Points and a comment for each criterion, and the whole. What is missing can follow later."""

    comment = forms.CharField(
        label=gettext_lazy("Overall comment"),
        max_length=5000,
        required=False,
        widget=Lines(attrs={"rows": 6}),
    )
    recommendation = forms.ChoiceField(
        label=gettext_lazy("Recommendation"),
        choices=Recommendation.choices,
        required=False,
    )

    def __init__(self, data: Any, assessment: Assessment, criteria: Iterable[Criterion]) -> None:
        super().__init__(data)
        self.criteria = list(criteria)
        self.initial = {
            "comment": assessment.comment,
            "recommendation": assessment.recommendation,
        }
        scores = {score.criterion_id: score for score in assessment.scores.all()}
        for criterion in self.criteria:
            self._add(criterion, scores.get(criterion.pk))
        self.order_fields([*list(self.fields)[2:], "comment", "recommendation"])

    def _add(self, criterion: Criterion, score: Any) -> None:
        self.fields[f"points-{criterion.pk}"] = forms.IntegerField(
            label=format_lazy(
                "{name}: {points}", name=criterion.name, points=gettext_lazy("points")
            ),
            min_value=0,
            max_value=criterion.maximum,
            required=False,
            help_text=_("0 to %(most)d. Weight %(weight)d.")
            % {"most": criterion.maximum, "weight": criterion.weight},
        )
        self.fields[f"comment-{criterion.pk}"] = forms.CharField(
            label=format_lazy(
                "{name}: {comment}", name=criterion.name, comment=gettext_lazy("comment")
            ),
            max_length=2000,
            required=False,
            widget=Lines(attrs={"rows": 3}),
        )
        if score:
            self.initial[f"points-{criterion.pk}"] = score.points
            self.initial[f"comment-{criterion.pk}"] = score.comment

    def rows(self) -> list[tuple[Criterion, list[forms.BoundField]]]:
        """The fields of each criterion."""
        return [
            (one, [self[f"points-{one.pk}"], self[f"comment-{one.pk}"]]) for one in self.criteria
        ]

    def whole(self) -> list[forms.BoundField]:
        return [self["comment"], self["recommendation"]]

    def said(self) -> Said:
        data = self.cleaned_data
        scores = {
            one.pk: (data[f"points-{one.pk}"], data[f"comment-{one.pk}"]) for one in self.criteria
        }
        return Said(scores, data["comment"], data["recommendation"] or Recommendation.NOT_YET)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=Lines(attrs={"rows": 3}),
        help_text=gettext_lazy("For the history of the assessment."),
    )


class AssignForm(ActionForm):
    """Choose applications, and the accounts that assess them."""

    button = gettext_lazy("Assign selected assessors")
    record: Call
    projects = forms.ModelMultipleChoiceField(
        Project.objects.none(),
        label=gettext_lazy("Applications"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose applications.")},
    )
    assessors = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=gettext_lazy("Assessors"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose assessors.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = progress(self.record)
        self.burdens = burdens(self.rows)
        self.hints: list[str] = []
        projects = cast(forms.ModelMultipleChoiceField, self.fields["projects"])
        projects.queryset = applications(self.record)
        accounts = cast(forms.ModelMultipleChoiceField, self.fields["assessors"])
        accounts.queryset = assessors()
        self.initial["projects"] = [row.project.pk for row in self.rows if row.missing]

    def layout(self) -> list[str | LayoutObject]:
        return [HTML('{% include "admin/projects/assessment/_assign.html" %}')]

    def application_rows(self) -> list[tuple[Progress, forms.boundfield.BoundWidget | None]]:
        """Each application with its checkbox, None if it is not eligible."""
        boxes = {str(box.data["value"]): box for box in self["projects"]}
        return [
            (
                row,
                boxes.get(str(row.project.pk))
                if row.project.status == ProjectStatus.ELIGIBLE
                else None,
            )
            for row in self.rows
        ]

    def account_rows(self) -> list[tuple[Burden, forms.boundfield.BoundWidget | None]]:
        """Each account with its checkbox, None if it cannot assess any more."""
        boxes = {str(box.data["value"]): box for box in self["assessors"]}
        return [(burden, boxes.get(str(burden.account.pk))) for burden in self.burdens]

    def execute(self) -> str:
        data = self.cleaned_data
        with recording.change_set(self.user, channel=Channel.ASSESSMENT):
            assignments = assign(data["projects"], data["assessors"], self.user)
        self.hints = [
            _("%(assessor)s and “%(partner)s” of %(project)s share a domain: is that a conflict?")
            % {"assessor": row.assessor, "partner": partner, "project": row.project.reference}
            for row in assignments
            if (partner := hint(row.assessor, row.project))
        ]
        if not assignments:
            return _(
                "Nobody was assigned. The accounts are assigned already, have declared a conflict "
                "of interest, or no application needs more assessors."
            )
        return ngettext(
            "%(count)d assignment was made.", "%(count)d assignments were made.", len(assignments)
        ) % {"count": len(assignments)}


class ConsensusForm(ActionForm):
    button = gettext_lazy("Record the consensus")
    record: Project
    agreed_percent = forms.IntegerField(
        label=gettext_lazy("Result agreed on (per cent)"),
        min_value=0,
        required=False,
        help_text=gettext_lazy("Leave empty to use the mean of the assessors."),
    )
    text = forms.CharField(
        label=gettext_lazy("What was agreed"),
        max_length=5000,
        required=False,
        widget=Lines(attrs={"rows": 6}),
    )
    recommendation = forms.ChoiceField(
        label=gettext_lazy("Recommendation"),
        choices=[("", gettext_lazy("choose")), *RECOMMENDATIONS],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if consensus := Consensus.objects.filter(project=self.record).first():
            self.initial = model_to_dict(consensus, list(self.fields))

    def blockers(self) -> list[str]:
        blockers = actions.too_early(self.record)
        if self.record.status != ProjectStatus.ELIGIBLE:
            status = self.record.get_status_display()
            blockers.append(
                _("The application is %(status)s: nothing can be written any more.")
                % {"status": status}
            )
        return blockers

    def execute(self) -> str:
        with recording.change_set(self.user, channel=Channel.ASSESSMENT):
            actions.record_consensus(self.record, self.user, **self.cleaned_data)
        return _("The consensus is recorded.")
