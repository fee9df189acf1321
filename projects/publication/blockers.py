"""The conditions of publication, also for records that are already public."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.models import Call, Project
from projects.models.choices import FUNDED_STATUSES


def publication_blockers(project: Project, at: datetime) -> list[str]:
    """Sentences that say why a project cannot be public at a moment; [] without blockers."""
    blockers = []
    if project.status not in FUNDED_STATUSES:
        blockers.append(
            _("“%(project)s” is %(status)s. Only a funded project can be public.")
            % {"project": project, "status": project.get_status_display()}
        )
    if not project.partnerships.leading().exists():
        blockers.append(
            _("“%(project)s” has no lead partner. Add one first.") % {"project": project}
        )
    if not project.call.is_public(at):
        blockers.append(
            _("“%(call)s” is not public yet. Publish the call first.") % {"call": project.call}
        )
    return blockers


def call_error(project: Project, call: Call) -> str:
    """Why a public project cannot be in the call; "" if it can, or if it is not public."""
    if not project.published_at or call.is_public(project.published_at):
        return ""
    words = _("This project is public, but “%(call)s” is not. Publish the call first.")
    return words % {"call": call}


def check_public_project(project: Project) -> None:
    """Raise `ValidationError` if a saved public project lacks a lead partner or a public call."""
    error = call_error(project, project.call)
    if project.published_at and not project.partnerships.leading().exists():
        error = _(
            "A public project needs a lead partner. "
            "Name another lead partner, or unpublish the project first."
        )
    if error:
        raise ValidationError(error)
