"""Publishing and unpublishing: pages of their own beside the form of a call or a project."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from projects.amounts import project_amount
from projects.models import Call, Project
from projects.permissions import PUBLISH_CALL, PUBLISH_PROJECT
from projects.publication import warnings
from projects.publication.publish import (
    awaiting_publication,
    cancel_publication,
    publication_blockers,
    publication_status,
    publish_call,
    publish_project,
    publish_results,
    scheduled_results,
    scheduled_sentence,
    unpublish_call,
    unpublish_project,
    unpublish_results,
)
from projects.stages import CallStage
from psf.history.models import Channel
from psf.staff.forms import StaffForm
from psf.staff.pages import ActionPage
from psf.staff.record_admin import DeletionRules, RecordAdmin
from psf.staff.widgets import DAY_IN_FIGURES, KnownMomentField, LongTextField
from psf.text.dates import KNOWN_DAYS, describe_moment


class PublishedRecordAdmin(RecordAdmin):
    """A record that a separate action publishes. The action has its own permission."""

    def deletion_rules(self) -> DeletionRules:
        public = _(
            "“%(record)s” is public, or will be, so it cannot be deleted. Unpublish it instead."
        )
        unpublished = _(
            "“%(record)s” was public and cannot be deleted: its address tells readers why it was "
            "unpublished."
        )
        return [
            (Q(published_at__isnull=False), public),
            (Q(unpublished_at__isnull=False), unpublished),
        ]

    @admin.display(description=gettext_lazy("publication"), ordering="published_at")
    def publication(self, obj: Call | Project) -> str:
        """Whether readers see the record, as the list shows it."""
        if obj.published_at is None:
            return _("unpublished") if obj.unpublished_at else _("not public")
        if moment := obj.scheduled_for():
            return scheduled_sentence(moment)
        decision = obj.recorded_decision() if isinstance(obj, Call) else None
        if decision and (moment := decision.scheduled_for()):
            return _("public; results: %(scheduled)s") % {"scheduled": scheduled_sentence(moment)}
        return _("public")


PAGE, RESULTS = "page", "results"
CHOICES = [
    (PAGE, gettext_lazy("the call’s page: its text and its rules")),
    (RESULTS, gettext_lazy("the results: the decision and the funded projects")),
]

Previews = Mapping[str, Callable[[], object]]


class PublicationPage(ActionPage):
    stage = CallStage.PUBLISH
    channel = Channel.PUBLICATION
    record: Call | Project

    def is_allowed(self) -> bool:
        return self.user.has_perm(PUBLISH_CALL if self.admin.model is Call else PUBLISH_PROJECT)

    def shown(self) -> list[Model]:
        """Also the projects of a call, which are published and unpublished with it."""
        projects = self.record.projects.all() if isinstance(self.record, Call) else []
        return [self.record, *projects]

    def context(self) -> Mapping[str, object]:
        return {"publication": publication_status(self.record)}

    def was_public(self) -> bool:
        """Whether readers saw the record. What is only scheduled is cancelled, not unpublished."""
        was_public = self.record.is_public() or self.record.unpublished_at
        return bool(was_public) and not self.record.scheduled_for()

    def report(self, done: str) -> None:
        if url := self.admin.get_view_on_site_url(self.record):
            link = format_html('<a href="{}">{}</a>', url, _("See the public page"))
            messages.success(self.request, format_html("{} {}", done, link))
        else:
            messages.success(self.request, done)

    def done(self, what: str, at: datetime, *others: Project) -> str:
        """Log and say what is public now, or from a moment on."""
        at = max(at, getattr(self.record, "call", self.record).published_at or at)
        sentence = _("Published: %(what)s.")
        if at > timezone.now():
            sentence = _("Scheduled for %(moment)s: %(what)s.")
        values = {"what": what, "moment": describe_moment(at)}
        return self.log(sentence % values, self.record, *others)


# Publishing


class MomentForm(StaffForm):
    at = KnownMomentField(label=gettext_lazy("Publish on"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].help_text = _(
            "Leave empty to publish now. A later day, such as 31/03/2027, begins at 00:00 unless "
            "you enter a time. Time zone: %(zone)s."
        ) % {"zone": timezone.get_current_timezone_name()}

    def clean_at(self) -> datetime:
        field, now = cast(KnownMomentField, self.fields["at"]), timezone.now()
        at, precision = field.read(self["at"].data)
        if precision not in KNOWN_DAYS:
            raise ValidationError(DAY_IN_FIGURES)
        if at and at < now:
            raise ValidationError(_("This time has passed. Leave the field empty to publish now."))
        return at or now


class PublishProjectPage(PublicationPage):
    name = "publish"
    label = gettext_lazy("Publish…")
    heading = gettext_lazy("Publish “%(record)s”")
    template_name = "admin/projects/publication/publish_project.html"
    fields = MomentForm
    button = gettext_lazy("Publish the project")
    record: Project

    def is_offered(self) -> bool:
        return super().is_offered() and not self.record.is_public()

    def context(self) -> Mapping[str, object]:
        project = Project.objects.for_page().get(pk=self.record.pk)
        return {
            **super().context(),
            "project": project,
            "amount": project_amount(project),
            "missing": warnings.missing_in_project(project),
        }

    def blockers(self) -> list[str]:
        now = timezone.now()
        return publication_blockers(self.record, max(now, self.record.call.published_at or now))

    def previews(self) -> Previews:
        return {"": lambda: publish_project(self.fresh(), timezone.now())}

    def execute(self, form: MomentForm) -> str:
        publish_project(self.record, form.cleaned_data["at"])
        return self.done(_("the project"), form.cleaned_data["at"])


class PublishCallForm(MomentForm):
    what = forms.ChoiceField(
        label=gettext_lazy("What to publish"), choices=CHOICES, widget=forms.RadioSelect
    )
    field_order = ["what", "at"]


class PublishCallPage(PublicationPage):
    name = "publish"
    label = gettext_lazy("Publish…")
    heading = gettext_lazy("Publish “%(record)s”")
    template_name = "admin/projects/publication/publish_call.html"
    fields = PublishCallForm
    button = gettext_lazy("Publish")
    record: Call

    def is_offered(self) -> bool:
        """Whether anything of the call is not public yet."""
        decision = self.record.recorded_decision()
        return super().is_offered() and (
            not self.record.is_public()
            or bool(awaiting_publication(self.record))
            or (decision is not None and not decision.is_public())
        )

    def context(self) -> Mapping[str, object]:
        call = Call.objects.for_page().get(pk=self.record.pk)
        now = timezone.now()
        waiting, decision = awaiting_publication(call), call.recorded_decision()
        hidden = decision if decision and not decision.is_public() else None
        at = max(now, call.published_at or now)
        reasons = [reason for project in waiting for reason in publication_blockers(project, at)]
        return {
            **super().context(),
            "call": call,
            "decision": decision,
            "projects": [(project, project_amount(project)) for project in waiting],
            "missing": warnings.missing_in_call(call),
            "missing_results": warnings.missing_in_results(hidden, waiting) if hidden else [],
            "result_blockers": list(dict.fromkeys(reasons)),
        }

    def prepare(self, form: PublishCallForm) -> None:
        what: Any = form.fields["what"]
        if self.record.is_public():
            what.choices = CHOICES[1:]
        form.initial["what"] = RESULTS if self.record.is_public() else PAGE

    def previews(self) -> Previews:
        now = timezone.now()
        return {
            _("the call’s page"): lambda: publish_call(self.fresh(), now),
            _("the results"): lambda: publish_results(self.fresh(), now),
        }

    def execute(self, form: PublishCallForm) -> str:
        at = form.cleaned_data["at"]
        if form.cleaned_data["what"] == PAGE:
            publish_call(self.record, at)
            return self.done(_("the call’s page"), at)
        projects = publish_results(self.record, at)
        words = ngettext(
            "the results, with %(count)d project",
            "the results, with %(count)d projects",
            len(projects),
        )
        return self.done(words % {"count": len(projects)}, at, *projects)


# Unpublishing


class ReasonForm(StaffForm):
    reason = LongTextField(
        3,
        label=gettext_lazy("Reason for readers"),
        max_length=500,
        help_text=gettext_lazy("One sentence. Readers see it instead of the page."),
    )


class UnpublishProjectPage(PublicationPage):
    name = "unpublish"
    label = gettext_lazy("Unpublish…")
    heading = gettext_lazy("Unpublish “%(record)s”")
    template_name = "admin/projects/publication/unpublish_project.html"
    fields = ReasonForm
    button = gettext_lazy("Unpublish the project")
    record: Project

    def is_offered(self) -> bool:
        return super().is_offered() and self.was_public()

    def prepare(self, form: ReasonForm) -> None:
        form.initial["reason"] = "" if self.record.is_public() else self.record.unpublished_reason

    def previews(self) -> Previews:
        return {"": lambda: unpublish_project(self.fresh(), _("your reason"))}

    def execute(self, form: ReasonForm) -> str:
        unpublish_project(self.record, self.reason(form))
        done = _("Unpublished: %(reason)s") % {"reason": self.reason(form)}
        return self.log(done, self.record)


class UnpublishCallForm(ReasonForm):
    what = forms.ChoiceField(
        label=gettext_lazy("What to unpublish"),
        choices=[
            (RESULTS, gettext_lazy("the results: the decision and the call’s projects")),
            (PAGE, gettext_lazy("the call’s page")),
        ],
        widget=forms.RadioSelect,
    )
    field_order = ["what", "reason"]


class UnpublishCallPage(PublicationPage):
    name = "unpublish"
    label = gettext_lazy("Unpublish…")
    heading = gettext_lazy("Unpublish “%(record)s”")
    template_name = "admin/projects/publication/unpublish_call.html"
    fields = UnpublishCallForm
    button = gettext_lazy("Unpublish")
    record: Call

    def is_offered(self) -> bool:
        return super().is_offered() and self.was_public()

    def prepare(self, form: UnpublishCallForm) -> None:
        form.initial["reason"] = "" if self.record.is_public() else self.record.unpublished_reason

    def context(self) -> Mapping[str, object]:
        projects = self.record.projects.filter(published_at__isnull=False).for_list()
        return {**super().context(), "projects": list(projects)}

    def previews(self) -> Previews:
        return {
            _("the results"): lambda: unpublish_results(self.fresh(), _("your reason")),
            _("the call’s page"): lambda: unpublish_call(self.fresh(), _("your reason")),
        }

    def execute(self, form: UnpublishCallForm) -> str:
        reason = self.reason(form)
        if form.cleaned_data["what"] == PAGE:
            unpublish_call(self.record, reason)
            projects, done = [], _("The call’s page was unpublished.")
        else:
            projects = list(unpublish_results(self.record, reason))
            done = ngettext(
                "The decision and %(count)d project were unpublished.",
                "The decision and %(count)d projects were unpublished.",
                len(projects),
            ) % {"count": len(projects)}
        return self.log(f"{done} {reason}", self.record, *projects)


class CancelPublicationPage(PublicationPage):
    name = "cancel_publication"
    label = gettext_lazy("Cancel the scheduled publication…")
    heading = gettext_lazy("Cancel the scheduled publication of “%(record)s”")
    template_name = "admin/projects/publication/_page.html"
    button = gettext_lazy("Cancel the publication")
    cancel_label = gettext_lazy("Keep the publication")

    def is_offered(self) -> bool:
        results = scheduled_results(self.record) if isinstance(self.record, Call) else None
        return super().is_offered() and bool(self.record.scheduled_for() or results)

    def previews(self) -> Previews:
        return {"": lambda: cancel_publication(self.fresh())}

    def execute(self, form: StaffForm) -> str:
        records = [row for row in cancel_publication(self.record) if row != self.record]
        done = _("Cancelled: nothing scheduled becomes public.")
        return self.log(done, self.record, *records)
