"""Who assesses what: spread evenly, and never where an assessor has a conflict of interest."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from projects.assessment.actions import not_eligible, require
from projects.models import Assessment, Declaration, Project, ProjectStatus
from projects.permissions import (
    ASSESS,
    LEAD_ASSESSMENT,
)
from psf.database.record_version import lock


def assessors() -> QuerySet[User]:
    """The accounts to which applications can be assigned."""
    return User.objects.with_perm(ASSESS, include_superusers=False).order_by(
        "last_name", "username"
    )


def assign(projects: Iterable[Project], to: Iterable[User], by: Any) -> list[Assessment]:
    """Give each application the assessors that it still needs, from these accounts.

    Of those who do not have it yet, and have declared no conflict of interest in it, the ones with
    the fewest applications of its call come first, and last those whose address hints at one.
    Returns the new assignments, which may be fewer than are needed.
    """
    require(by, LEAD_ASSESSMENT)
    keys = [project.pk for project in projects]
    found = Project.objects.select_related("call").prefetch_related("partnerships__partner")
    lock(Project.objects.filter(pk__in=keys))
    chosen = list(found.filter(pk__in=keys).order_by("reference"))
    if refused := [project for project in chosen if project.status != ProjectStatus.ELIGIBLE]:
        raise ValidationError([not_eligible(project) for project in refused])
    candidates = list(assessors().filter(pk__in=[account.pk for account in to]))
    return [row for project in chosen for row in _give(project, candidates)]


def missing(project: Project) -> int:
    """How many assessors an application still needs, from the assessments already loaded."""
    there = [row for row in project.assessments.all() if row.declaration != Declaration.CONFLICT]
    return max(0, project.call.assessors_needed - len(there))


def _give(project: Project, candidates: list[User]) -> list[Assessment]:
    burden = Counter(
        Assessment.objects.counting()
        .filter(project__call=project.call_id)
        .values_list("assessor", flat=True)
    )
    have = set(project.assessments.values_list("assessor", flat=True))
    free = [account for account in candidates if account.pk not in have]
    free.sort(key=lambda account: (bool(hint(account, project)), burden[account.pk]))
    rows = [Assessment(project=project, assessor=account) for account in free[: missing(project)]]
    return Assessment.objects.bulk_create(rows)


def hint(account: User, project: Project) -> str:
    """The partner in whose domain the account's address lies; "" if in none.

    Only a hint that the two belong together: whether they do, people say.
    """
    domain = account.email.rpartition("@")[2].lower()
    if not domain:
        return ""
    partners = [row.partner for row in project.partnerships.all() if row.partner]
    return next((str(one) for one in partners if _is_within(domain, host_of(one.website))), "")


def host_of(website: str) -> str:
    return (urlsplit(website).hostname or "").removeprefix("www.")


def _is_within(domain: str, host: str) -> bool:
    return bool(host) and f".{domain}".endswith(f".{host}")
