"""The consensus of the assessors of an application, and where they disagree.

The caller of `record_consensus()` opens the change set for the history.
"""

from collections.abc import Iterable
from fractions import Fraction

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from projects.assessment.actions import may_read_all, refuse_not_eligible
from projects.assessment.arithmetic import AssessorPercent, percents_by_project
from projects.models import Consensus, Project
from projects.permissions import LEAD_ASSESSMENT, require
from psf.database.record_version import lock_record

DISAGREEMENT = 20  # the largest ordinary difference between two assessors, in per cent points


@transaction.atomic
def record_consensus(
    project: Project, by: User, agreed_percent: int | None, text: str, recommendation: str
) -> Consensus:
    """Record or replace the consensus of the assessors of an application."""
    require(by, LEAD_ASSESSMENT)
    lock_record(project)
    refuse_not_eligible(project)
    if reasons := consensus_blockers(project):
        raise ValidationError(reasons)
    if not may_read_all(project, by):
        raise PermissionDenied
    consensus = Consensus.objects.filter(project=project).first() or Consensus(project=project)
    consensus.agreed_percent, consensus.text = agreed_percent, text.strip()
    consensus.recommendation = recommendation
    consensus.recorded_by, consensus.recorded_at = by, timezone.now()
    consensus.full_clean()
    consensus.save()
    return consensus


def consensus_blockers(project: Project) -> list[str]:
    """Why no consensus can be recorded on an application yet, in sentences; [] if it can."""
    counting = project.assessments.counting()
    waiting, assigned = counting.waiting().count(), counting.count()
    if assigned < project.call.assessors_needed:
        return [
            _("%(assigned)d of the %(needed)d assessors needed are assigned.")
            % {"assigned": assigned, "needed": project.call.assessors_needed}
        ]
    if waiting:
        words = ngettext(
            "%(count)d assessor has not submitted yet.",
            "%(count)d assessors have not submitted yet.",
            waiting,
        )
        return [words % {"count": waiting}]
    return []


def disagreements(percents: Iterable[AssessorPercent]) -> dict[int, tuple[Fraction, Fraction]]:
    """The lowest and the highest result of each application with a large difference."""
    ends = {
        project: (min(values), max(values))
        for project, values in percents_by_project(percents).items()
    }
    return {project: (low, high) for project, (low, high) in ends.items() if disagree(low, high)}


def disagree(low: Fraction, high: Fraction) -> bool:
    """Whether the lowest and the highest result differ so much that the assessors discuss them."""
    return high - low > DISAGREEMENT
