"""The list of assessments, and the pages of assessors."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Model, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from projects.assessment import assess
from projects.assessment.admin.forms import AssessmentForm, DeclarationForm, ReasonForm
from projects.assessment.anonymised import AssessedApplication, load_application, with_partners
from projects.assessment.ranking import results_of, rounded
from projects.models import (
    Assessment,
    Call,
    Criterion,
    Declaration,
    Document,
    ProjectStatus,
    Score,
)
from projects.permissions import ASSESS, LEAD_ASSESSMENT
from psf.files.store import attachment
from psf.history import recording
from psf.history.models import ChangeSet, Channel
from psf.history.states import record_changes
from psf.history.words import sentences_by_change_set
from psf.staff.pages import ActionPage, StaffPage
from psf.staff.record_admin import ReadOnly, RecordAdmin
from psf.text.dates import Precision, describe


class CallFilter(admin.SimpleListFilter):
    title = gettext_lazy("call")
    parameter_name = "call"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Any:
        mine = Assessment.objects.listed_for(request.user)
        calls = Call.objects.filter(pk__in=mine.values("project__call"))
        return [(str(call.pk), str(call)) for call in calls]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        calls = dict(self.lookup_choices)
        return queryset.filter(project__call=self.value()) if self.value() in calls else queryset


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Any:
        return [
            ("to_do", gettext_lazy("to do")),
            ("submitted", gettext_lazy("submitted")),
            ("conflict", gettext_lazy("conflict of interest")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        choices: dict[str | None, QuerySet] = {
            "to_do": queryset.to_do(),
            "submitted": queryset.filter(submitted_at__isnull=False),
            "conflict": queryset.filter(declaration=Declaration.CONFLICT),
        }
        return choices.get(self.value(), queryset)


class AssessmentPage(StaffPage):
    """Loads the assessment and what the account may read of the application."""

    prefix = "<int:object_id>/"
    permission = "view"
    record: Assessment

    def assessments(self) -> QuerySet[Assessment]:
        """The assessments that the account may open on this page."""
        if self.permission == ASSESS:
            return Assessment.objects.filter(assessor=self.user)
        return Assessment.objects.visible_to(self.user)

    def load(self) -> None:
        scores = Prefetch("scores", queryset=Score.objects.select_related("criterion"))
        assessments = self.assessments().select_related("project__call", "assessor")
        rows = assessments.prefetch_related(scores)
        self.record = get_object_or_404(rows, pk=self.kwargs["object_id"])
        self.application = load_application(self.record.project_id)
        self.project = self.application.project

    @property
    def is_own(self) -> bool:
        return self.record.assessor_id == self.request.user.pk

    def documents(self) -> QuerySet[Document]:
        """The documents of the application that the account may read on the assessment.

        An anonymised call offers none, because documents contain names. Assessors read documents
        once they have declared no conflict of interest.
        """
        documents = Document.objects.filter(project=self.project).for_assessors()
        is_closed = self.is_own and self.record.declaration != Declaration.NONE
        if self.application.is_anonymised or is_closed:
            return documents.none()
        return documents.order_by("pk")

    def title(self) -> str:
        return f"{self.project.reference} · {self.application.title()}"

    def crumb(self) -> str:
        return self.project.reference

    def crumbs(self) -> list[tuple[str, str]]:
        return []

    def context(self) -> Mapping[str, object]:
        return {
            "assessment": self.record,
            "project": self.project,
            "call": self.project.call,
            "application": self.application,
            "documents": list(self.documents()),
            "due": due_in_words(self.project.call.assessments_due_on),
        }


class ScorePage(AssessmentPage, ActionPage):
    """The form of the assessor. For others, and once it is submitted, the points are only shown."""

    name = "change"
    template_name = "admin/projects/assessment/assess.html"
    channel = Channel.ASSESSMENT
    stays = True

    def make_form(self, *sent: Any) -> AssessmentForm:
        return AssessmentForm(*sent, assessment=self.record)

    def load(self) -> None:
        super().load()
        if self.is_own and not self.request.user.has_perm(ASSESS):
            raise PermissionDenied

    def version(self) -> str:
        return str(self.record.version)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.is_own and self.record.declaration == Declaration.NOT_YET:
            return redirect(self.url_of(DeclarePage.name))
        return super().get(request, *args, **kwargs)

    def shown(self) -> list[Model]:
        return [self.project.call, self.record]

    def differences(self, form: AssessmentForm) -> list[str]:
        """After a save in another window: empty fields show what was saved there."""
        form.keep_saved_values()
        return [
            gettext("Your input is below, and empty fields have the saved text. Check it and save.")
        ]

    def execute(self, form: AssessmentForm) -> str:
        assess.save(self.record, self.user, *form.content())
        if "_submit" in form.data:
            assess.submit(self.record, self.user)
            if self.next_assessment():
                return gettext("Submitted. This is the next application.")
            return gettext("Submitted. Thank you: nothing else waits for you.")
        return gettext(
            "Saved. Other assessors cannot read your assessment before all have submitted."
        )

    def success_url(self) -> str:
        """After a submission, the next application that waits."""
        following = self.next_assessment() if "_submit" in self.request.POST else None
        return self.admin.page_url(self.name, (following or self.record).pk)

    def place(self) -> dict[str, object]:
        """The place of the assessment among all of this assessor and call."""
        own = Assessment.objects.filter(assessor=self.record.assessor_id)
        rows = list(own.filter(project__call=self.project.call_id).only("submitted_at"))
        keys = [row.pk for row in rows]
        index, done = keys.index(self.record.pk), sum(bool(row.submitted_at) for row in rows)
        return {
            "number": index + 1,
            "all": len(rows),
            "done": done,
            "width": round(1000 * done / len(rows)),
            "previous": keys[index - 1] if index else None,
            "next": keys[index + 1] if index + 1 < len(keys) else None,
        }

    def render(self, **extra: object) -> HttpResponseBase:
        is_open = self.record.is_open() and self.record.project.status == ProjectStatus.ELIGIBLE
        if self.is_own and is_open:
            missing = list(assess.submission_blockers(self.record).values())
            return super().render(**extra, place=self.place(), missing=missing)
        self.template_name = "admin/projects/assessment/read_only.html"
        leads = self.request.user.has_perm(LEAD_ASSESSMENT)
        own = Assessment.objects.filter(pk=self.record.pk, submitted_at__isnull=False)
        percents = [rounded(result.percent) for result in results_of(own).values()]
        return super().render(
            **extra,
            rows=scores_by_criterion(self.record),
            percent=percents[0] if percents else None,
            may_lead=leads and not self.is_own,
            changes=_changes_of(self.record) if leads else [],
            next=self.next_assessment() if self.is_own else None,
        )

    def next_assessment(self) -> Assessment | None:
        """The first application that this assessor still has to assess."""
        own = Assessment.objects.to_do().filter(assessor=self.request.user.pk)
        assessments = own.exclude(pk=self.record.pk)
        due = F("project__call__assessments_due_on").asc(nulls_last=True)
        in_order = assessments.order_by(due, "project__reference", "pk")
        return in_order.select_related("project").first()


class DeclarePage(AssessmentPage, ActionPage):
    name = "declare"
    permission = ASSESS
    template_name = "admin/projects/assessment/declare.html"
    fields = DeclarationForm
    button = gettext_lazy("Declare")
    channel = Channel.ASSESSMENT

    def cancel_url(self) -> str:
        return ""

    def blockers(self) -> list[str]:
        return [*filter(None, [assess.end_of_assessment(self.record.project)])]

    def execute(self, form: DeclarationForm) -> str:
        conflict = form.cleaned_data["conflict"]
        assess.declare(self.record, self.user, conflict)
        if conflict:
            return gettext("Declared. The application is closed to you.")
        return gettext("Declared. You can assess the application now.")


class SheetPage(AssessmentPage):
    """The assessment to print, as it is saved."""

    name = "sheet"
    template_name = "admin/projects/assessment/printed_sheet.html"

    def load(self) -> None:
        super().load()
        if self.record.declaration != Declaration.NONE:
            raise Http404

    def context(self) -> Mapping[str, object]:
        return {**super().context(), "rows": scores_by_criterion(self.record)}


class ApplicationDownload(AssessmentPage):
    """The document of the application as a file to save."""

    name = "application"
    route = "application/<int:key>/"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row = get_object_or_404(self.documents(), pk=self.kwargs["key"])
        return attachment(request, row.stored_name, row.file_name, row.sha256)


class LeadPage(ActionPage):
    """An action of those who lead the assessment, with its effect in a sentence."""

    prefix = AssessmentPage.prefix
    permission = LEAD_ASSESSMENT
    template_name = "admin/projects/assessment/lead_action.html"
    fields = ReasonForm
    channel = Channel.ASSESSMENT
    act: ClassVar[Callable[[Assessment, User, str], None]]
    effect: ClassVar[str | Promise]
    done: ClassVar[str | Promise]

    def load(self) -> None:
        rows = Assessment.objects.select_related("project", "assessor")
        self.record = get_object_or_404(rows, pk=self.kwargs["object_id"])

    def title(self) -> str:
        return f"{self.record.project.reference} · {self.button}"

    def crumb(self) -> str:
        return self.record.project.reference

    def crumbs(self) -> list[tuple[str, str]]:
        return []

    def context(self) -> Mapping[str, object]:
        return {**super().context(), "assessment": self.record, "effect": self.effect}

    def success_url(self) -> str:
        return reverse("admin:projects_call_assessment", args=[self.record.project.call_id])

    def execute(self, form: ReasonForm) -> str:
        type(self).act(self.record, self.user, self.reason(form))
        return str(self.done)


class ReopenPage(LeadPage):
    name = "reopen"
    button = gettext_lazy("Reopen")
    act = assess.reopen
    effect = gettext_lazy(
        "The assessor can change points and comments again, and has to submit again. A recorded "
        "consensus on the application is deleted: record it again afterwards."
    )
    done = gettext_lazy("The assessment is open again.")


class RemoveAssessorPage(LeadPage):
    name = "remove_assessor"
    button = gettext_lazy("Remove assessor")
    act = assess.remove_assessor
    effect = gettext_lazy(
        "The assignment ends, and all that the assessor wrote is deleted. Then another assessor "
        "can be assigned."
    )
    done = gettext_lazy("The assessor was removed.")


def scores_by_criterion(assessment: Assessment) -> list[tuple[Criterion, Score | None]]:
    """Each criterion of the call with the score of this assessment, None without one."""
    scores = {score.criterion_id: score for score in assessment.scores.all()}
    criteria = assessment.project.call.criteria.all()
    return [(criterion, scores.get(criterion.pk)) for criterion in criteria]


def _changes_of(assessment: Assessment) -> list[tuple[ChangeSet, list[str]]]:
    """The change sets of an assessment with their sentences, the latest first."""
    changes = record_changes(Assessment, str(assessment.pk)).select_related("change_set")
    change_sets = {change.change_set_id: change.change_set for change in changes}
    sentences = sentences_by_change_set(list(changes))
    return [
        (change_sets[number], [change.sentence for change in described])
        for number, described in sorted(sentences.items(), reverse=True)
    ]


def due_in_words(day: date | None) -> str:
    return describe(day, Precision.DAY) if day else gettext("no deadline")


@admin.register(Assessment)
class AssessmentAdmin(ReadOnly, RecordAdmin):
    """Pages of our own in the place of Django's forms."""

    has_history = False
    pages = [
        ScorePage,
        DeclarePage,
        SheetPage,
        ApplicationDownload,
        ReopenPage,
        RemoveAssessorPage,
    ]

    list_display = ["application", "call", "assessor_name", "due", "state", "progress"]
    list_display_links = ["application"]
    list_filter = [StateFilter, CallFilter]
    search_fields = ["project__reference"]
    search_help_text = gettext_lazy("The reference of the application.")
    ordering = ["project__reference", "pk"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.changelist_view)
        return [path("", view, name=self.page_name("changelist")), *self.page_urls()]

    def has_view_permission(self, request: HttpRequest, obj: Assessment | None = None) -> bool:
        return request.user.has_perm(ASSESS) or request.user.has_perm(LEAD_ASSESSMENT)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assessment]:
        points = Count("scores", filter=Q(scores__points__isnull=False), distinct=True)
        return (
            Assessment.objects.listed_for(request.user)
            .select_related("project__call", "assessor")
            .prefetch_related(with_partners("project__"), "project__contacts")
            .annotate(scored=points, criteria=Count("project__call__criteria", distinct=True))
            .order_by("project__reference", "pk")  # counting drops the order of the model
        )

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        leads = request.user.has_perm(LEAD_ASSESSMENT)
        return [name for name in self.list_display if leads or name != "assessor_name"]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """No fields for an assessor: a search could reveal titles that name the applicant."""
        return self.search_fields if request.user.has_perm(LEAD_ASSESSMENT) else []

    @admin.display(description=gettext_lazy("application"), ordering="project__reference")
    def application(self, row: Assessment) -> str:
        return f"{row.project.reference} · {AssessedApplication(row.project).title()}"

    @admin.display(description=gettext_lazy("call"))
    def call(self, row: Assessment) -> str:
        return str(row.project.call)

    @admin.display(description=gettext_lazy("assessor"), ordering="assessor__username")
    def assessor_name(self, row: Assessment) -> str:
        return recording.account_name(row.assessor)

    @admin.display(description=gettext_lazy("due"), ordering="project__call__assessments_due_on")
    def due(self, row: Assessment) -> str:
        return due_in_words(row.project.call.assessments_due_on)

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: Assessment) -> str:
        return row.state()

    @admin.display(description=gettext_lazy("points given"))
    def progress(self, row: Any) -> str:
        return gettext("%(scored)d of %(criteria)d") % {
            "scored": row.scored,
            "criteria": row.criteria,
        }
