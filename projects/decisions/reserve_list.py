"""The reserve list: who is next, and how an application moves up."""

from decimal import Decimal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from projects.decisions.apply import confirm_line
from projects.eligibility.award_limits import amount_error, awarded_total, budget_error
from projects.models import (
    Call,
    DecisionLine,
    Outcome,
    Project,
    ProjectStatus,
)
from projects.permissions import DECIDE, require
from projects.workflow.status_changes import set_status
from psf.database.record_version import bump_version, lock
from psf.history import recording
from psf.history.models import Channel


def reserve_list(call: Call) -> QuerySet[Project]:
    """The applications on the reserve list, in the order in which they move up."""
    reserve = call.projects.filter(status=ProjectStatus.RESERVE).select_related("decision_line")
    return reserve.order_by("decision_line__reserve_place", "reference")


def next_on_reserve(call: Call) -> Project | None:
    """The first application on the reserve list; None if the list is empty."""
    return reserve_list(call).first()


def fund_from_reserve(project: Project, award: Decimal, by: User, reason: str) -> bool:
    """Fund an application of the reserve list with an award in EUR.

    Under “two people decide” the first person proposes the award. A second person with the same
    award funds the application. Returns whether the application is funded now.
    """
    require(by, DECIDE)
    with recording.change_set(by, channel=Channel.DECISION, reason=reason.strip()):
        call = lock(Call.objects.filter(projects=project.pk))[0]
        project = lock(Project.objects.filter(pk=project.pk))[0]
        if project.status != ProjectStatus.RESERVE:
            raise ValidationError(
                _("%(project)s is not on the reserve list.") % {"project": project.reference}
            )
        first = next_on_reserve(call)
        if first != project and not reason.strip():
            raise ValidationError(
                _("%(project)s comes first on the reserve list. Enter why it is passed over.")
                % {"project": first.reference if first else ""}
            )
        total = awarded_total(call) + award
        error = amount_error(call, award) or budget_error(call, total, call.budget_eur)
        if error:
            raise ValidationError(error)
        bump_version(Call, [call.pk])
        lines = DecisionLine.objects.filter(project=project)
        if call.decided_by_two and not _is_second_person(project, award, by):
            lines.update(reserve_award_eur=award, proposed_by=by)
            return False
        lines.update(
            outcome=Outcome.FUNDED, award_eur=award, reserve_place=None, reserve_award_eur=None
        )
        if call.decided_by_two:
            confirm_line(lines.get(), by)
        set_status(lock(Project.objects.filter(pk=project.pk))[0], ProjectStatus.FUNDED, award)
        return True


def _is_second_person(project: Project, award: Decimal, by: User) -> bool:
    """Whether another person proposed the same award."""
    line = DecisionLine.objects.filter(project=project).first()
    if line is None:
        raise ValidationError(
            _(
                "%(project)s was not decided here. "
                "Change its status to “eligible” and decide on it first."
            )
            % {"project": project.reference}
        )
    return line.reserve_award_eur == award and line.proposed_by_id not in (None, by.pk)
