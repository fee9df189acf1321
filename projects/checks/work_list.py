"""All checks, and their findings: the work list of the staff and the output of `check_data`."""

from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser, User

from projects.checks import (
    applications,
    assessments,
    awards,
    calls,
    intake,
    organisations,
    personal_data,
    projects,
)
from projects.checks.check import Check, Finding, Severity, WorkListGroup

CHECKS: list[type[Check[Any]]] = [
    projects.PublicWithoutLead,
    projects.AboveCeiling,
    awards.FundedByOnePerson,
    awards.AmountAgainstAgreement,
    projects.CompletedEarly,
    calls.MoreThanAnnounced,
    calls.DecidedEarly,
    calls.OtherTimeZone,
    organisations.InACircle,
    projects.ResultsWithoutDecision,
    projects.AboveTotalBudget,
    projects.Disagreeing,
    projects.BrokenRule,
    projects.Ended,
    projects.OutsidePeriod,
    calls.UnlikelyPeriod,
    organisations.AfterItsEnd,
    organisations.PossibleDuplicates,
    awards.PaidWithoutReport,
    awards.OpenAccount,
    applications.RejectedWithoutReason,
    applications.ReceivedLate,
    applications.ToCheck,
    assessments.Overdue,
    assessments.TooFewAssessors,
    applications.ToDecide,
    applications.RuleSwitchedOff,
    applications.ToMoveUp,
    calls.ClosingSoon,
    projects.EndingSoon,
    awards.StartedNotRunning,
    awards.ReadyToPay,
    personal_data.ContactsToDelete,
    personal_data.LettersToDelete,
    calls.ResultsToPublish,
    calls.ScheduledPublication,
    calls.OpenAndHidden,
    projects.ScheduledProjects,
    projects.ToPublish,
    intake.ImportedDrafts,
    intake.OpenFlags,
    projects.Incomplete,
    calls.FewerThanAnnounced,
]
# Tasks that time brings. The records are not at fault.
TASKS = [WorkListGroup.APPLICATIONS, WorkListGroup.DEADLINE, WorkListGroup.UNPUBLISHED]
FINDINGS_SHOWN = 5


class WorkItem(NamedTuple):
    """The first findings of one check, and whether the check has more."""

    check: Check[Any]
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
    checks = [check() for check in CHECKS if check.group not in TASKS]
    order = list(Severity)
    checks.sort(key=lambda check: order.index(check.severity))
    return [finding for check in checks for finding in check.findings()]


def work_list(user: User | AnonymousUser) -> list[WorkGroup]:
    """The findings that this account may fix, by group. Empty groups are left out."""
    checks = [check() for check in CHECKS if user.has_perm(check.permission)]
    groups = []
    for group in WorkListGroup:
        items = [_work_item(check) for check in checks if check.group == group]
        if filled := [item for item in items if item.findings]:
            groups.append(WorkGroup(str(group.label), filled))
    return groups


def _work_item(check: Check[Any]) -> WorkItem:
    findings = check.findings(FINDINGS_SHOWN + 1)
    return WorkItem(check, findings[:FINDINGS_SHOWN], len(findings) > FINDINGS_SHOWN)


def check_with_key(key: str) -> Check[Any] | None:
    return next((check() for check in CHECKS if check.key == key), None)
