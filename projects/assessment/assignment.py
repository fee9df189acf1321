"""Who assesses which application, and how far the assessments are."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from projects.assessment.assess import not_eligible
from projects.models import (
    Assessment,
    Call,
    Consensus,
    Criterion,
    Declaration,
    Project,
    ProjectStatus,
)
from projects.models.choices import DECIDED_STATUSES
from projects.models.projects import LONG_TEXTS, ProjectQuerySet
from projects.permissions import ASSESS, LEAD_ASSESSMENT, require
from psf.database.record_version import lock
from psf.text.mails import NOT_SENT, can_mail, mail_of


def waiting_for(user: Any) -> list[dict[str, Any]]:
    """The calls in which a person has assessments to do: title, last day and number."""
    call, own = "project__call", Assessment.objects.to_do().filter(assessor=user)
    due = F(f"{call}__assessments_due_on")
    rows: Any = own.values(call=F(call), title=F(f"{call}__title"), due=due)
    return list(rows.annotate(number=Count("pk")).order_by(F("due").asc(nulls_last=True), "title"))


# Endings of mail addresses that differ from the code of their country, or have no country.
COUNTRY_ENDINGS = {"UK": "GB", "EU": ""}


def assessed_applications(call: Call) -> ProjectQuerySet:
    """The eligible applications of a call, and the decided ones with an assessment."""
    assessed = Q(Exists(Assessment.objects.filter(project=OuterRef("pk"))))
    assessed &= Q(status__in=DECIDED_STATUSES)
    return (
        call.projects.filter(Q(status=ProjectStatus.ELIGIBLE) | assessed)
        .select_related("call")
        .defer(*LONG_TEXTS)
        .order_by("reference")
    )


def not_assessed(call: Call) -> QuerySet[Project]:
    """The eligible applications without a complete assessment, in a call with criteria.

    An application is assessed once enough assessors have submitted, or a consensus is recorded.
    """
    submitted = Assessment.objects.filter(submitted_at__isnull=False)
    return call.projects.filter(has_too_few(submitted))


def has_too_few(rows: QuerySet[Assessment]) -> Q:
    """The eligible applications of calls with criteria that have too few of these assessments."""
    criteria = Criterion.objects.filter(call=OuterRef("call"))
    of_project: Any = rows.filter(project=OuterRef("pk")).order_by().values("project")
    numbers = of_project.annotate(number=Count("pk")).values("number")
    few = Project.objects.filter(
        Exists(criteria), status=ProjectStatus.ELIGIBLE, consensus__isnull=True
    )
    few = few.alias(number=Coalesce(Subquery(numbers, output_field=IntegerField()), 0))
    few = few.filter(number__lt=F("call__assessors_needed"))
    return Q(pk__in=few.order_by().values("pk"))


class Progress:
    """The assessments of one application, and the assignments that are proposed.

    `readable` has the keys of the assessments that the account may read.
    """

    def __init__(self, project: Project, readable: set[int]) -> None:
        self.project, self.readable = project, readable
        self.proposed: list[User] = []
        self.assessments = rows = list(project.assessments.all())
        self.done = sum(row.submitted_at is not None for row in rows)
        self.counting = sum(row.counts() for row in rows)
        self.missing = missing(project) if project.status == ProjectStatus.ELIGIBLE else 0
        self.hints = [*filter(None, [hint(row.assessor, project) for row in rows])]

    def still_missing(self) -> int:
        """The number of missing assessors, after the assignments that are proposed."""
        return max(0, self.missing - len(self.proposed))

    def may_read_all(self) -> bool:
        return all(row.pk in self.readable for row in self.assessments)


def progress(call: Call, user: User) -> list[Progress]:
    """The progress of each application, without points and comments."""
    assessments = Assessment.objects.select_related("assessor").order_by("pk")
    rows = (
        assessed_applications(call)
        .with_partners()
        .prefetch_related(Prefetch("assessments", queryset=assessments))
    )
    visible = Assessment.objects.filter(project__call=call).visible_to(user)
    readable = {*visible.values_list("pk", flat=True)}
    return [Progress(project, readable) for project in rows]


def workloads(call: Call, accounts: QuerySet[User]) -> list[Any]:
    """These accounts and those with an assessment of the call, each with its numbers."""
    of_call, conflict = (
        Q(assessments__project__call=call),
        Q(assessments__declaration=Declaration.CONFLICT),
    )
    assigned = Assessment.objects.possible().filter(project__call=call).values("assessor")
    return list(
        User.objects.filter(Q(pk__in=accounts.values("pk")) | Q(pk__in=assigned))
        .annotate(
            assigned=Count("assessments", filter=of_call & ~conflict),
            done=Count("assessments", filter=of_call & Q(assessments__submitted_at__isnull=False)),
            conflicts=Count("assessments", filter=of_call & conflict),
            proposed=Value(0),
        )
        .order_by("last_name", "username")
    )


def assessors() -> QuerySet[User]:
    """The accounts to which applications can be assigned."""
    return User.objects.with_perm(ASSESS, include_superusers=False).order_by(
        "last_name", "username"
    )


def assign(
    projects: Iterable[Project],
    by: User,
    to: Iterable[User],
    additional: bool = False,
    other_countries: bool = False,
) -> list[Assessment]:
    """Make the assignments of `plan()`. Returns them, possibly fewer than needed."""
    require(by, LEAD_ASSESSMENT)
    projects = list(projects)
    lock(Project.objects.filter(pk__in=[row.pk for row in projects]))
    rows = plan(projects, to, additional, other_countries)
    return Assessment.objects.bulk_create(rows)


def plan(
    projects: Iterable[Project],
    to: Iterable[User],
    additional: bool = False,
    other_countries: bool = False,
) -> list[Assessment]:
    """The missing assessments of each application, from these accounts, not stored.

    Accounts with few applications of the call come first, accounts with a hint of a conflict
    last. An account with an assignment or a declared conflict is skipped.
    `additional`: one more assessor than needed for each application, such as a disputed one.
    `other_countries`: no account from the country of the lead partner, as far as it is known.
    """
    keys = [row.pk for row in projects]
    rows = Project.objects.filter(pk__in=keys).select_related("call").with_partners()
    projects = list(rows.prefetch_related("assessments__assessor").order_by("reference"))
    errors = [not_eligible(row) for row in projects if row.status != ProjectStatus.ELIGIBLE]
    if additional:
        errors += _agreed_errors(keys)
    if errors:
        raise ValidationError(errors)
    accounts = list(assessors().filter(pk__in=[account.pk for account in to]))
    counting = Assessment.objects.counting().filter(
        project__call__in={row.call_id for row in projects}
    )
    workload = Counter(counting.values_list("project__call", "assessor"))
    planned = []
    for project in projects:
        for account in _in_turn(project, accounts, workload, other_countries)[
            : missing(project) + additional
        ]:
            planned.append(Assessment(project=project, assessor=account))
            workload[project.call_id, account.pk] += 1
    return planned


def _in_turn(
    project: Project, accounts: Iterable[User], workload: Counter[Any], other_countries: bool
) -> list[User]:
    """The accounts that can assess the application, those with the least work first."""
    assigned = {row.assessor_id for row in project.assessments.all()}
    lead = project.lead()
    applicant = lead.country_id if lead and other_countries else None
    free = [
        account
        for account in accounts
        if account.pk not in assigned and country_of(account) != (applicant or "-")
    ]
    return sorted(
        free,
        key=lambda account: (
            bool(hint(account, project)),
            workload[project.call_id, account.pk],
            account.pk,
        ),
    )


def country_of(account: User) -> str:
    """The code of the country in which the mail address of an account ends; "" for others."""
    ending = account.email.rpartition(".")[2].upper()
    return COUNTRY_ENDINGS.get(ending, ending if len(ending) == 2 else "")


def tell_assessors(call: Call, accounts: Iterable[User]) -> list[User]:
    """Mail to each account how many applications of the call wait. Returns who got no mail.

    The mail has no title and no name of an application. It is a reminder too.
    """
    waiting = Assessment.objects.to_do().filter(project__call=call).order_by()
    numbers = dict(waiting.values_list("assessor").annotate(Count("pk")))
    untold = []
    for account in accounts:
        context = {"call": call, "count": numbers.get(account.pk, 0)}
        message = mail_of("assignment", account.email, context)
        try:
            if not (can_mail() and account.email and message.send()):
                untold.append(account)
        except NOT_SENT:
            untold.append(account)
    return untold


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
