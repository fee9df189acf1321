"""The kinds of deadlines, and where each comes from."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _, ngettext

from projects.models import Assessment, Call, Decision, Instalment, Project, ProjectStatus, Report
from projects.models.choices import ACTIVE_STATUSES, FUNDED_STATUSES
from projects.permissions import (
    LEAD_ASSESSMENT,
    VIEW_AGREEMENT,
    VIEW_CALL,
    VIEW_DECISION,
    VIEW_PROJECT,
)
from psf.text.dates import KNOWN_DAYS, Precision, describe_moment


class Deadline(NamedTuple):
    """The day of a deadline, its text, record and page of the record, and whether it is done.

    A deadline without an action, such as the closing of a call, is done after its day. `at` is
    the moment, if known.
    """

    day: date
    words: str
    record: Call | Project
    page: str  # "call_change"
    done: bool
    at: datetime | None = None

    @property
    def url(self) -> str:
        return reverse(f"admin:projects_{self.page}", args=[self.record.pk])

    def subject(self) -> str:
        """The reference of a project, without its title, because deadlines are sent by mail."""
        return str(getattr(self.record, "reference", self.record))

    def is_overdue(self, today: date) -> bool:
        return self.day < today and not self.done

    def state(self, today: date) -> str:
        """The state, such as "in 3 days"."""
        days = (self.day - today).days
        if self.done:
            return _("past") if days < 0 else _("done")
        if days == 0:
            return _("today")
        if days > 0:
            return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
        return ngettext("overdue by %(days)d day", "overdue by %(days)d days", -days) % {
            "days": -days
        }


def closings(calls: QuerySet[Call], today: date, last: date | None) -> Iterator[Deadline]:
    now = timezone.now()
    for call in calls.filter(closes_at__isnull=False, closes_precision__in=KNOWN_DAYS):
        assert call.closes_at is not None
        day = call.closing_day()
        assert day is not None
        at = call.closes_at if call.closes_precision == Precision.MINUTE else None
        words = _("The call closes: %(moment)s") % {"moment": call.closes()}
        yield Deadline(day, words, call, "call_change", call.closes_at <= now, at)


def call_publications(calls: QuerySet[Call], today: date, last: date | None) -> Iterator[Deadline]:
    return _publications(_("The page becomes public: %(moment)s"), calls)


def result_publications(
    calls: QuerySet[Call], today: date, last: date | None
) -> Iterator[Deadline]:
    rows = Decision.objects.filter(call__in=calls).select_related("call")
    return _publications(_("The results become public: %(moment)s"), rows)


def project_publications(
    calls: QuerySet[Call], today: date, last: date | None
) -> Iterator[Deadline]:
    """The projects that become public at another moment than the results of their call."""
    hidden = Project.objects.filter(call__in=calls, published_at__gt=timezone.now())
    rows = [
        project
        for project in hidden.select_related("call__decision")
        if (decision := project.call.recorded_decision()) is None
        or decision.scheduled_for() != project.scheduled_for()
    ]
    return _publications(_("The project becomes public: %(moment)s"), rows)


def _publications(words: str, rows: Iterable[Call | Decision | Project]) -> Iterator[Deadline]:
    for row in rows:
        if moment := row.scheduled_for():
            record = row.call if isinstance(row, Decision) else row
            page = "call_change" if isinstance(record, Call) else "project_change"
            sentence = words % {"moment": describe_moment(moment)}
            yield Deadline(timezone.localdate(moment), sentence, record, page, False, moment)


def decisions(calls: QuerySet[Call], today: date, last: date | None) -> Iterator[Deadline]:
    """Overdue while an eligible application of the call is still undecided after its day."""
    undecided = Project.objects.filter(call=OuterRef("call"), status=ProjectStatus.ELIGIBLE)
    decided = Decision.objects.filter(call__in=calls, decided_on__isnull=False)
    for decision in decided.select_related("call").annotate(waits=Exists(undecided)):
        day, call = decision.decided_on, decision.call
        assert day is not None
        done = not decision.waits and (day < today or decision.applied_at is not None)
        yield Deadline(day, _("Decision"), call, "call_change", done)


def assessments(calls: QuerySet[Call], today: date, last: date | None) -> Iterator[Deadline]:
    """Assessments not submitted. They are due on the day in the call, else with the decision."""
    waiting = Assessment.objects.to_do().filter(project__call__in=calls)
    day = Coalesce("project__call__assessments_due_on", "project__call__decision__decided_on")
    numbers = (
        waiting.annotate(due=day)
        .filter(due__isnull=False)
        .order_by()
        .values("project__call")
        .annotate(number=Count("pk"), day=Max("due"))
    )
    rows = {row["project__call"]: row for row in numbers}
    for call in calls.filter(pk__in=rows):
        row = rows[call.pk]
        words = _("Assessments not submitted: %(number)d") % {"number": row["number"]}
        yield Deadline(row["day"], words, call, "call_assessment", False)


def ends(calls: QuerySet[Call], today: date, last: date | None) -> Iterator[Deadline]:
    """The last days of funded projects. A project that still runs later is overdue."""
    waits = Q(status=ProjectStatus.RUNNING) | Q(status__in=ACTIVE_STATUSES, ends_on__gte=today)
    projects = Project.objects.filter(
        call__in=calls, status__in=FUNDED_STATUSES, ends_on__isnull=False
    ).annotate(waits=waits)
    if last:
        projects = projects.filter(waits=True, ends_on__lte=last)
    words = _("The project ends")
    for project in projects.only("reference", "ends_on").order_by():
        assert project.ends_on is not None
        yield Deadline(project.ends_on, words, project, "project_change", not project.waits)


def reports(calls: QuerySet[Call], today: date, last: date | None) -> Iterator[Deadline]:
    due = Report.objects.of_awards().filter(project__call__in=calls, due_on__isnull=False)
    for row in due.select_related("project").order_by():
        words = capfirst(row.get_kind_display())
        if row.received_on and not row.approved_on:
            words = _("%(report)s: received, not approved") % {"report": words}
        yield _of_row(row, words, row.approved_on is not None)


def instalments(calls: QuerySet[Call], today: date, last: date | None) -> Iterator[Deadline]:
    """Without those that a closed account leaves unpaid."""
    due = Instalment.objects.filter(project__call__in=calls, due_on__isnull=False)
    due = due.exclude(paid_on=None, project__agreement__closed_on__isnull=False)
    for row in due.select_related("project").order_by():
        words = _("Instalment: %(condition)s") % {"condition": row.condition}
        yield _of_row(row, words, row.paid_on is not None)


def _of_row(row: Report | Instalment, words: str, done: bool) -> Deadline:
    assert row.due_on is not None  # the query leaves out rows without a day
    return Deadline(row.due_on, words, row.project, "project_post_award", done)


# The functions that find the deadlines of calls, by the permission to see these deadlines.
Find = Callable[[QuerySet[Call], date, date | None], Iterable[Deadline]]
DEADLINE_KINDS: dict[str, list[Find]] = {
    VIEW_CALL: [closings, call_publications],
    VIEW_DECISION: [result_publications, decisions],
    VIEW_PROJECT: [project_publications, ends],
    LEAD_ASSESSMENT: [assessments],
    VIEW_AGREEMENT: [reports, instalments],
}


def may_see_any(user: User | AnonymousUser) -> bool:
    return any(map(user.has_perm, DEADLINE_KINDS))


def deadlines_for(
    user: User | AnonymousUser, calls: QuerySet[Call], today: date, last: date | None = None
) -> list[Deadline]:
    """All deadlines that this person may see, the earliest first.

    With `last`, only those that are not done, up to this day.
    """
    deadlines = [
        deadline
        for permission, functions in DEADLINE_KINDS.items()
        if user.has_perm(permission)
        for find in functions
        for deadline in find(calls.order_by(), today, last)
        if last is None or (deadline.day <= last and not deadline.done)
    ]
    return sorted(
        deadlines, key=lambda deadline: (deadline.day, deadline.subject(), deadline.words)
    )
