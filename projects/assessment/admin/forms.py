"""What assessors and those who lead the assessment fill in."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.assessment.actions import Said
from projects.models import Assessment, Consensus, Criterion, Declaration, Project, Recommendation
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


class AssignForm(forms.Form):
    """Which applications get assessors, and from whom."""

    projects = forms.ModelMultipleChoiceField(Project.objects.none())
    assessors = forms.ModelMultipleChoiceField(User.objects.none())

    def __init__(self, data: Any, projects: QuerySet[Project], accounts: QuerySet[User]) -> None:
        super().__init__(data)
        self.fields["projects"].queryset = projects  # type: ignore[attr-defined]
        self.fields["assessors"].queryset = accounts  # type: ignore[attr-defined]
        self.fields["projects"].error_messages["required"] = _("Choose applications.")
        self.fields["assessors"].error_messages["required"] = _("Choose assessors.")


class ConsensusForm(forms.ModelForm):
    recommendation = forms.ChoiceField(
        label=gettext_lazy("Recommendation"),
        choices=[("", gettext_lazy("choose")), *RECOMMENDATIONS],
    )

    class Meta:
        model = Consensus
        fields = ["agreed_percent", "text", "recommendation"]
        widgets = {"text": Lines(attrs={"rows": 6})}
