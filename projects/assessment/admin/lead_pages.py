"""Leading the assessment of a call: progress and assignments, and the ranked list."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _, gettext_lazy

from projects.assessment.admin.assessor_pages import due_in_words
from projects.assessment.admin.lead_forms import AssignForm
from projects.assessment.arithmetic import rounded
from projects.assessment.ranking import Ranked, ranked_list
from projects.models import Assessment, Call, EvidenceKind, Project, Score
from projects.permissions import TO_SEE
from projects.stages import CallStage
from psf.exports.responses import DataTable, table_response
from psf.staff.action_forms import ActionForm
from psf.staff.pages import ActionPage, RecordPage


class CallAssessmentPage(ActionPage):
    """The progress of each application, and the form that assigns more assessors."""

    name = "assessment"
    label = gettext_lazy("Assessment")
    heading = gettext_lazy("Assessment of “%(record)s”")
    stage = CallStage.ASSESSMENT
    permission = TO_SEE["projects.assessment"]
    template_name = "admin/projects/assessment/progress_and_assignment.html"
    form_class = AssignForm
    stays = True
    record: Call

    def context(self) -> Mapping[str, object]:
        return {
            "due": due_in_words(self.record.assessments_due_on),
            "criteria": list(self.record.criteria.all()),
        }

    def execute(self, form: ActionForm) -> str:
        done = super().execute(form)
        for sentence in cast(AssignForm, form).hints:
            messages.warning(self.request, sentence)
        return done


class RankingPage(RecordPage):
    name = "ranking"
    label = gettext_lazy("Ranked list")
    heading = gettext_lazy("Ranked list of “%(record)s”")
    stage = CallStage.ASSESSMENT
    permission = TO_SEE["projects.assessment"]
    template_name = "admin/projects/assessment/ranking.html"
    record: Call

    def context(self) -> Mapping[str, object]:
        ranked = ranked_list(self.record, self.user)
        return {
            "ranked": ranked,
            "rows": [(row, rounded_results(row)) for row in ranked.rows],
            "csv_url": self.url_of(RankingCsv.name),
            **frozen_ranking(self.record, ranked.rows, cast(User, self.request.user)),
        }


class RankingCsv(RecordPage):
    name = "ranking_csv"
    route = "ranking.csv"
    permission = TO_SEE["projects.assessment"]
    record: Call

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows = ranked_list(self.record, self.user).rows
        name = f"ranking-{self.record.slug}"
        return table_response("csv", DataTable(name, _csv_header(), map(_csv_row, rows)))


ASSESSMENT_PAGES = [CallAssessmentPage, RankingPage, RankingCsv]


def frozen_ranking(call: Call, rows: Iterable[Ranked], user: User) -> dict[str, object]:
    """The last frozen ranked list with its differences today; {} without one.

    Accounts to which an assessment of the call is closed do not see it.
    """
    evidence = call.evidence.filter(kind=EvidenceKind.RANKING).first()
    assessments = Assessment.objects.filter(project__call=call)
    visible = Assessment.objects.visible_to(user).values("pk")
    if evidence is None or assessments.exclude(pk__in=visible).exists():
        return {}
    today = {row.project.reference: row.result for row in rows}
    frozen = []
    for row in json.loads(evidence.content)["applications"]:
        reference, result = row["reference"], row["result"]
        now = today.get(reference)
        shown = None if now is None else rounded(now)
        differs = reference not in today or shown != (result and Decimal(str(result)))
        frozen.append((reference, result, shown, differs))
    return {"evidence": evidence, "frozen": frozen}


def has_scores(call: Call) -> bool:
    return Score.objects.filter(criterion__call=call.pk).exists()


def rounded_results(row: Ranked) -> dict[str, Any]:
    numbers = {"result": row.result, "mean": row.mean, "adjusted": row.adjusted}
    return {name: None if n is None else rounded(n) for name, n in numbers.items()}


def _csv_header() -> list[str]:
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


def _csv_row(row: Ranked) -> Iterable[Any]:
    results = rounded_results(row)
    within = {True: _("yes"), False: _("no"), None: None}[row.fits]
    return [
        row.place,
        row.project.reference,
        row.project.title,
        results["result"],
        results["mean"],
        results["adjusted"],
        row.consensus.agreed_percent if row.consensus else None,
        row.done,
        row.counting,
        row.disagreement(),
        "; ".join(row.recommendations),
        row.project.requested_eur,
        row.total,
        within,
    ]


def with_assessments(projects: QuerySet[Project]) -> QuerySet[Project]:
    """Filter the projects that were given to an assessor."""
    return projects.filter(Exists(Assessment.objects.filter(project=OuterRef("pk"))))
