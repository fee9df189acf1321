"""The conditions of publication, also for records that are already public."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.models import Project
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


def check_lead_partner(project: Project) -> None:
    """Raise `ValidationError` if a saved public project has no lead partner."""
    if project.published_at and not project.partnerships.leading().exists():
        raise ValidationError(
            _(
                "A public project needs a lead partner. "
                "Name another lead partner, or unpublish the project first."
            )
        )
