"""What must hold before a project takes a step after its award."""

from django.utils.translation import gettext as _

from projects.models import Project, ProjectStatus, ReportKind
from projects.models.choices import FUNDED_STATUSES
from projects.post_award.account import agreement_of


def decided_here(project: Project) -> bool:
    """Whether a decision that was applied here made it a funded project."""
    return hasattr(project, "decision_line")


def hindrances(project: Project, to: str) -> list[str]:
    """What keeps a project from that status, in sentences; [] if nothing.

    Of a project that was not decided here no agreement is asked: it may be of a call long over.
    """
    agreement = agreement_of(project)
    if agreement is None:
        begins = to in [ProjectStatus.RUNNING, ProjectStatus.COMPLETED]
        return (
            [_("Both must have signed the agreement.")] if begins and decided_here(project) else []
        )
    if to not in FUNDED_STATUSES:
        return [
            _(
                "“%(project)s” has an agreement, so it stays a funded project: undo that first "
                "(Recent changes), if it was recorded by mistake."
            )
            % {"project": project}
        ]
    found = []
    if to in [ProjectStatus.RUNNING, ProjectStatus.COMPLETED] and not agreement.is_signed():
        found.append(_("Both must have signed the agreement."))
    if to == ProjectStatus.COMPLETED:
        approved = project.reports.filter(kind=ReportKind.FINAL, approved_on__isnull=False)
        if not approved.exists():
            found.append(_("The final report must be approved."))
        if agreement.closed_on is None:
            found.append(_("The account must be closed."))
    return found
