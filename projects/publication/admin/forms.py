"""Publishing and taking back, as forms: what is asked, and the step that follows."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from projects.models import Call, Project
from projects.publication import services
from psf.staff.action_forms import PreviewedActionForm
from psf.text.dates import Precision, describe

PAGE, RESULTS = "page", "results"


def in_words(at: datetime) -> str:
    """ "16 August 2019, 10:00 CEST", in the zone of the site."""
    return describe(timezone.localtime(at), Precision.MINUTE)


class PublishForm(PreviewedActionForm):
    at = forms.DateTimeField(
        label=gettext_lazy("From when"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].help_text = _(
            "Empty: at once. A later moment is given in the time of %(zone)s."
        ) % {"zone": timezone.get_current_timezone_name()}

    def clean_at(self) -> datetime:
        now = timezone.now()
        at = self.cleaned_data["at"]
        if at and at < now:
            raise ValidationError(_("This moment has passed. Leave it empty to publish at once."))
        return at or now


class PublishProjectForm(PublishForm):
    record: Project

    def execute(self) -> str:
        services.publish_project(self.record, self.cleaned_data["at"])
        return _("Published: public from %(moment)s on.") % {
            "moment": in_words(self.cleaned_data["at"])
        }

    def preview(self) -> Mapping[str, Callable[[], object]]:
        return {"": lambda: services.publish_project(self.fresh(), timezone.now())}


class AgainField(forms.ModelMultipleChoiceField):
    """Projects that were taken back by themselves, each with its reason: none unless named."""

    def __init__(self) -> None:
        super().__init__(
            queryset=Project.objects.none(),
            label=gettext_lazy("Taken back by themselves: publish these again too"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=gettext_lazy("With the results. Those that you do not tick stay taken back."),
        )

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.reference} · {obj.title}: “{obj.unpublished_reason}”"


class PublishCallForm(PublishForm):
    record: Call
    what = forms.ChoiceField(
        label=gettext_lazy("What to publish"),
        choices=[
            (PAGE, gettext_lazy("the call’s page: its text and its rules")),
            (RESULTS, gettext_lazy("the results: the decision and the funded projects")),
        ],
        widget=forms.RadioSelect,
    )
    again = AgainField()
    reason = forms.CharField(
        label=gettext_lazy("Why again"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Readers knew these results. It is kept in the history alone."),
    )
    field_order = ["what", "at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["what"] = RESULTS if self.record.is_public() else PAGE
        self.alone = services.taken_back_alone(self.record)
        self.fields["again"].queryset = self.alone  # type: ignore[attr-defined]
        if not self.alone.exists():
            del self.fields["again"]
        if not services.were_taken_back(self.record):
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        asked = "reason" in self.fields and data.get("what") == RESULTS
        if asked and not data.get("reason"):
            self.add_error("reason", _("Say why they are public again."))
        return data

    def execute(self) -> str:
        at = self.cleaned_data["at"]
        if self.cleaned_data["what"] == PAGE:
            services.publish_call(self.record, at)
            return _("Published: the call’s page is public from %(moment)s on.") % {
                "moment": in_words(at)
            }
        again = self.cleaned_data.get("again", [])
        self.also = projects = services.publish_results(self.record, at, again)
        return ngettext(
            "Published: the decision and %(count)d project, public from %(moment)s on.",
            "Published: the decision and %(count)d projects, public from %(moment)s on.",
            len(projects),
        ) % {"count": len(projects), "moment": in_words(at)}

    def preview(self) -> Mapping[str, Callable[[], object]]:
        now = timezone.now()
        actions: dict[str, Callable[[], object]] = {
            _("the call’s page"): lambda: services.publish_call(self.fresh(), now),
            _("the results"): lambda: services.publish_results(self.fresh(), now),
        }
        if "again" in self.fields:
            label = _("the results, with all that were taken back by themselves")
            actions[label] = lambda: services.publish_results(self.fresh(), now, self.alone)
        return actions


class ReasonField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=gettext_lazy("Reason for readers"),
            max_length=500,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=gettext_lazy("One sentence. It takes the place of the page."),
            **kwargs,
        )


class TakeBackProjectForm(PreviewedActionForm):
    record: Project
    reason = ReasonField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.record.published_at and self.record.published_at > timezone.now():
            del self.fields["reason"]  # nobody has seen it: there is nothing to explain

    def execute(self) -> str:
        reason = self.cleaned_data.get("reason", "")
        services.take_back_project(self.record, reason)
        if not reason:
            return _("Taken back before it was public.")
        return _("Taken back from the public: %(reason)s") % {"reason": reason}

    def preview(self) -> Mapping[str, Callable[[], object]]:
        return {"": lambda: services.take_back_project(self.fresh(), _("your reason"))}


class UnpublishCallForm(PreviewedActionForm):
    record: Call
    what = forms.ChoiceField(
        label=gettext_lazy("What to take back"),
        choices=[
            (RESULTS, gettext_lazy("the results: the decision and the call’s projects")),
            (PAGE, gettext_lazy("the call’s page")),
        ],
        widget=forms.RadioSelect,
    )
    reason = ReasonField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = self.record.is_public()

    def execute(self) -> str:
        reason = self.cleaned_data["reason"]
        if self.cleaned_data["what"] == PAGE:
            services.take_back_call(self.record, reason)
            return " ".join(filter(None, [_("The call’s page was taken back."), reason]))
        self.also = projects = services.take_back_results(self.record, reason)
        return ngettext(
            "The decision and %(count)d project were taken back from the public: %(reason)s",
            "The decision and %(count)d projects were taken back from the public: %(reason)s",
            len(projects),
        ) % {"count": len(projects), "reason": reason}

    def preview(self) -> Mapping[str, Callable[[], object]]:
        return {
            _("the results"): lambda: services.take_back_results(self.fresh(), _("your reason")),
            _("the call’s page"): lambda: services.take_back_call(self.fresh(), _("your reason")),
        }
