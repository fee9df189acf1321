"""The possible changes of status: who may make them, and which need a reason."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from projects.eligibility.award_limits import constraint_error
from projects.models import Project, ProjectStatus
from projects.permissions import CHECK, DECIDE, MANAGE_AWARDS

# The statuses that may follow each status. A change back is an ordinary change.
TRANSITIONS: dict[str, list[str]] = {
    ProjectStatus.SUBMITTED: [
        ProjectStatus.ELIGIBLE,
        ProjectStatus.NOT_ELIGIBLE,
        ProjectStatus.WITHDRAWN,
    ],
    ProjectStatus.NOT_ELIGIBLE: [ProjectStatus.SUBMITTED, ProjectStatus.WITHDRAWN],
    ProjectStatus.ELIGIBLE: [
        ProjectStatus.FUNDED,
        ProjectStatus.RESERVE,
        ProjectStatus.REJECTED,
        ProjectStatus.SUBMITTED,
        ProjectStatus.WITHDRAWN,
    ],
    ProjectStatus.RESERVE: [
        ProjectStatus.FUNDED,
        ProjectStatus.REJECTED,
        ProjectStatus.ELIGIBLE,
        ProjectStatus.WITHDRAWN,
    ],
    ProjectStatus.REJECTED: [ProjectStatus.ELIGIBLE, ProjectStatus.WITHDRAWN],
    ProjectStatus.FUNDED: [
        ProjectStatus.RUNNING,
        ProjectStatus.TERMINATED,
        ProjectStatus.ELIGIBLE,
        ProjectStatus.WITHDRAWN,
    ],
    ProjectStatus.RUNNING: [
        ProjectStatus.COMPLETED,
        ProjectStatus.TERMINATED,
        ProjectStatus.FUNDED,
        ProjectStatus.WITHDRAWN,
    ],
    ProjectStatus.COMPLETED: [ProjectStatus.RUNNING],
    ProjectStatus.TERMINATED: [ProjectStatus.RUNNING],
    ProjectStatus.WITHDRAWN: [ProjectStatus.SUBMITTED],
}

# How far an application has come. A change to a lower number is a change back.
ADVANCE: dict[str, int] = {
    ProjectStatus.SUBMITTED: 0,
    ProjectStatus.NOT_ELIGIBLE: 1,
    ProjectStatus.ELIGIBLE: 1,
    ProjectStatus.RESERVE: 2,
    ProjectStatus.REJECTED: 2,
    ProjectStatus.FUNDED: 2,
    ProjectStatus.RUNNING: 3,
    ProjectStatus.COMPLETED: 4,
    ProjectStatus.TERMINATED: 4,
    ProjectStatus.WITHDRAWN: 5,
}

# By the higher number of both statuses: those who decide also reverse a decision.
PERMISSIONS = {0: CHECK, 1: CHECK, 2: DECIDE, 3: MANAGE_AWARDS, 4: MANAGE_AWARDS}

# The committee decides on all applications of a call at once.
DECIDED_TOGETHER = [ProjectStatus.FUNDED, ProjectStatus.RESERVE, ProjectStatus.REJECTED]

END_EARLY = [ProjectStatus.WITHDRAWN, ProjectStatus.TERMINATED]


def permission_for(before: str, after: str) -> str:
    """The permission for this change of status."""
    numbers = [ADVANCE[status] for status in [before, after] if status != ProjectStatus.WITHDRAWN]
    return PERMISSIONS[max(numbers, default=0)]


def is_back(before: str, after: str) -> bool:
    """Whether the change leads back to an earlier status."""
    return ADVANCE[after] < ADVANCE[before]


def needs_reason(before: str, after: str) -> bool:
    """For a change back, an early end, and the end of a place on the reserve list."""
    return (
        is_back(before, after)
        or after in END_EARLY
        or (before, after) == (ProjectStatus.RESERVE, ProjectStatus.REJECTED)
    )


def individual_transitions(before: str) -> list[str]:
    """The statuses that can follow for one application, without the committee's decision."""
    return [after for after in TRANSITIONS[before] if not is_decided_together(before, after)]


def is_decided_together(before: str, after: str) -> bool:
    """Whether the change is part of the committee's decision, or of its reserve list."""
    if before == ProjectStatus.ELIGIBLE:
        return after in DECIDED_TOGETHER
    return (before, after) == (ProjectStatus.RESERVE, ProjectStatus.FUNDED)


def status_error(before: str, after: str, is_published: bool) -> str:
    """One sentence why the change is impossible; "" if it is possible."""
    if after != before and after not in TRANSITIONS[before]:
        labels = [str(ProjectStatus(value).label) for value in TRANSITIONS[before]]
        return _("A project that is %(before)s cannot become %(after)s, only %(choices)s.") % {
            "before": ProjectStatus(before).label,
            "after": ProjectStatus(after).label,
            "choices": get_text_list(labels, _("or")),
        }
    return constraint_error(
        "project_public_is_funded", {"published_at": is_published, "status": after}
    )


def move_error(project: Project) -> str:
    """Why a saved project stays in its call: the steps of the call are part of it; "" if not."""
    if project.status in [ProjectStatus.ELIGIBLE, ProjectStatus.NOT_ELIGIBLE]:
        words = _(
            "This application was checked by the rules of “%(call)s”. Change its status to "
            "“submitted” before you choose another call."
        )
    elif (
        hasattr(project, "decision_line")
        or project.assessments.exists()
        or project.letters.sent().exists()
    ):
        words = _(
            "This application was assessed or decided in “%(call)s”. Enter a new application "
            "in the other call, and change the status of this one to “withdrawn”."
        )
    elif project.waivers.exists():
        words = _(
            "This application has a waiver of a rule of “%(call)s”. Remove the waiver before you "
            "choose another call."
        )
    else:
        return ""
    return words % {"call": project.call}


def check_move(project: Project, values: Mapping[str, Any]) -> None:
    """Raise `ValidationError` if earlier values would move a saved project to another call."""
    if "call_id" in values and (error := move_error(project)):
        raise ValidationError(f"{project.reference}: {error}")
