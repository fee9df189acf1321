"""Wrong or missing facts in the records, and the work list.

`check_data` and the work list of the staff use the same checks.
"""

from typing import Any, NamedTuple

from projects.checks import (
    applications,
    assessments,
    calls,
    organisations,
    projects,
)
from projects.checks import (
    intake as arrivals,
)

from .base import Check, Finding, Group, Severity

CHECKS: list[type[Check]] = [
    projects.PublicWithoutLead,
    projects.AboveCeiling,
    projects.CompletedEarly,
    calls.MoreThanAnnounced,
    calls.DecidedEarly,
    organisations.InACircle,
    projects.ResultsWithoutDecision,
    projects.Disagreeing,
    projects.BrokenRule,
    projects.Ended,
    projects.OutsidePeriod,
    calls.StartedEarly,
    organisations.AfterItsEnd,
    organisations.PossibleDuplicates,
    applications.ToCheck,
    assessments.Overdue,
    assessments.TooFewAssessors,
    applications.ToDecide,
    applications.ToMoveUp,
    calls.ClosingSoon,
    projects.EndingSoon,
    calls.ResultsToPublish,
    calls.OpenAndHidden,
    projects.ToPublish,
    arrivals.ImportedDrafts,
    arrivals.ToSettle,
    projects.Incomplete,
    calls.FewerThanAnnounced,
]
# What time brings, and no fault of the records.
NO_FAULT = [Group.APPLICATIONS, Group.DEADLINE, Group.UNPUBLISHED]
MOST_SHOWN = 5


class Work(NamedTuple):
    """What one check found for the work list: the first findings, and whether there are more."""

    check: Check
    findings: list[Finding]
    has_more: bool


class WorkGroup(NamedTuple):
    """What several checks of one kind found."""

    label: str
    parts: list[Work]

    def shown(self) -> int:
        return sum(len(part.findings) for part in self.parts)

    def has_more(self) -> bool:
        return any(part.has_more for part in self.parts)


def inconsistencies() -> list[Finding]:
    """Every fault of the records, the worst first."""
    checks = [check() for check in CHECKS if check.group not in NO_FAULT]
    order = list(Severity)
    checks.sort(key=lambda check: order.index(check.severity))
    return [finding for check in checks for finding in check.findings()]


def work_list(user: Any) -> list[WorkGroup]:
    """What waits for this person, by groups: only what they may mend."""
    checks = [check() for check in CHECKS if user.has_perm(check.permission)]
    groups = []
    for group in Group:
        work = [_work_of(check) for check in checks if check.group == group]
        if found := [part for part in work if part.findings]:
            groups.append(WorkGroup(str(group.label), found))
    return groups


def _work_of(check: Check) -> Work:
    findings = check.findings(MOST_SHOWN + 1)
    return Work(check, findings[:MOST_SHOWN], len(findings) > MOST_SHOWN)


def check_of(key: str) -> Check | None:
    return next((check() for check in CHECKS if check.key == key), None)
