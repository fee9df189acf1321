"""The possible changes of status after the award."""

from django.utils.translation import gettext as _

from projects.models import Project, ProjectStatus, ReportKind
from projects.models.choices import FUNDED_STATUSES
from projects.post_award.account import agreement_of
from projects.post_award.account_limits import BEGUN, needs_agreement


def award_blockers(project: Project, to: str) -> list[str]:
    """Why the project cannot get this status after its award, in sentences; [] if it can."""
    agreement = agreement_of(project)
    if agreement is None:
        is_missing = needs_agreement(project, to)
        return [_("Both sides must have signed the agreement.")] if is_missing else []
    if to not in FUNDED_STATUSES:
        return [
            _(
                "“%(project)s” has an agreement, so it stays a funded project. If it ends early, "
                "choose “terminated”. If the agreement is a mistake, undo its recording first "
                "(Recent changes)."
            )
            % {"project": project}
        ]
    blockers = []
    if to in BEGUN and not agreement.signed_on():
        blockers.append(_("Both sides must have signed the agreement."))
    if to == ProjectStatus.COMPLETED:
        approved = project.reports.filter(kind=ReportKind.FINAL, approved_on__isnull=False)
        if not approved.exists():
            blockers.append(_("The final report must be approved."))
        if agreement.closed_on is None:
            blockers.append(_("The account must be closed."))
    return blockers
