"""All checks, and their findings: the work list of the staff and the output of `check_data`."""

from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.utils.functional import Promise

from projects.checks.check import Check, Finding, Severity, WorkListGroup
from projects.checks.faults import DUPLICATES, FAULTS, GAPS
from projects.checks.tasks import APPLICATIONS, DEADLINES, UNPUBLISHED

CHECKS: dict[WorkListGroup, dict[str, Check]] = {
    WorkListGroup.INCONSISTENT: FAULTS,
    WorkListGroup.DECISION: DUPLICATES,
    WorkListGroup.APPLICATIONS: APPLICATIONS,
    WorkListGroup.DEADLINE: DEADLINES,
    WorkListGroup.UNPUBLISHED: UNPUBLISHED,
    WorkListGroup.INCOMPLETE: GAPS,
}
BY_KEY = {key: check for checks in CHECKS.values() for key, check in checks.items()}
FINDINGS_SHOWN = 5


class WorkItem(NamedTuple):
    """The first findings of one check, and whether the check has more."""

    key: str
    heading: Promise
    findings: list[Finding]
    has_more: bool


class WorkGroup(NamedTuple):
    """The checks of one group that found something."""

    label: str
    parts: list[WorkItem]

    def shown(self) -> int:
        return sum(len(part.findings) for part in self.parts)

    def has_more(self) -> bool:
        return any(part.has_more for part in self.parts)


def inconsistencies() -> list[Finding]:
    """All faults of the records, the worst first. Tasks are no faults."""
    order, checks = list(Severity), [*(FAULTS | DUPLICATES | GAPS).values()]
    checks.sort(key=lambda check: order.index(check.severity))
    return [finding for check in checks for finding in check.findings()]


def work_list(user: User | AnonymousUser) -> list[WorkGroup]:
    """The findings that this account may fix, by group. Empty groups are left out."""
    groups = []
    for group, checks in CHECKS.items():
        allowed = {key: each for key, each in checks.items() if user.has_perm(each.permission)}
        items = [_work_item(key, check) for key, check in allowed.items()]
        if filled := [item for item in items if item.findings]:
            groups.append(WorkGroup(str(group.label), filled))
    return groups


def _work_item(key: str, check: Check) -> WorkItem:
    findings = check.listed()[: FINDINGS_SHOWN + 1]
    has_more = len(findings) > FINDINGS_SHOWN
    return WorkItem(key, check.heading, findings[:FINDINGS_SHOWN], has_more)
