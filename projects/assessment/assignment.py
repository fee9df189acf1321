"""Assignment of assessors: evenly, and never to an application with a declared conflict."""

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from projects.assessment.actions import not_eligible
from projects.models import Assessment, Consensus, Project, ProjectStatus
from projects.permissions import ASSESS, LEAD_ASSESSMENT, require
from psf.database.record_version import lock


def assessors() -> QuerySet[User]:
    """The accounts to which applications can be assigned."""
    return User.objects.with_perm(ASSESS, include_superusers=False).order_by(
        "last_name", "username"
    )


def assign(
    projects: Iterable[Project], to: Iterable[User], by: User, additional: bool = False
) -> list[Assessment]:
    """Assign the missing assessors of each application, from these accounts.

    Accounts with few applications of the call come first, accounts with a hint of a conflict
    last. An account with an assignment or a declared conflict is skipped.
    `additional`: one more assessor than needed for each application, such as a disputed one.
    Returns the new assignments, possibly fewer than needed.
    """
    require(by, LEAD_ASSESSMENT)
    keys = [project.pk for project in projects]
    lock(Project.objects.filter(pk__in=keys))
    rows = Project.objects.select_related("call").with_partners()
    applications = list(rows.filter(pk__in=keys).order_by("reference"))
    errors = [not_eligible(row) for row in applications if row.status != ProjectStatus.ELIGIBLE]
    if additional:
        errors += _agreed_errors(keys)
    if errors:
        raise ValidationError(errors)
    candidates = list(assessors().filter(pk__in=[account.pk for account in to]))
    return [row for project in applications for row in _assign_to(project, candidates, additional)]


def missing(project: Project) -> int:
    """The number of assessors that an application still needs, from the loaded assessments."""
    counting = sum(row.counts() for row in project.assessments.all())
    return max(0, project.call.assessors_needed - counting)


def _agreed_errors(keys: list[int]) -> list[str]:
    agreed = Consensus.objects.filter(project__in=keys).order_by("project__reference")
    return [
        _("%(project)s has a consensus already, so it needs no further assessor.")
        % {"project": reference}
        for reference in agreed.values_list("project__reference", flat=True)
    ]


def _assign_to(project: Project, candidates: list[User], additional: bool) -> list[Assessment]:
    workload = Counter(
        Assessment.objects.counting()
        .filter(project__call=project.call_id)
        .values_list("assessor", flat=True)
    )
    assigned = set(project.assessments.values_list("assessor", flat=True))
    free = [account for account in candidates if account.pk not in assigned]
    free.sort(key=lambda account: (bool(hint(account, project)), workload[account.pk]))
    number = missing(project) + additional
    rows = [Assessment(project=project, assessor=account) for account in free[:number]]
    return Assessment.objects.bulk_create(rows)


def hint(account: User, project: Project) -> str:
    """A question about a partner with the domain of the account's address; "" for none."""
    domain = account.email.rpartition("@")[2].lower()
    partners = [row.partner for row in project.partnerships.all() if row.partner]
    words = _("%(assessor)s and “%(partner)s” share a domain. Is that a conflict of interest?")
    for partner in partners:
        if domain and _is_within(domain, partner.website):
            return words % {"assessor": account, "partner": partner}
    return ""


def _is_within(domain: str, website: str) -> bool:
    host = (urlsplit(website).hostname or "").removeprefix("www.")
    return bool(host) and f".{domain}".endswith(f".{host}")
