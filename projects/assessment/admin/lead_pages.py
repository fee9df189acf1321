"""Leading the assessment of a call: progress and assignments, and the ranked list."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from projects.assessment.admin.assessor_pages import due_in_words
from projects.assessment.admin.forms import AssignForm, ConsensusForm
from projects.assessment.anonymised import load_application
from projects.assessment.assess import (
    consensus_blockers,
    missing_assessors,
    record_consensus,
)
from projects.assessment.assignment import (
    assessed_applications,
    assessors,
    assign,
    hint,
    plan,
    progress,
    tell_assessors,
    workloads,
)
from projects.assessment.ranking import (
    Ranked,
    disagreement,
    ranked_list,
    results_of,
    rounded,
)
from projects.models import Assessment, Call, Consensus, EvidenceKind, Project, ProjectStatus
from projects.permissions import TO_SEE
from projects.stages import CallStage
from psf.exports.files import DataTable
from psf.exports.responses import table_response
from psf.history.models import Channel
from psf.history.recording import account_name
from psf.staff.pages import ActionPage, StaffPage


class CallAssessmentPage(ActionPage):
    """The progress of each application, and the form that assigns more assessors."""

    name = "assessment"
    label = gettext_lazy("Assessment")
    heading = gettext_lazy("Assessment of “%(record)s”")
    stage = CallStage.ASSESS
    permission = TO_SEE["projects.assessment"]
    template_name = "admin/projects/assessment/progress_and_assignment.html"
    fields = AssignForm
    channel = Channel.ASSESSMENT
    stays = True
    record: Call
    assigned: list[Assessment]

    def shown(self) -> list[Model]:
        return [self.record]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Assign, or first show who would assess what."""
        form = self.form()
        if "_preview" not in request.POST or not form.is_valid():
            return super().post(request, *args, **kwargs)
        try:
            form.show(plan(*form.chosen()))
        except ValidationError as error:
            form.add_error(None, error)
        return self.render(form=form)

    def prepare(self, form: AssignForm) -> None:
        form.rows = progress(self.record, self.user)
        form.workloads = workloads(self.record, assessors())
        projects: Any = form.fields["projects"]
        projects.queryset = assessed_applications(self.record)
        accounts: Any = form.fields["assessors"]
        accounts.queryset = assessors()
        form.initial["projects"] = [row.project.pk for row in form.rows if row.missing]
        form.initial["assessors"] = [account.pk for account in assessors()]

    def context(self) -> Mapping[str, object]:
        return {
            "due": due_in_words(self.record.assessments_due_on),
            "criteria": list(self.record.criteria.all()),
        }

    def execute(self, form: AssignForm) -> str:
        projects, *rule = form.chosen()
        form.show(plan(projects, *rule))
        if form.planned != form.data.get("planned", ""):
            raise ValidationError(
                _("Nothing was saved: the assignments differ from the preview. Check them again.")
            )
        self.assigned = assignments = assign(projects, self.user, *rule)
        for row in assignments:
            if question := hint(row.assessor, row.project):
                messages.warning(self.request, f"{row.project.reference}: {question}")
        return ngettext(
            "%(count)d assignment was made.", "%(count)d assignments were made.", len(assignments)
        ) % {"count": len(assignments)}

    def report(self, done: str) -> None:
        """Say what was done, and tell the assessors: the assignments are stored by now."""
        super().report(done)
        untold = tell_assessors(self.record, {row.assessor for row in self.assigned})
        if untold:
            names = ", ".join(sorted(map(account_name, untold)))
            words = _("No mail was sent to %(names)s. Tell these assessors yourself.")
            messages.warning(self.request, words % {"names": names})
        else:
            messages.success(self.request, _("The assessors get a mail."))


class RankingPage(StaffPage):
    name = "ranking"
    label = gettext_lazy("Ranked list")
    heading = gettext_lazy("Ranked list of “%(record)s”")
    stage = CallStage.ASSESS
    permission = TO_SEE["projects.assessment"]
    template_name = "admin/projects/assessment/ranking.html"
    record: Call

    def context(self) -> Mapping[str, object]:
        ranked = ranked_list(self.record, self.user)
        return {
            "ranked": ranked,
            "csv_url": self.url_of(RankingCsv.name),
            **frozen_ranking(self.record, ranked.rows, self.user),
        }


class RankingCsv(StaffPage):
    name = "ranking_csv"
    route = "ranking.csv"
    permission = TO_SEE["projects.assessment"]
    record: Call

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows = ranked_list(self.record, self.user).rows
        name = f"ranking-{self.record.slug}"
        header = [str(label) for label in CSV_LABELS]
        return table_response("csv", DataTable(name, header, map(csv_row, rows)))


CSV_LABELS = [
    *[gettext_lazy("Place"), gettext_lazy("Reference"), gettext_lazy("Title")],
    *[gettext_lazy("Result (per cent)"), gettext_lazy("Mean of the assessors (per cent)")],
    *[gettext_lazy("Adjusted mean (per cent)"), gettext_lazy("Agreed on (per cent)")],
    *[gettext_lazy("Assessments submitted"), gettext_lazy("Assessors")],
    *[gettext_lazy("Disagreement"), gettext_lazy("Recommendations")],
    *[gettext_lazy("Requested (EUR)"), gettext_lazy("Requested so far (EUR)")],
    gettext_lazy("Within the budget"),
]


def csv_row(row: Ranked) -> list[object]:
    project, agreed = row.project, row.consensus.agreed_percent if row.consensus else None
    fits = {True: _("yes"), False: _("no"), None: None}[row.fits]
    return [
        *[row.place, project.reference, project.title, *row.shown().values(), agreed, row.done],
        *[row.counting, row.disagreement(), "; ".join(row.recommendations)],
        *[project.requested_eur, row.total, fits],
    ]


ASSESSMENT_PAGES = [CallAssessmentPage, RankingPage, RankingCsv]


def frozen_ranking(call: Call, rows: Iterable[Ranked], user: User) -> dict[str, object]:
    """The last frozen ranked list with its differences today; {} without one.

    Accounts to which an assessment of the call is closed do not see it.
    """
    of_call = Assessment.objects.filter(project__call=call)
    evidence = call.evidence.filter(kind=EvidenceKind.RANKING).first()
    if evidence is None or not of_call.are_visible_to(user):
        return {}
    today = {row.project.reference: row.result for row in rows}
    frozen = []
    for row in json.loads(evidence.content)["applications"]:
        reference, result = row["reference"], row["result"]
        result_today = rounded(today.get(reference))
        differs = result_today != (result and Decimal(str(result)))
        frozen.append((reference, result, result_today, differs))
    return {"evidence": evidence, "frozen": frozen}


class ConsensusPage(ActionPage):
    name = "consensus"
    label = gettext_lazy("Assessment")
    heading = gettext_lazy("Assessment of “%(record)s”")
    permission = TO_SEE["projects.consensus"]
    template_name = "admin/projects/assessment/consensus.html"
    fields = ConsensusForm
    button = gettext_lazy("Record the consensus")
    channel = Channel.ASSESSMENT
    stays = True
    record: Project

    def is_offered(self) -> bool:
        if not self.is_allowed() or not self.record.assessments.are_visible_to(self.user):
            return False
        return self.record.status == ProjectStatus.ELIGIBLE or self.record.assessments.exists()

    def load(self) -> None:
        super().load()
        if not self.record.assessments.are_visible_to(self.user):
            raise PermissionDenied

    def shown(self) -> list[Model]:
        return [self.record]

    def version(self) -> str:
        """The moment of the recorded consensus, which another lead assessor may replace."""
        recorded = Consensus.objects.filter(project=self.record)
        return str(recorded.values_list("recorded_at", flat=True).first() or "")

    def prepare(self, form: ConsensusForm) -> None:
        if consensus := Consensus.objects.filter(project=self.record).first():
            form.initial = model_to_dict(consensus, list(form.fields))
        if shortage := missing_assessors(self.record):
            form.fields["text"].required = True
            form.fields["text"].help_text = shortage + " " + _("Say why these are enough.")

    def blockers(self) -> list[str]:
        blockers = consensus_blockers(self.record)
        if self.record.status != ProjectStatus.ELIGIBLE:
            status = self.record.get_status_display()
            blockers.append(
                _("The application is %(status)s. Its assessment can no longer be changed.")
                % {"status": status}
            )
        return blockers

    def execute(self, form: ConsensusForm) -> str:
        record_consensus(self.record, self.user, **form.cleaned_data)
        return _("The consensus is recorded.")

    def context(self) -> Mapping[str, object]:
        counting = self.record.assessments.counting().select_related("assessor")
        assessments = list(counting.prefetch_related("scores__criterion").order_by("pk"))
        percents = results_of(counting.filter(submitted_at__isnull=False))
        scores = {
            (score.criterion_id, row.pk): score for row in assessments for score in row.scores.all()
        }
        return {
            "application": load_application(self.record.pk),
            "consensus": Consensus.objects.filter(project=self.record)
            .select_related("recorded_by")
            .first(),
            "assessments": [
                (row, rounded(percents[row.pk].percent) if row.pk in percents else None)
                for row in assessments
            ],
            "criteria": [
                (criterion, [scores.get((criterion.pk, row.pk)) for row in assessments])
                for criterion in self.record.call.criteria.all()
            ],
            "disagreement": disagreement([result.percent for result in percents.values()]),
        }
