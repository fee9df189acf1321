"""The actions of an assessment, from the declaration of interests to the consensus.

Each action checks its permission, locks the rows that it changes, and raises ValidationError with
sentences. The caller opens the change set for the history.
"""

from collections.abc import Mapping
from decimal import Decimal

from django.contrib.auth.models import User
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

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
from projects.permissions import ASSESS, LEAD_ASSESSMENT, require
from psf.database.record_version import lock, lock_record

# Actions of the assessor


@transaction.atomic
def declare(assessment: Assessment, by: User, conflict: str = "") -> None:
    """Declare that there is no conflict of interest, or describe it and end the scoring."""
    _lock_own(assessment, by)
    if assessment.submitted_at or assessment.declaration == Declaration.CONFLICT:
        raise ValidationError(_("You have made this declaration already."))
    assessment.conflict = conflict.strip()
    if assessment.conflict:
        assessment.declaration = Declaration.CONFLICT
        assessment.comment, assessment.recommendation = "", Recommendation.NOT_YET
        assessment.scores.all().delete()
    else:
        assessment.declaration = Declaration.NONE
    _write(assessment)


@transaction.atomic
def save(
    assessment: Assessment,
    by: User,
    scores: Mapping[int, tuple[int | None, str]],
    comment: str,
    recommendation: str,
) -> None:
    """Save points and comments, by criterion and overall.

    Nobody else reads them before all assessors have submitted.
    """
    _lock_own(assessment, by)
    _refuse_closed(assessment)
    assessment.comment, assessment.recommendation = comment, recommendation
    _write(assessment)
    saved = {score.criterion_id: score for score in assessment.scores.all()}
    for criterion in assessment.project.call.criteria.all():
        given = scores.get(criterion.pk, (None, ""))
        score = saved.get(criterion.pk) or Score(assessment=assessment, criterion=criterion)
        if (score.points, score.comment) != given:
            score.points, score.comment = given
            score.full_clean()
            score.save()


@transaction.atomic
def submit(assessment: Assessment, by: User) -> None:
    """Submit the assessment. Afterwards its assessor can only read it."""
    _lock_own(assessment, by)
    _refuse_closed(assessment)
    if reasons := submission_blockers(assessment):
        raise ValidationError(reasons)
    assessment.submitted_at = timezone.now()
    _write(assessment)


def submission_blockers(assessment: Assessment) -> dict[str, str]:
    """Why an assessment cannot be submitted yet: sentences by field of its form; {} if it can."""
    scored = assessment.scores.filter(points__isnull=False).values("criterion")
    criteria = Criterion.objects.filter(call=assessment.project.call_id)
    reasons = {
        f"points-{criterion.pk}": _("Give points for “%(criterion)s”.") % {"criterion": criterion}
        for criterion in criteria.exclude(pk__in=scored)
    }
    if not criteria:
        reasons[NON_FIELD_ERRORS] = _("The call has no criteria yet.")
    if not assessment.comment:
        reasons["comment"] = _("Write an overall comment.")
    if assessment.recommendation == Recommendation.NOT_YET:
        reasons["recommendation"] = _("Choose a recommendation.")
    return reasons


# Actions of those who lead the assessment


@transaction.atomic
def reopen(assessment: Assessment, by: User, reason: str) -> None:
    """Reopen the assessment for its assessor, and delete the consensus on the application."""
    _lock_led(assessment, by)
    refuse_not_eligible(assessment.project)
    if not assessment.submitted_at:
        raise ValidationError(_("This assessment is not submitted."))
    _refuse_without(reason)
    Consensus.objects.filter(project=assessment.project_id).delete()
    assessment.submitted_at = None
    _write(assessment)


@transaction.atomic
def remove_assessor(assessment: Assessment, by: User, reason: str) -> None:
    """Delete an assignment that is not submitted and has no declared conflict."""
    _lock_led(assessment, by)
    if assessment.submitted_at or assessment.declaration == Declaration.CONFLICT:
        raise ValidationError(
            _("A submitted assessment or a declared conflict of interest cannot be removed.")
        )
    _refuse_without(reason)
    assessment.delete()


# The consensus


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
    if not project.assessments.are_visible_to(by):
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


# Checks


def _lock_own(assessment: Assessment, by: User) -> None:
    """Lock the assessment of this person and reload it. Raises PermissionDenied for another's."""
    require(by, ASSESS)
    if assessment.assessor_id != by.pk:
        raise PermissionDenied
    _reload(assessment)
    if sentence := end_of_assessment(assessment.project):
        raise ValidationError(sentence)


def end_of_assessment(project: Project) -> str:
    """A sentence for assessors about an application that is no longer assessed; "" for others.

    The title may name the applicant, and the outcome is confidential.
    """
    is_eligible = project.status == ProjectStatus.ELIGIBLE
    return "" if is_eligible else _("The assessment of this application has ended.")


def _lock_led(assessment: Assessment, by: User) -> None:
    """Lock the assessment of somebody else for those who lead the assessment, and reload it.

    Nobody reopens their own assessment: they may have read the assessments of others.
    """
    require(by, LEAD_ASSESSMENT)
    if assessment.assessor_id == by.pk:
        raise ValidationError(_("This is your own assessment. Another person must do this."))
    _reload(assessment)


def _reload(assessment: Assessment) -> None:
    # The call first, as on its form, where the criteria change.
    lock(Call.objects.filter(projects=assessment.project_id))
    lock_record(assessment)
    assessment.project = Project.objects.select_related("call").get(pk=assessment.project_id)


def refuse_not_eligible(project: Project) -> None:
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
        raise ValidationError(
            _("You declared a conflict of interest, so you cannot assess this application.")
        )
    if assessment.submitted_at:
        raise ValidationError(_("This assessment is submitted. Ask the secretariat to reopen it."))


def _refuse_without(reason: str) -> None:
    if not reason.strip():
        raise ValidationError(_("Enter the reason."))


def _write(assessment: Assessment) -> None:
    assessment.version += 1
    assessment.save()
