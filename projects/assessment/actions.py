"""What is done with an assessment, from the declaration to the consensus.

Each act asks for its permission, holds the rows that it changes, and raises ValidationError in
words. Whoever calls it opens the set of changes for the history.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.models import (
    Assessment,
    Call,
    Consensus,
    Criterion,
    Declaration,
    Project,
    ProjectStatus,
    Recommendation,
    Score,
)
from projects.permissions import (
    ASSESS,
    LEAD_ASSESSMENT,
)
from psf.database.record_version import lock


class Said(NamedTuple):
    """What an assessor writes: points and comment by the key of the criterion, and the whole."""

    scores: Mapping[int, tuple[int | None, str]]
    comment: str
    recommendation: str


def require(user: Any, permission: str) -> None:
    if not user.has_perm(permission):
        raise PermissionDenied


# Of the assessor


@transaction.atomic
def declare(assessment: Assessment, by: Any, conflict: str = "") -> None:
    """Say that there is no conflict of interest, or which: that closes the scoring for good."""
    _hold(assessment, by)
    if assessment.submitted_at or assessment.declaration == Declaration.CONFLICT:
        raise ValidationError(_("That is declared already."))
    assessment.conflict = conflict.strip()
    if assessment.conflict:
        assessment.declaration = Declaration.CONFLICT
        assessment.comment, assessment.recommendation = "", Recommendation.NOT_YET
        assessment.scores.all().delete()
    else:
        assessment.declaration = Declaration.NONE
    _write(assessment)


@transaction.atomic
def save(assessment: Assessment, by: Any, said: Said, version: str) -> None:
    """Keep what an assessor has written so far; nobody else reads it before all are submitted.

    `version` is that of the assessment that they were shown.
    """
    _hold(assessment, by)
    _refuse_closed(assessment)
    if version != str(assessment.version):
        raise ValidationError(
            _(
                "You have saved this in another window meanwhile. What you typed here is below: "
                "saved again, it takes the place of what is stored."
            )
        )
    assessment.comment, assessment.recommendation = said.comment, said.recommendation
    _write(assessment)
    there = {score.criterion_id: score for score in assessment.scores.all()}
    for criterion in assessment.project.call.criteria.all():
        points, comment = said.scores.get(criterion.pk, (None, ""))
        score = there.get(criterion.pk) or Score(assessment=assessment, criterion=criterion)
        if (score.points, score.comment) != (points, comment):
            score.points, score.comment = points, comment
            score.full_clean()
            score.save()


@transaction.atomic
def submit(assessment: Assessment, by: Any) -> None:
    """Say that it is complete: from now on its assessor can only read it."""
    _hold(assessment, by)
    _refuse_closed(assessment)
    if reasons := lacking(assessment):
        raise ValidationError(reasons)
    assessment.submitted_at = timezone.now()
    _write(assessment)


def lacking(assessment: Assessment) -> list[str]:
    """What an assessment still needs before it can be submitted; [] if nothing."""
    given = assessment.scores.filter(points__isnull=False).values("criterion")
    criteria = Criterion.objects.filter(call=assessment.project.call_id)
    reasons = [
        _("Give points for “%(criterion)s”.") % {"criterion": criterion}
        for criterion in criteria.exclude(pk__in=given)
    ]
    if not criteria:
        reasons.append(_("The call has no criteria yet."))
    if not assessment.comment:
        reasons.append(_("Write an overall comment."))
    if assessment.recommendation == Recommendation.NOT_YET:
        reasons.append(_("Choose a recommendation."))
    return reasons


# Of those who lead the assessment


@transaction.atomic
def reopen(assessment: Assessment, by: Any, reason: str) -> None:
    """Let the assessor write again. A consensus on the application falls with it."""
    _lead(assessment, by)
    _refuse_not_eligible(assessment.project)
    if not assessment.submitted_at:
        raise ValidationError(_("It is not submitted."))
    _refuse_without(reason)
    Consensus.objects.filter(project=assessment.project_id).delete()
    assessment.submitted_at = None
    _write(assessment)


@transaction.atomic
def take_off(assessment: Assessment, by: Any, reason: str) -> None:
    """End an assignment that came to nothing. A declared conflict stays, and so does its answer."""
    _lead(assessment, by)
    if assessment.submitted_at or assessment.declaration == Declaration.CONFLICT:
        raise ValidationError(_("What is submitted, or a declared conflict of interest, stays."))
    _refuse_without(reason)
    assessment.delete()


@transaction.atomic
def record_consensus(
    project: Project, by: Any, agreed_percent: int | None, text: str, recommendation: str
) -> Consensus:
    """Record what the assessors of an application agreed on, or record it anew."""
    require(by, LEAD_ASSESSMENT)
    project.refresh_from_db(from_queryset=Project.objects.select_for_update())
    _refuse_not_eligible(project)
    if reasons := too_early(project):
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


def too_early(project: Project) -> list[str]:
    """Why no consensus can be recorded on an application yet; [] if it can."""
    counting = project.assessments.counting()
    waiting, there = counting.waiting().count(), counting.count()
    if there < project.call.assessors_needed:
        return [
            _("%(there)d of the %(needed)d assessors needed are assigned.")
            % {"there": there, "needed": project.call.assessors_needed}
        ]
    if waiting:
        words = ngettext(
            "%(count)d assessor has not submitted yet.",
            "%(count)d assessors have not submitted yet.",
            waiting,
        )
        return [words % {"count": waiting}]
    return []


def may_read_all(project: Project, user: Any) -> bool:
    """Whether nothing of the assessment of this application is closed to the person."""
    every = project.assessments.all()
    return every.count() == every.visible_to(user).count()


# What must hold


def _hold(assessment: Assessment, by: Any) -> None:
    """The assessment as it is now, held until the transaction ends, if it is this person's."""
    require(by, ASSESS)
    if assessment.assessor_id != by.pk:
        raise PermissionDenied
    _reload(assessment)
    if assessment.project.status != ProjectStatus.ELIGIBLE:
        # Neither its title, which may name who applies, nor what became of it.
        raise ValidationError(_("The assessment of this application has ended."))


def _lead(assessment: Assessment, by: Any) -> None:
    """The same for who leads the assessment. Nobody does that with what they assess themselves:
    after a look at what others gave they would write again.
    """
    require(by, LEAD_ASSESSMENT)
    if assessment.assessor_id == by.pk:
        raise ValidationError(_("It is your own: somebody else has to do that."))
    _reload(assessment)


def _reload(assessment: Assessment) -> None:
    # The call first: its form, which may change the criteria, holds it too.
    lock(Call.objects.filter(projects=assessment.project_id))
    assessment.refresh_from_db(from_queryset=Assessment.objects.select_for_update())
    assessment.project = Project.objects.select_related("call").get(pk=assessment.project_id)


def _refuse_not_eligible(project: Project) -> None:
    if project.status != ProjectStatus.ELIGIBLE:
        raise ValidationError(not_eligible(project))


def not_eligible(project: Project) -> str:
    return _("“%(project)s” is %(status)s: only eligible applications are assessed.") % {
        "project": project,
        "status": project.get_status_display(),
    }


def _refuse_closed(assessment: Assessment) -> None:
    if assessment.declaration == Declaration.NOT_YET:
        raise ValidationError(_("Declare first whether you have a conflict of interest."))
    if assessment.declaration == Declaration.CONFLICT:
        raise ValidationError(_("You declared a conflict of interest: this is closed to you."))
    if assessment.submitted_at:
        raise ValidationError(_("It is submitted. Ask the secretariat to open it again."))


def _refuse_without(reason: str) -> None:
    if not reason.strip():
        raise ValidationError(_("Give the reason."))


def _write(assessment: Assessment) -> None:
    assessment.version += 1
    assessment.save()
