"""The consensus of the assessors of an application, and where they disagree.

The caller of `record_consensus()` opens the change set for the history.
"""

from collections.abc import Sequence
from decimal import Decimal
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
    project: Project, by: User, agreed_percent: Decimal | int | None, text: str, recommendation: str
) -> Consensus:
    """Record or replace the consensus of the assessors of an application.

    With fewer assessors than needed, the text says why they are enough.
    """
    require(by, LEAD_ASSESSMENT)
    lock_record(project)
    refuse_not_eligible(project)
    if reasons := consensus_blockers(project):
        raise ValidationError(reasons)
    if not may_read_all(project, by):
        raise PermissionDenied
    if (shortage := missing_assessors(project)) and not text.strip():
        raise ValidationError(shortage + " " + _("Say why these are enough."))
    consensus = Consensus.objects.filter(project=project).first() or Consensus(project=project)
    consensus.agreed_percent, consensus.text = agreed_percent, text.strip()
    consensus.recommendation = recommendation
    consensus.recorded_by, consensus.recorded_at = by, timezone.now()
    consensus.full_clean()
    consensus.save()
    return consensus


def consensus_blockers(project: Project) -> list[str]:
    """Why no consensus can be recorded on an application yet, in sentences; [] if it can."""
    counting = [row for row in project.assessments.all() if row.counts()]
    waiting = sum(row.submitted_at is None for row in counting)
    if waiting:
        words = ngettext(
            "%(count)d assessor has not submitted yet. Wait, or remove the assessor on the page "
            "“Assessment” of the call.",
            "%(count)d assessors have not submitted yet. Wait, or remove them on the page "
            "“Assessment” of the call.",
            waiting,
        )
        return [words % {"count": waiting}]
    if project.call.assessors_needed and not counting:
        return [
            _(
                "Nobody assesses this application. Assign assessors on the page “Assessment” of "
                "the call. An administrator adds accounts of assessors."
            )
        ]
    return []


def missing_assessors(project: Project) -> str:
    """How many assessors fewer than needed have submitted, in a sentence; "" if enough have."""
    submitted = sum(row.submitted_at is not None for row in project.assessments.all())
    if submitted >= project.call.assessors_needed:
        return ""
    return _("%(submitted)d of the %(needed)d assessors needed have submitted.") % {
        "submitted": submitted,
        "needed": project.call.assessors_needed,
    }


def next_step(project: Project, *, may_read: bool) -> str:
    """What completes the assessment of an application from `not_assessed()`, and who can do it.

    `may_read` says whether the account may read all assessments of the application.
    """
    if blockers := consensus_blockers(project):
        return blockers[0]
    if may_read:
        step = _("Assign another one, or record a consensus and say why these are enough.")
    else:
        step = _(
            "You assess this application or have a conflict of interest. Another person who leads "
            "the assessment can record a consensus and say why these are enough."
        )
    return f"{missing_assessors(project)} {step}"


def disagreement(percents: Sequence[Fraction]) -> str:
    """A sentence about a large difference between the assessors of an application; "" for none."""
    if not percents or max(percents) - min(percents) <= DISAGREEMENT:
        return ""
    return _("The assessors differ by more than %(most)d points: %(low)s and %(high)s.") % {
        "most": DISAGREEMENT,
        "low": rounded(min(percents)),
        "high": rounded(max(percents)),
    }
