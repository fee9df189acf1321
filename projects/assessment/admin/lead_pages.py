"""Leading an assessment: progress and assignments, the ranked list, and the consensus."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.assessment import actions as acts
from projects.assessment.admin.assessor_pages import due_in_words
from projects.assessment.admin.forms import AssignForm, ConsensusForm, sent
from projects.assessment.anonymised import Reading, readable
from projects.assessment.assignment import assessors, assign, hint
from projects.assessment.progress import (
    Ranked,
    applications,
    burdens,
    by_criterion,
    percent_of,
    progress,
    ranked_list,
)
from projects.assessment.ranking import far, rounded
from projects.models import Assessment, Call, Consensus, Project, ProjectStatus, Score
from projects.models.criteria import criteria_locked
from projects.permissions import LEAD_ASSESSMENT
from projects.stages import CallStage
from psf.charts.tables import csv_response
from psf.history import recording
from psf.history.models import Channel
from psf.staff.records import Link, RecordAdmin


class LeadingPages(RecordAdmin):
    """What the pages of those who lead an assessment share."""

    def led(self, request: HttpRequest, object_id: str) -> Any:
        acts.require(request.user, LEAD_ASSESSMENT)
        return self.record_or_404(request, object_id)

    def answer(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        base = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, f"admin/projects/assessment/{name}.html", base | context)


class CallAssessmentPages(LeadingPages):
    """For the admin of calls: who assesses what, and what came of it."""

    def get_urls(self) -> list[Any]:
        csv = path(
            "<path:object_id>/ranking.csv",
            self.admin_site.admin_view(self.ranking_csv_view),
            name=self.page_name("ranking_csv"),
        )
        pages = [("assessment", self.assessment_view), ("ranking", self.ranking_view)]
        return [csv, *(self.page(name, view) for name, view in pages), *super().get_urls()]

    def links(self, request: HttpRequest, obj: Call) -> list[Link]:
        links = super().links(request, obj)
        if request.user.has_perm(LEAD_ASSESSMENT):
            for label, page in [(_("Assessment"), "assessment"), (_("Ranked list"), "ranking")]:
                links.append(Link(label, self.page_url(page, obj.pk), CallStage.ASSESSMENT))
        return links

    def notices(self, request: HttpRequest, obj: Call) -> list[str]:
        return [*super().notices(request, obj), *([criteria_locked()] if has_scores(obj) else [])]

    def assessment_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """How far each application is, and the form to assign more assessors."""
        call = self.led(request, object_id)
        form = AssignForm(sent(request), applications(call), assessors())
        if form.is_bound and form.is_valid() and self._assign(request, form):
            return redirect(self.page_url("assessment", call.pk))
        rows = progress(call)
        context = {
            "title": _("Assessment of “%(call)s”") % {"call": call},
            "original": call,
            "form": form,
            "rows": rows,
            "burdens": burdens(rows),
            "due": due_in_words(call.assessments_due_on),
            "criteria": list(call.criteria.all()),
        }
        return self.answer(request, "overview", context)

    def _assign(self, request: HttpRequest, form: AssignForm) -> bool:
        data = form.cleaned_data
        try:
            with recording.change_set(request.user, channel=Channel.ASSESSMENT):
                made = assign(data["projects"], data["assessors"], request.user)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return False
        words = ngettext(
            "%(count)d assignment was made.", "%(count)d assignments were made.", len(made)
        )
        self.message_user(request, words % {"count": len(made)}, messages.SUCCESS)
        for sentence in _hints(made):
            self.message_user(request, sentence, messages.WARNING)
        return True

    def ranking_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        call = self.led(request, object_id)
        ranked = ranked_list(call, request.user)
        context = {
            "title": _("Ranked list of “%(call)s”") % {"call": call},
            "original": call,
            "ranked": ranked,
            "rows": [(row, _shown(row)) for row in ranked.rows],
            "csv_url": self.page_url("ranking_csv", call.pk),
        }
        return self.answer(request, "ranking", context)

    def ranking_csv_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        call = self.led(request, object_id)
        rows = ranked_list(call, request.user).rows
        return csv_response(f"ranking-{call.slug}", _heads(), map(_line, rows))


def has_scores(call: Call) -> bool:
    return Score.objects.filter(criterion__call=call.pk).exists()


def _hints(made: Iterable[Assessment]) -> list[str]:
    found = [(row, hint(row.assessor, row.project)) for row in made]
    return [
        _("%(assessor)s and “%(partner)s” of %(project)s share a domain: is that a conflict?")
        % {"assessor": row.assessor, "partner": partner, "project": row.project.reference}
        for row, partner in found
        if partner
    ]


def _shown(row: Ranked) -> dict[str, Any]:
    """The numbers of a row, rounded as people read them."""
    numbers = {"result": row.result, "mean": row.mean, "adjusted": row.adjusted}
    return {name: None if n is None else rounded(n) for name, n in numbers.items()}


def _heads() -> list[str]:
    return [
        _("Place"),
        _("Reference"),
        _("Title"),
        _("Result (per cent)"),
        _("Mean of the assessors (per cent)"),
        _("Adjusted mean (per cent)"),
        _("Agreed on (per cent)"),
        _("Assessments submitted"),
        _("Assessors"),
        _("Disagreement"),
        _("Recommendations"),
        _("Requested (EUR)"),
        _("Requested so far (EUR)"),
        _("Within the budget"),
    ]


def _line(row: Ranked) -> list[Any]:
    shown = _shown(row)
    within = {True: _("yes"), False: _("no"), None: None}[row.fits]
    return [
        row.place,
        row.project.reference,
        row.project.title,
        shown["result"],
        shown["mean"],
        shown["adjusted"],
        row.consensus.agreed_percent if row.consensus else None,
        row.done,
        row.counting,
        row.disagreement(),
        "; ".join(row.recommendations),
        row.project.requested_eur,
        row.total,
        within,
    ]


class ConsensusPages(LeadingPages):
    """For the admin of projects: what the assessors gave side by side, and what they agreed on."""

    def get_urls(self) -> list[Any]:
        return [self.page("consensus", self.consensus_view), *super().get_urls()]

    def links(self, request: HttpRequest, obj: Project) -> list[Link]:
        links = super().links(request, obj)
        if request.user.has_perm(LEAD_ASSESSMENT) and is_assessed(obj):
            links.append(Link(_("Assessment"), self.page_url("consensus", obj.pk)))
        return links

    def consensus_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        project = self.led(request, object_id)
        if not acts.may_read_all(project, request.user):
            raise PermissionDenied
        stored = Consensus.objects.filter(project=project).select_related("recorded_by").first()
        form = ConsensusForm(sent(request), instance=stored)
        if form.is_bound and form.is_valid() and self._record(request, project, form):
            return redirect(self.page_url("consensus", project.pk))
        return self._consensus_page(request, project, form, stored)

    def _record(self, request: HttpRequest, project: Project, form: ConsensusForm) -> bool:
        try:
            with recording.change_set(request.user, channel=Channel.ASSESSMENT):
                acts.record_consensus(project, request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return False
        self.message_user(request, _("The consensus is recorded."), messages.SUCCESS)
        return True

    def _consensus_page(
        self, request: HttpRequest, project: Project, form: Any, stored: Consensus | None
    ) -> HttpResponse:
        every = project.assessments.counting().select_related("assessor")
        rows = list(every.prefetch_related("scores__criterion").order_by("pk"))
        percents = {row.pk: percent_of(row) for row in rows if row.submitted_at}
        known = [percent for percent in percents.values() if percent is not None]
        given = by_criterion(rows)
        context = {
            "title": _("Assessment of “%(project)s”") % {"project": project},
            "original": project,
            "reading": Reading(readable(Project.objects.all()).get(pk=project.pk)),
            "form": form,
            "stored": stored,
            "reasons": acts.too_early(project),
            "is_open": project.status == ProjectStatus.ELIGIBLE,
            "assessments": [
                (row, None if (n := percents.get(row.pk)) is None else rounded(n)) for row in rows
            ],
            "criteria": [
                (criterion, [given[criterion.pk].get(row.pk) for row in rows])
                for criterion in project.call.criteria.all()
            ],
            "differs": bool(known) and far(min(known), max(known)),
        }
        return self.answer(request, "consensus", context)


def is_assessed(project: Project) -> bool:
    return project.status == ProjectStatus.ELIGIBLE or project.assessments.exists()


def with_assessments(projects: QuerySet[Project]) -> QuerySet[Project]:
    """Those of the projects that were given to an assessor: they stay."""
    return projects.filter(Exists(Assessment.objects.filter(project=OuterRef("pk"))))
