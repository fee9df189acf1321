"""Named groups of the applications of a call.

The cockpit counts them, and the list of projects shows exactly the counted records.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from projects.assessment.assignment import has_too_few
from projects.eligibility.rules import RuleFinding, Verdict, check_rules, lateness_of, rules_of
from projects.models import (
    Assessment,
    Call,
    Letter,
    Outcome,
    Partnership,
    Project,
    ProjectStatus,
    Report,
    Waiver,
)
from projects.models.choices import ACTIVE_STATUSES, FUNDED_STATUSES, LETTERS
from psf.database.fields import keep_rows

ELIGIBLE = Q(status=ProjectStatus.ELIGIBLE)
DECIDED = [ProjectStatus.RESERVE, ProjectStatus.REJECTED, *FUNDED_STATUSES]
# Calls of earlier years have awards that nobody manages here.
DECIDED_HERE = Q(call__decision__applied_at__isnull=False)


def _of(rows: QuerySet) -> Any:
    return rows.filter(project=OuterRef("pk"))


def _drafted(outcome: str) -> Callable[[], Q]:
    return lambda: ELIGIBLE & Q(decision_line__outcome=outcome)


def _without_letter() -> Q:
    written = _of(Letter.objects.filter(cancelled_at=None))
    return Q(~Exists(written), DECIDED_HERE, status__in=LETTERS)


def _unsigned() -> Q:
    lacking = Q(agreement__isnull=True) & DECIDED_HERE
    lacking |= Q(agreement__isnull=False, agreement__lead_signed_on=None)
    lacking |= Q(agreement__isnull=False, agreement__we_signed_on=None)
    return Q(status__in=ACTIVE_STATUSES) & lacking


def _managed() -> Q:
    """The active projects that are not over: calls of earlier years have none."""
    running = Q(agreement__isnull=False, agreement__closed_on=None)
    running |= Q(ends_on__gte=timezone.localdate()) | Q(ends_on=None) & DECIDED_HERE
    return Q(status__in=ACTIVE_STATUSES) & running


def _reports(**conditions: Any) -> Q:
    return Q(Exists(_of(Report.objects.filter(**conditions))), status__in=FUNDED_STATUSES)


GROUPS: dict[str, Callable[[], Q | Exists]] = {
    "ever-eligible": lambda: Q(status__in=[ProjectStatus.ELIGIBLE, *DECIDED]),
    "ever-funded": lambda: Q(status__in=FUNDED_STATUSES),
    "to-assign": lambda: has_too_few(Assessment.objects.counting()),
    "to-assess": lambda: has_too_few(Assessment.objects.filter(submitted_at__isnull=False)),
    "without-outcome": lambda: ELIGIBLE & Q(decision_line__isnull=True),
    "without-reason": lambda: _drafted(Outcome.REJECTED)() & Q(decision_line__reason=""),
    "draft-funded": _drafted(Outcome.FUNDED),
    "draft-reserve": _drafted(Outcome.RESERVE),
    "draft-rejected": _drafted(Outcome.REJECTED),
    "without-letter": _without_letter,
    "letter-waiting": lambda: Exists(_of(Letter.objects.waiting())),
    "letter-sent": lambda: Exists(_of(Letter.objects.sent())),
    "unsigned": _unsigned,
    "report-late": lambda: _reports(due_on__lt=timezone.localdate(), received_on=None),
    "report-received": lambda: _reports(received_on__isnull=False, approved_on=None),
    "managed": _managed,
    "ended": lambda: Q(status__in=ACTIVE_STATUSES, ends_on__lt=timezone.localdate()),
}


def numbers_by_call(calls: Iterable[Call], groups: Iterable[str]) -> dict[int, dict[str, int]]:
    """The numbers of applications by status and by group, for each call, in one query."""
    counted = {status: Q(status=status) for status in ProjectStatus.values}
    counted |= {key.replace("-", "_"): Q(GROUPS[key]()) for key in groups}
    of_calls = Project.objects.filter(call__in=[call.pk for call in calls]).order_by()
    rows: Any = of_calls.values("call").annotate(
        received=Count("pk"),
        **{key: Count("pk", filter=condition) for key, condition in counted.items()},
    )
    return {
        row.pop("call"): {name.replace("_", "-"): number for name, number in row.items()}
        for row in list(rows)
    }


# Screening: the rules of the call are checked in Python, as everywhere.

SCREENED = READY, UNMET, UNKNOWN, LATE = "ready", "unmet", "unknown", "late"
SCREENED_FIELDS = [
    *["reference", "title", "version", "status", "received_on", "received_time", "requested_eur"],
    *["total_budget_eur", "starts_on", "starts_precision", "ends_on", "ends_precision"],
]


class Screened(NamedTuple):
    """A submitted application with the findings of the rules, and its group."""

    project: Project
    findings: list[RuleFinding]
    late: str

    def group(self) -> str:
        verdicts = [finding.verdict for finding in self.findings]
        if Verdict.BROKEN in verdicts:
            return UNMET
        if Verdict.UNKNOWN in verdicts:
            return UNKNOWN
        return LATE if self.late else READY


def screen(call: Call) -> list[Screened]:
    """The submitted applications of a closed call, in a fixed number of queries."""
    if call.closes_at is None or call.closes_at > timezone.now():
        return []
    applications = Project.objects.filter(call=call, status=ProjectStatus.SUBMITTED)
    projects = list(applications.only("call", *SCREENED_FIELDS).order_by("reference"))
    own = {"project__in": applications.order_by().values("pk")}
    parts = Partnership.objects.filter(**own).prefetch_related("country__memberships")
    columns = ["project", "country", "role", "joined_on", "left_on"]
    # A prefetch would build a query for each project.
    rows: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for part in parts.only(*columns):
        rows[part.project_id]["partnerships"].append(part)
    for waiver in Waiver.objects.filter(**own):
        rows[waiver.project_id]["waivers"].append(waiver)
    rules, screened = rules_of(call), []
    for project in projects:
        project.call = call
        for relation in ["partnerships", "waivers"]:
            keep_rows(project, relation, rows[project.pk][relation])
        screened.append(Screened(project, check_rules(project, rules), lateness_of(project)))
    return screened


def in_group(projects: QuerySet, key: str) -> Any:
    """The projects of a group."""
    if key in GROUPS:
        return projects.filter(Q(GROUPS[key]()))
    calls = Call.objects.filter(pk__in=projects.order_by().values("call"))
    keys = [row.project.pk for call in calls for row in screen(call) if row.group() == key]
    return projects.filter(pk__in=keys)
