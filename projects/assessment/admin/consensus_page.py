"""The page of a project with all its assessments side by side, and the consensus."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _, gettext_lazy

from projects.assessment.actions import may_read_all
from projects.assessment.admin.lead_forms import ConsensusForm
from projects.assessment.anonymised import load_application
from projects.assessment.arithmetic import rounded_if_known
from projects.assessment.consensus import (
    consensus_blockers,
    disagreement,
    missing_assessors,
    record_consensus,
)
from projects.assessment.ranking import assessment_percent
from projects.models import Consensus, Project, ProjectStatus
from projects.permissions import TO_SEE
from psf.history.models import Channel
from psf.staff.pages import ActionPage


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
        if not self.is_allowed() or not may_read_all(self.record, self.user):
            return False
        return self.record.status == ProjectStatus.ELIGIBLE or self.record.assessments.exists()

    def load(self) -> None:
        super().load()
        if not may_read_all(self.record, self.user):
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
        percents = {row.pk: assessment_percent(row) for row in assessments if row.submitted_at}
        numbers = [percent for percent in percents.values() if percent is not None]
        scores = {
            (score.criterion_id, row.pk): score for row in assessments for score in row.scores.all()
        }
        return {
            "application": load_application(self.record.pk),
            "consensus": Consensus.objects.filter(project=self.record)
            .select_related("recorded_by")
            .first(),
            "assessments": [(row, rounded_if_known(percents.get(row.pk))) for row in assessments],
            "criteria": [
                (criterion, [scores.get((criterion.pk, row.pk)) for row in assessments])
                for criterion in self.record.call.criteria.all()
            ],
            "disagreement": disagreement(numbers),
        }
