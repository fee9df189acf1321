"""All checks, and their findings: the work list of the staff and the output of `check_data`."""

from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from projects.checks.check import Check, Finding, Severity
from projects.checks.faults import DUPLICATES, FAULTS, GAPS
from projects.checks.tasks import APPLICATIONS, DEADLINES, UNPUBLISHED
from projects.permissions import DECIDE
from psf.accounts.roles import EDITOR, ROLES

# In the order of the work list.
BY_KEY = FAULTS | DUPLICATES | APPLICATIONS | DEADLINES | UNPUBLISHED | GAPS
MOST_COUNTED = 200  # a larger number would count thousands of rows at each visit
# Whom these checks wait for. The others wait for the staff who may fix them.
FOR_ASSESSORS = ["assessments-overdue"]


class WorkItem(NamedTuple):
    """The first finding of one check, and the number of its findings."""

    key: str
    heading: Promise
    first: Finding
    number: int

    def has_more(self) -> bool:
        """Whether there are more findings than were counted."""
        return self.number > MOST_COUNTED


class WorkGroup(NamedTuple):
    """The checks that found something, by the person who must act."""

    label: str
    items: list[WorkItem]


def inconsistencies() -> list[Finding]:
    """All faults of the records, the worst first. Tasks are no faults."""
    order, checks = list(Severity), [*(FAULTS | DUPLICATES | GAPS).values()]
    checks.sort(key=lambda check: order.index(check.severity))
    return [finding for check in checks for finding in check.findings()]


def work_list(user: User | AnonymousUser) -> list[WorkGroup]:
    """What waits, by the person who must act, as far as this account may fix it."""
    is_publisher = user.has_perm(DECIDE)
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
    listed = check.listed()
    first = listed[:1]
    if not first:
        return None
    most = MOST_COUNTED + 1
    number = len(listed[:most]) if isinstance(listed, list) else listed.rows[:most].count()
    return WorkItem(key, check.heading, first[0], number)
