"""Correcting the reason for the applicant after the decision."""

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.models import Call, DecisionLine, Letter, Project
from projects.permissions import DECIDE, require
from projects.workflow.transitions import DECIDED_TOGETHER
from psf.database.record_version import bump_version, lock
from psf.history import recording
from psf.history.models import Channel


def correct_reason(project: Project, text: str, by: User, reason: str) -> None:
    """Replace the reason for the applicant of a decided application.

    `reason` says why and stays in the history. Waiting letters with the old text are cancelled.
    """
    require(by, DECIDE)
    if not text.strip() or not reason.strip():
        raise ValidationError(_("Enter the corrected reason, and why you correct it."))
    with recording.change_set(by, channel=Channel.DECISION, reason=reason.strip()):
        lock(Call.objects.filter(projects=project.pk))
        project = lock(Project.objects.filter(pk=project.pk))[0]
        line = DecisionLine.objects.filter(project=project).first()
        if line is None or project.status not in DECIDED_TOGETHER:
            raise ValidationError(
                _("%(project)s has no decision to correct.") % {"project": project.reference}
            )
        line.reason = text.strip()
        line.full_clean()
        line.save(update_fields=["reason"])
        waiting = Letter.objects.waiting().filter(project=project)
        waiting.cancel(_("The reason of the decision was corrected."))
        bump_version(Call, [project.call_id])
