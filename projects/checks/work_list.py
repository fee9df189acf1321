"""The work list of the staff: faults of the records, and tasks that time brings.

What a running call needs next is in its cockpit, and what is due on a day in the calendar.
"""

from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import CharField, Exists, Max, OuterRef, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from projects import permissions
from projects.checks.base import (
    LACKS_REPORT,
    SOON,
    Check,
    Finding,
    SentenceValues,
    Severity,
    either,
    funded,
    page_url,
    with_reports,
)
from projects.checks.faults import FAULTS
from projects.decisions.apply import next_on_reserve
from projects.decisions.blockers import switch_off_warning, switches_of_the_rule
from projects.eligibility.award_limits import awarded_total
from projects.models import (
    Agreement,
    Assessment,
    Call,
    Contact,
    Decision,
    Instalment,
    Letter,
    Project,
    ProjectStatus,
)
from projects.models.choices import ACTIVE_STATUSES
from projects.personal_data.retention import KEEP_LETTERS
from psf.accounts.roles import EDITOR, ROLES
from psf.text.dates import months_before
from psf.text.numbers_and_amounts import eur


def _can_fund_reserve(row: Any) -> str:
    """The free money is enough for the amount that the first reserve application requested."""
    first, free = next_on_reserve(row), row.budget_eur - awarded_total(row)
    if not first or first.requested_eur is None or first.requested_eur > free:
        return ""
    return _(
        "%(call)s: %(free)s are free. %(project)s, first on the reserve list, requested "
        "%(requested)s."
    ) % SentenceValues(
        row, free=eur(free), project=first.reference, requested=eur(first.requested_eur)
    )


def _ready_to_pay() -> QuerySet[Project]:
    """An instalment with a due day is in the calendar of deadlines instead."""
    signed = Agreement.objects.filter(
        closed_on=None, lead_signed_on__isnull=False, we_signed_on__isnull=False
    )
    unpaid = Instalment.objects.filter(
        paid_on=None, due_on=None, project__in=signed.values("project")
    )
    ready = with_reports(unpaid).exclude(LACKS_REPORT).values("project")
    projects = Project.objects.filter(pk__in=ready, status__in=ACTIVE_STATUSES)
    return projects.order_by("reference")


def _letters_to_delete() -> QuerySet[Any]:
    """Staff can keep a copy of a letter that a complaint still needs."""
    day = months_before(timezone.localdate() + SOON, KEEP_LETTERS)
    expired = Letter.objects.expired(day).values("project")
    newest = Project.objects.filter(pk__in=expired).annotate(last=Max("letters__made_at"))
    return newest.annotate(months=Value(KEEP_LETTERS)).order_by("last", "pk")


TASKS: dict[str, Check] = {
    "assessments-overdue": Check(
        gettext_lazy("Overdue assessments"),
        permissions.LEAD_ASSESSMENT,
        lambda: (
            Assessment.objects.to_do()
            .filter(project__call__assessments_due_on__lt=timezone.localdate())
            .select_related("project__call", "assessor")
            .order_by("project__call__assessments_due_on", "project__reference", "pk")
        ),
        gettext_lazy("%(project)s: the assessment by %(assessor)s was due on %(due)s."),
        url=page_url("projects_call_assessment", "project.call_id"),
    ),
    "two-people-switched-off": Check(
        gettext_lazy("Calls that no longer need two people to decide"),
        permissions.DECIDE,
        # Until the decision is applied, everybody sees that it needs no second person any more.
        lambda: Call.objects.filter(
            Exists(switches_of_the_rule().filter(key=Cast(OuterRef("pk"), CharField()))),
            decided_by_two=False,
        ).select_related("decision"),
        switch_off_warning,
        judges=True,
        url=page_url("projects_call_decision", "pk"),
    ),
    "reserve-to-fund": Check(
        gettext_lazy("Free money for the reserve list"),
        permissions.DECIDE,
        lambda: Call.objects.filter(
            Exists(Project.objects.filter(call=OuterRef("pk"), status=ProjectStatus.RESERVE)),
            budget_eur__isnull=False,
        ),
        _can_fund_reserve,
        judges=True,
        url=page_url("projects_call_fund_from_reserve", "pk"),
    ),
    "started": Check(
        gettext_lazy("Started projects that are not running"),
        permissions.MANAGE_AWARDS,
        # A project without a known end may be over, so it is left out.
        lambda: Project.objects.filter(
            status=ProjectStatus.FUNDED,
            starts_on__lte=timezone.localdate(),
            ends_on__gte=timezone.localdate(),
        ).order_by("ends_on", "pk"),
        gettext_lazy(
            "%(project)s has started: %(period)s. Record its agreement, then set it to running."
        ),
    ),
    "ready-to-pay": Check(
        gettext_lazy("Instalments to pay, without a due day"),
        permissions.MANAGE_AWARDS,
        _ready_to_pay,
        gettext_lazy(
            "%(project)s: an instalment can be paid. Record the payment, or enter the due day."
        ),
        url=page_url("projects_project_post_award", "pk"),
    ),
    "contacts-to-delete": Check(
        gettext_lazy("Contact persons that are deleted within 30 days"),
        permissions.CHANGE_CONTACT,
        # The nightly deletion needs no help. Staff can enter a later day if it is needed.
        lambda: (
            Contact.objects.past(timezone.localdate() + SOON)
            .select_related("project")
            .order_by("keep_until", "pk")
        ),
        either(
            lambda row: row.keep_until < timezone.localdate(),
            gettext_lazy(
                "%(project)s: %(contact)s was needed until %(keep_until)s and is not deleted."
            ),
            gettext_lazy("%(project)s: %(contact)s is deleted after %(keep_until)s."),
        ),
    ),
    "letters-to-delete": Check(
        gettext_lazy("Letters whose text or address is deleted within 30 days"),
        permissions.TO_SEE["projects.letter"],
        _letters_to_delete,
        gettext_lazy(
            "%(project)s: the last letter is of %(last)s. Letters are kept %(months)d months."
        ),
    ),
    "projects-to-publish": Check(
        gettext_lazy("Funded projects that are not public"),
        permissions.PUBLISH_PROJECT,
        lambda: funded().filter(
            call__in=Decision.objects.public().values("call"),
            published_at=None,
            unpublished_at=None,
        ),
        gettext_lazy("%(project)s, %(title)s: funded and not public."),
    ),
}
# In the order of the work list.
BY_KEY = FAULTS | TASKS
MOST_COUNTED = 200  # a larger number would count thousands of rows at each visit
# Whom these checks wait for. The others wait for the staff who may fix them.
FOR_ASSESSORS = ["assessments-overdue"]


class WorkItem(NamedTuple):
    """A check, the number of its findings, and the finding if it is the only one."""

    key: str
    check: Check
    number: int
    only: Finding | None

    def has_more(self) -> bool:
        """Whether there are more findings than were counted."""
        return self.number > MOST_COUNTED


class WorkGroup(NamedTuple):
    """The checks that found something, by the person who must act."""

    label: str
    items: list[WorkItem]


def inconsistencies() -> list[Finding]:
    """All faults of the records, the worst first. Tasks are no faults."""
    order = list(Severity)
    checks = sorted(FAULTS.values(), key=lambda check: order.index(check.severity))
    return [finding for check in checks for finding in check.findings()]


def work_list(user: User | AnonymousUser) -> list[WorkGroup]:
    """What waits, by the person who must act, as far as this account may fix it."""
    is_publisher = user.has_perm(permissions.DECIDE)
    groups: dict[str, list[WorkItem]] = {
        _("For you"): [],
        _("For editors"): [],
        _("For assessors"): [],
    }
    yours, editors, assessors = groups.values()
    for key, check in BY_KEY.items():
        if user.has_perm(check.permission) and (item := _work_item(key, check)):
            by_editors = is_publisher and check.permission in ROLES[EDITOR]
            (assessors if key in FOR_ASSESSORS else editors if by_editors else yours).append(item)
    return [WorkGroup(label, items) for label, items in groups.items() if items]


def _work_item(key: str, check: Check) -> WorkItem | None:
    rows = check.listed()[: MOST_COUNTED + 1]
    number = len(rows) if isinstance(rows, list) else rows.count()
    only = check.findings(rows)[0] if number == 1 else None
    return WorkItem(key, check, number, only) if number else None
