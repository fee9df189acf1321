"""The consensus of the assessors of an application, and where they disagree.

The caller of `record_consensus()` opens the change set for the history.
"""

from collections.abc import Sequence
from fractions import Fraction

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from projects.assessment.actions import may_read_all, refuse_not_eligible
from projects.assessment.arithmetic import rounded
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


def disagreement(percents: Sequence[Fraction]) -> str:
    """A sentence about a large difference between the assessors of an application; "" for none."""
    if not percents or max(percents) - min(percents) <= DISAGREEMENT:
        return ""
    return _("The assessors differ by more than %(most)d points: %(low)s and %(high)s.") % {
        "most": DISAGREEMENT,
        "low": rounded(min(percents)),
        "high": rounded(max(percents)),
    }
