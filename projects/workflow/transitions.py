"""Which steps there are, who may take them and which need a reason."""

from projects.models import ProjectStatus
from projects.models.choices import ADVANCE, TRANSITIONS
from projects.permissions import CHECK, DECIDE, FOLLOW

# By how far the step's farther end is: who decides also takes a decision back.
PERMISSIONS = {0: CHECK, 1: CHECK, 2: DECIDE, 3: FOLLOW, 4: FOLLOW}

# What the committee decides: on all applications of a call at once.
DECIDED_TOGETHER = [ProjectStatus.FUNDED, ProjectStatus.RESERVE, ProjectStatus.REJECTED]

END_EARLY = [ProjectStatus.WITHDRAWN, ProjectStatus.TERMINATED]


def permission_for(before: str, after: str) -> str:
    """What somebody needs to take the step."""
    ends = [ADVANCE[status] for status in [before, after] if status != ProjectStatus.WITHDRAWN]
    return PERMISSIONS[max(ends, default=0)]


def is_back(before: str, after: str) -> bool:
    """Whether it takes an application back to where it stood, or to the beginning."""
    return ADVANCE[after] < ADVANCE[before]


def needs_reason(before: str, after: str) -> bool:
    """A step back, one that ends a project early, and the end of a place on the reserve list."""
    return (
        is_back(before, after)
        or after in END_EARLY
        or (before, after) == (ProjectStatus.RESERVE, ProjectStatus.REJECTED)
    )


def following(before: str) -> list[str]:
    """The steps that one application can take by itself, without the committee's decision."""
    return [after for after in TRANSITIONS[before] if not is_decided_together(before, after)]


def is_decided_together(before: str, after: str) -> bool:
    """Whether the step is part of the committee's decision, or of what follows from it."""
    return after in DECIDED_TOGETHER and (before, after) in [
        (ProjectStatus.ELIGIBLE, ProjectStatus.FUNDED),
        (ProjectStatus.ELIGIBLE, ProjectStatus.RESERVE),
        (ProjectStatus.ELIGIBLE, ProjectStatus.REJECTED),
        (ProjectStatus.RESERVE, ProjectStatus.FUNDED),
    ]
