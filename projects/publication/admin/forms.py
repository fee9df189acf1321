"""The forms that publish or unpublish a call or a project."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from projects.models import Call, Project
from projects.publication.blockers import publication_blockers
from projects.publication.publish import (
    cancel_publication,
    publish_call,
    publish_project,
    publish_results,
    results_were_unpublished,
    scheduled_results,
    unpublish_call,
    unpublish_project,
    unpublish_results,
    unpublished_separately,
)
from psf.staff.action_forms import PreviewedActionForm
from psf.staff.widgets import LongTextField
from psf.text.dates import describe_moment

PAGE, RESULTS = "page", "results"
CHOICES = [
    (PAGE, gettext_lazy("the call’s page: its text and its rules")),
    (RESULTS, gettext_lazy("the results: the decision and the funded projects")),
]


class PublishForm(PreviewedActionForm):
    button: ClassVar[str | Promise] = gettext_lazy("Publish")
    at = forms.DateTimeField(
        label=gettext_lazy("Publish on"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].help_text = _(
            "Leave empty to publish now. Time zone of a later time: %(zone)s."
        ) % {"zone": timezone.get_current_timezone_name()}

    def clean_at(self) -> datetime:
        now = timezone.now()
        at = self.cleaned_data["at"]
        if at and at < now:
            raise ValidationError(_("This time has passed. Leave the field empty to publish now."))
        return at or now


class PublishProjectForm(PublishForm):
    button = gettext_lazy("Publish the project")
    record: Project

    def blockers(self) -> list[str]:
        now = timezone.now()
        return publication_blockers(self.record, max(now, self.record.call.published_at or now))

    def execute(self) -> str:
        at = self.cleaned_data["at"]
        publish_project(self.record, at)
        at = self.record.scheduled_for() or at
        if at <= timezone.now():
            return _("Published: the project is public.")
        return _("Scheduled: the project becomes public on %(moment)s.") % {
            "moment": describe_moment(at)
        }

    def preview(self) -> Mapping[str, Callable[[], object]]:
        return {"": lambda: publish_project(self.fresh(), timezone.now())}


class AgainField(forms.ModelMultipleChoiceField):
    """Projects that were unpublished separately, each with its reason. None is chosen at first."""

    def __init__(self) -> None:
        super().__init__(
            queryset=Project.objects.none(),
            label=gettext_lazy("Unpublished separately: publish these again too"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=gettext_lazy("Projects that you do not tick stay unpublished."),
        )

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.reference} · {obj.title}: “{obj.unpublished_reason}”"


class PublishCallForm(PublishForm):
    record: Call
    what = forms.ChoiceField(
        label=gettext_lazy("What to publish"), choices=CHOICES, widget=forms.RadioSelect
    )
    again = AgainField()
    reason = forms.CharField(
        label=gettext_lazy("Reason for publishing the results again"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Kept in the history. Readers do not see it."),
    )
    field_order = ["what", "at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        what = cast(forms.ChoiceField, self.fields["what"])
        if self.record.is_public():
            what.choices = CHOICES[1:]
        self.initial["what"] = RESULTS if self.record.is_public() else PAGE
        self.unpublished_separately = unpublished_separately(self.record)
        again = cast(AgainField, self.fields["again"])
        again.queryset = self.unpublished_separately
        if not self.unpublished_separately.exists():
            del self.fields["again"]
        if not results_were_unpublished(self.record):
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        needs_reason = "reason" in self.fields and data.get("what") == RESULTS
        if needs_reason and not data.get("reason"):
            self.add_error("reason", _("Enter the reason for publishing the results again."))
        return data

    def execute(self) -> str:
        if self.cleaned_data["what"] == PAGE:
            return self._publish_page()
        at = self.cleaned_data["at"]
        projects = publish_results(self.record, at, self.cleaned_data.get("again", []))
        self.also = list(projects)
        at = max(at, self.record.published_at or at)
        decision = self.record.recorded_decision()
        if at > timezone.now() and decision and decision.is_public():
            sentence = ngettext(
                "Scheduled: %(count)d project becomes public on %(moment)s. The decision is "
                "public already.",
                "Scheduled: %(count)d projects become public on %(moment)s. The decision is "
                "public already.",
                len(projects),
            )
        elif at <= timezone.now():
            sentence = ngettext(
                "Published: the decision and %(count)d project are public.",
                "Published: the decision and %(count)d projects are public.",
                len(projects),
            )
        else:
            sentence = ngettext(
                "Scheduled: the decision and %(count)d project become public on %(moment)s.",
                "Scheduled: the decision and %(count)d projects become public on %(moment)s.",
                len(projects),
            )
        return sentence % {"count": len(projects), "moment": describe_moment(at)}

    def _publish_page(self) -> str:
        at = self.cleaned_data["at"]
        publish_call(self.record, at)
        if at <= timezone.now():
            return _("Published: the call’s page is public.")
        return _("Scheduled: the call’s page becomes public on %(moment)s.") % {
            "moment": describe_moment(at)
        }

    def preview(self) -> Mapping[str, Callable[[], object]]:
        now = timezone.now()
        actions: dict[str, Callable[[], object]] = {
            _("the call’s page"): lambda: publish_call(self.fresh(), now),
            _("the results"): lambda: publish_results(self.fresh(), now),
        }
        if "again" in self.fields:
            label = _("the results, with all projects that were unpublished separately")
            actions[label] = lambda: publish_results(self.fresh(), now, self.unpublished_separately)
        return actions


def reason_field() -> forms.CharField:
    return LongTextField(
        3,
        label=gettext_lazy("Reason for readers"),
        max_length=500,
        help_text=gettext_lazy("One sentence. Readers see it instead of the page."),
    )


class UnpublishProjectForm(PreviewedActionForm[Project]):
    button = gettext_lazy("Unpublish the project")
    reason = reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["reason"] = "" if self.record.published_at else self.record.unpublished_reason
        if self.record.scheduled_for():
            del self.fields["reason"]  # no reader sees it yet

    def execute(self) -> str:
        reason = self.cleaned_data.get("reason", "")
        unpublish_project(self.record, reason)
        if not reason:
            return _("Cancelled: the project does not become public.")
        return _("Unpublished: %(reason)s") % {"reason": reason}

    def preview(self) -> Mapping[str, Callable[[], object]]:
        return {"": lambda: unpublish_project(self.fresh(), _("your reason"))}


class CancelPublicationForm(PreviewedActionForm):
    button = gettext_lazy("Cancel the publication")
    cancel_label = gettext_lazy("Keep the publication")
    record: Call | Project

    def execute(self) -> str:
        self.also = [row for row in cancel_publication(self.record) if row != self.record]
        return _("Cancelled: nothing scheduled becomes public.")

    def preview(self) -> Mapping[str, Callable[[], object]]:
        return {"": lambda: cancel_publication(self.fresh())}


class UnpublishCallForm(PreviewedActionForm[Call]):
    button = gettext_lazy("Unpublish")
    what = forms.ChoiceField(
        label=gettext_lazy("What to unpublish"),
        choices=[
            (RESULTS, gettext_lazy("the results: the decision and the call’s projects")),
            (PAGE, gettext_lazy("the call’s page")),
        ],
        widget=forms.RadioSelect,
    )
    reason = reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["reason"] = "" if self.record.published_at else self.record.unpublished_reason
        # No reader sees yet what is only scheduled.
        is_scheduled = self.record.scheduled_for() or scheduled_results(self.record)
        self.fields["reason"].required = not is_scheduled

    def execute(self) -> str:
        reason = self.cleaned_data["reason"]
        if self.cleaned_data["what"] == PAGE:
            unpublish_call(self.record, reason)
            return " ".join(filter(None, [_("The call’s page was unpublished."), reason]))
        projects = unpublish_results(self.record, reason)
        self.also = list(projects)
        sentence = ngettext(
            "The decision and %(count)d project were unpublished.",
            "The decision and %(count)d projects were unpublished.",
            len(projects),
        ) % {"count": len(projects)}
        return " ".join(filter(None, [sentence, reason]))

    def preview(self) -> Mapping[str, Callable[[], object]]:
        return {
            _("the results"): lambda: unpublish_results(self.fresh(), _("your reason")),
            _("the call’s page"): lambda: unpublish_call(self.fresh(), _("your reason")),
        }
