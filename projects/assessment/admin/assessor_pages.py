"""The assessors' own pages: what is assigned to them, and one page for each."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Prefetch, Q, QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.assessment import actions as acts
from projects.assessment.admin.filters import CallFilter, StateFilter
from projects.assessment.admin.forms import AssessmentForm, DeclarationForm, ReasonForm, sent
from projects.assessment.anonymised import Reading, readable, with_partners
from projects.assessment.progress import percent_of
from projects.assessment.ranking import rounded
from projects.models import Assessment, Declaration, Project, ProjectStatus, Score
from projects.permissions import (
    ASSESS,
    LEAD_ASSESSMENT,
)
from psf.history import recording
from psf.history.models import Channel
from psf.history.states import record_changes
from psf.history.wording import sentences_by_change_set
from psf.staff.records import RecordAdmin
from psf.text.dates import Precision, describe


class AssessmentPages(RecordAdmin):
    """For the admin of assessments: pages of their own in the place of Django's forms."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        pages: list[tuple[str, Any, str]] = [
            ("", self.changelist_view, "changelist"),
            ("<int:pk>/change/", self.assessment_view, "change"),
            ("<int:pk>/declare/", self.declare_view, "declare"),
            ("<int:pk>/sheet/", self.sheet_view, "sheet"),
            ("<int:pk>/sheet/empty/", self.empty_sheet_view, "empty_sheet"),
            ("<int:pk>/reopen/", self.reopen_view, "reopen"),
            ("<int:pk>/take-off/", self.take_off_view, "take_off"),
        ]
        return [
            path(address, view(page), name=f"projects_assessment_{name}")
            for address, page, name in pages
        ]

    # Who

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(ASSESS) or request.user.has_perm(LEAD_ASSESSMENT)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        given = Count("scores", filter=Q(scores__points__isnull=False), distinct=True)
        return (
            Assessment.objects.listed_for(request.user)
            .select_related("project__call", "assessor")
            .prefetch_related(with_partners("project__"))
            .annotate(given=given, criteria=Count("project__call__criteria", distinct=True))
            .order_by("project__reference", "pk")  # counting drops the order of the model
        )

    def _mine(self, request: HttpRequest, pk: int) -> Assessment:
        """This person's own assessment, for its pages; another's is not there."""
        if not request.user.has_perm(ASSESS):
            raise PermissionDenied
        return _one(Assessment.objects.filter(assessor=request.user.pk), pk)

    def _readable(self, request: HttpRequest, pk: int) -> Assessment:
        """An assessment whose points this person may read."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return _one(Assessment.objects.visible_to(request.user), pk)

    # The assessor's acts

    def assessment_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The application with the form to assess it; once it is submitted, what was given."""
        assessment = self._readable(request, pk)
        if assessment.assessor_id != request.user.pk:
            return self._given_page(request, assessment)
        if assessment.declaration == Declaration.NOT_YET and request.method != "POST":
            return redirect("admin:projects_assessment_declare", pk)
        return self._scoring(request, self._mine(request, pk))

    def _scoring(self, request: HttpRequest, assessment: Assessment) -> HttpResponse:
        criteria = assessment.project.call.criteria.all()
        form = AssessmentForm(sent(request), assessment, criteria)
        if form.is_bound and form.is_valid():
            if self._act(request, form, lambda: self._save(request, assessment, form)):
                return redirect("admin:projects_assessment_change", assessment.pk)
            assessment = self._mine(request, assessment.pk)  # as it is, since nothing was done
        if not assessment.is_open() or assessment.project.status != ProjectStatus.ELIGIBLE:
            return self._given_page(request, assessment, form)
        return self._page(request, "form", assessment, form=form)

    def _save(self, request: HttpRequest, assessment: Assessment, form: AssessmentForm) -> str:
        version = request.POST.get("version", "")
        acts.save(assessment, request.user, form.said(), version)
        if "_submit" not in request.POST:
            return _("Saved. Nobody else reads it before you submit it.")
        acts.submit(assessment, request.user)
        return _("Submitted. Thank you.")

    def declare_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        assessment = self._mine(request, pk)
        form = DeclarationForm(sent(request))
        if form.is_bound and form.is_valid():
            conflict = form.cleaned_data["conflict"]
            if self._act(request, form, lambda: self._declare(request, assessment, conflict)):
                return redirect("admin:projects_assessment_change", pk)
        return self._page(request, "declare", assessment, form=form)

    def _declare(self, request: HttpRequest, assessment: Assessment, conflict: str) -> str:
        acts.declare(assessment, request.user, conflict)
        if conflict:
            return _("Declared. The application is closed to you.")
        return _("Declared. You can assess the application now.")

    # Reading and printing

    def sheet_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._sheet(request, self._readable(request, pk), is_empty=False)

    def empty_sheet_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The same sheet to be filled in by hand."""
        return self._sheet(request, self._readable(request, pk), is_empty=True)

    def _sheet(self, request: HttpRequest, assessment: Assessment, is_empty: bool) -> HttpResponse:
        if assessment.declaration != Declaration.NONE and not is_empty:
            raise Http404
        rows = _scores_of(assessment)
        return self._page(request, "sheet", assessment, is_empty=is_empty, rows=rows)

    def _given_page(
        self, request: HttpRequest, assessment: Assessment, form: Any = None
    ) -> HttpResponse:
        leads = request.user.has_perm(LEAD_ASSESSMENT)
        is_own = assessment.assessor_id == request.user.pk
        return self._page(
            request,
            "given",
            assessment,
            form=form,
            rows=_scores_of(assessment),
            percent=_percent(assessment),
            may_lead=leads and not is_own,
            happened=_happened(assessment) if leads else [],
        )

    # The acts of those who lead

    def reopen_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._lead(request, pk, "reopen", acts.reopen, _("Open again."))

    def take_off_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._lead(request, pk, "take_off", acts.take_off, _("Taken off."))

    def _lead(
        self, request: HttpRequest, pk: int, name: str, act: Callable[..., None], done: str
    ) -> HttpResponse:
        acts.require(request.user, LEAD_ASSESSMENT)
        assessment = _one(Assessment.objects.all(), pk)
        call = assessment.project.call_id
        form = ReasonForm(sent(request))
        if form.is_bound and form.is_valid():
            reason = form.cleaned_data["reason"]
            if self._act(request, form, lambda: act(assessment, request.user, reason), done):
                return redirect("admin:projects_call_assessment", call)
        return self._page(request, name, assessment, form=form)

    def _act(
        self, request: HttpRequest, form: Form, act: Callable[[], Any], done: str = ""
    ) -> bool:
        """Whether it was done; the form says why not."""
        reason = form.cleaned_data.get("reason", "")
        try:
            with recording.change_set(request.user, channel=Channel.ASSESSMENT, reason=reason):
                said = act()
        except ValidationError as error:
            form.add_error(None, error.messages)
            return False
        self.message_user(request, done or said, messages.SUCCESS)
        return True

    def _page(
        self, request: HttpRequest, name: str, assessment: Assessment, **context: Any
    ) -> HttpResponse:
        project = readable(Project.objects.all()).get(pk=assessment.project_id)
        reading = Reading(project)
        request.current_app = self.admin_site.name
        base = {
            **self.admin_site.each_context(request),
            "title": f"{project.reference} · {reading.title()}",
            "opts": self.opts,
            "assessment": assessment,
            "project": project,
            "call": project.call,
            "reading": reading,
            "due": due_in_words(project.call.assessments_due_on),
        }
        template = f"admin/projects/assessment/{name}.html"
        return TemplateResponse(request, template, base | context)


def _one(assessments: QuerySet[Assessment], pk: int) -> Assessment:
    scores = Prefetch("scores", queryset=Score.objects.select_related("criterion"))
    found = assessments.select_related("project__call", "assessor").prefetch_related(scores)
    assessment = found.filter(pk=pk).first()
    if assessment is None:
        raise Http404
    return assessment


def _scores_of(assessment: Assessment) -> list[tuple[Any, Any]]:
    """Each criterion of the call with what this assessor gave, or None."""
    scores = {score.criterion_id: score for score in assessment.scores.all()}
    criteria = assessment.project.call.criteria.all()
    return [(criterion, scores.get(criterion.pk)) for criterion in criteria]


def _percent(assessment: Assessment) -> Any:
    percent = percent_of(assessment) if assessment.submitted_at else None
    return None if percent is None else rounded(percent)


def _happened(assessment: Assessment) -> list[tuple[Any, list[str]]]:
    """What was done with it, the latest first: who opened it again and why."""
    every = record_changes(Assessment, str(assessment.pk)).select_related("change_set")
    sets = {change.change_set_id: change.change_set for change in every}
    told = sentences_by_change_set(list(every))
    return [
        (sets[number], [one.sentence for one in said])
        for number, said in sorted(told.items(), reverse=True)
    ]


def due_in_words(day: Any) -> str:
    return describe(day, Precision.DAY) if day else _("no deadline")


@admin.register(Assessment)
class AssessmentAdmin(AssessmentPages):
    purpose = gettext_lazy("Applications to assess, each with its points and comments.")

    list_display = ["application", "call", "assessor_name", "due", "state", "progress"]
    list_display_links = ["application"]
    list_filter = [StateFilter, CallFilter]
    search_fields = ["project__reference"]
    search_help_text = gettext_lazy("The reference of the application.")
    ordering = ["project__reference", "pk"]

    def get_list_display(self, request: HttpRequest) -> Any:
        leads = request.user.has_perm(LEAD_ASSESSMENT)
        return [name for name in self.list_display if leads or name != "assessor_name"]

    def get_search_fields(self, request: HttpRequest) -> Any:
        """None for an assessor: a search would also suggest titles that name who applies."""
        return self.search_fields if request.user.has_perm(LEAD_ASSESSMENT) else []

    @admin.display(description=gettext_lazy("application"), ordering="project__reference")
    def application(self, row: Assessment) -> str:
        return f"{row.project.reference} · {Reading(row.project).title()}"

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
        return _("%(given)d of %(criteria)d") % {"given": row.given, "criteria": row.criteria}
