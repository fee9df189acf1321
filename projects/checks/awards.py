"""Awards and payments that a rule of the call or of an instalment does not allow."""

from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from projects.checks.check import RowsCheck, Severity, WorkListGroup
from projects.models import (
    Agreement,
    Call,
    DecisionLine,
    Instalment,
    Project,
    ProjectStatus,
    Report,
    ReportKind,
)
from projects.models.choices import ACTIVE_STATUSES, FUNDED_STATUSES
from projects.permissions import DECIDE, FOLLOW
from projects.post_award.account_limits import PROMISES, amount_errors


class FundedByOnePerson(RowsCheck[Project]):
    key = "funded-by-one-person"
    label = gettext_lazy("Awards that no second person confirmed")
    severity = Severity.ERROR
    permission = DECIDE

    def rows(self) -> QuerySet[Project]:
        confirmed = DecisionLine.objects.filter(project=OuterRef("pk"), is_confirmed=True)
        # A subquery, so SQLite reads only the projects of these calls.
        calls = Call.objects.filter(decided_by_two=True)
        funded = Project.objects.filter(call__in=calls, status__in=FUNDED_STATUSES)
        return funded.exclude(Exists(confirmed)).order_by("reference")

    def sentence(self, row: Project) -> str:
        return _("%(project)s is funded, but no second person confirmed the award.") % {
            "project": row.reference
        }


class AmountAgainstAgreement(RowsCheck[Project]):
    key = "amount-against-agreement"
    label = gettext_lazy("Amounts that contradict the agreement")
    severity = Severity.ERROR
    permission = DECIDE

    def rows(self) -> QuerySet[Project]:
        contradicts = Q(amount_eur__gt=F("project__amount_eur")) | Q(closed_on__isnull=False)
        # Few projects have an agreement, so the database begins with the agreements.
        projects = Agreement.objects.filter(contradicts).values("project")
        promised = Project.objects.filter(pk__in=projects, amount_kind__in=PROMISES)
        return promised.order_by("reference")

    def sentence(self, row: Project) -> str:
        return f"{row.reference}: {amount_errors(row)[0]}"


class PostAwardCheck(RowsCheck[Project]):
    """A check of agreements, instalments and reports, whose page fixes the fault."""

    permission = FOLLOW

    def url(self, row: Project) -> str:
        return reverse("admin:projects_project_post_award", args=[row.pk])


# Each instalment on an interim report needs one more. A project has one final report.
LACKS_REPORT = ~Q(report_kind="") & (
    Q(report_kind=ReportKind.INTERIM, approved__lt=F("needed")) | Q(approved=0)
)


class PaidWithoutReport(PostAwardCheck):
    key = "paid-without-report"
    label = gettext_lazy("Instalments paid without an approved report")
    severity = Severity.WARNING

    def rows(self) -> QuerySet[Project]:
        paid = Instalment.objects.filter(paid_on__isnull=False, condition_waived="")
        without = _with_reports(paid).filter(LACKS_REPORT)
        return Project.objects.filter(pk__in=without.values("project")).order_by("reference")

    def sentence(self, row: Project) -> str:
        return _("%(project)s: an instalment was paid, but its report is not approved.") % {
            "project": row.reference
        }


class ReadyToPay(PostAwardCheck):
    """An instalment with a due day is in the calendar of deadlines instead."""

    key = "ready-to-pay"
    label = gettext_lazy("Instalments to pay, without a due day")
    group = WorkListGroup.DEADLINE

    def rows(self) -> QuerySet[Project]:
        signed = Agreement.objects.filter(
            closed_on=None, lead_signed_on__isnull=False, we_signed_on__isnull=False
        )
        unpaid = Instalment.objects.filter(
            paid_on=None, due_on=None, project__in=signed.values("project")
        )
        ready = _with_reports(unpaid).exclude(LACKS_REPORT).values("project")
        projects = Project.objects.filter(pk__in=ready, status__in=ACTIVE_STATUSES)
        return projects.order_by("reference")

    def sentence(self, row: Project) -> str:
        return _(
            "%(project)s: an instalment can be paid. Record the payment, or enter the due day."
        ) % {"project": row.reference}


class StartedNotRunning(RowsCheck[Project]):
    """A project without a known end may be over, so it is left out."""

    key = "started"
    label = gettext_lazy("Started projects that are not running")
    group = WorkListGroup.DEADLINE
    permission = FOLLOW

    def rows(self) -> QuerySet[Project]:
        today = timezone.localdate()
        funded = Project.objects.filter(status=ProjectStatus.FUNDED)
        started = funded.filter(starts_on__lte=today, ends_on__gte=today)
        return started.order_by("ends_on", "pk")

    def sentence(self, row: Project) -> str:
        return _(
            "%(project)s has started: %(period)s. Record its agreement, then set it to running."
        ) % {"project": row.reference, "period": row.period()}


def _with_reports(instalments: QuerySet[Instalment]) -> QuerySet[Instalment]:
    """Add the numbers of approved reports and of those that instalments so far need."""
    approved = Report.objects.filter(
        project=OuterRef("project"), kind=OuterRef("report_kind"), approved_on__isnull=False
    )
    until = Instalment.objects.filter(
        project=OuterRef("project"),
        report_kind=OuterRef("report_kind"),
        position__lte=OuterRef("position"),
    )
    return instalments.annotate(approved=_number(approved), needed=_number(until))


def _number(rows: QuerySet[Any]) -> Coalesce:
    numbers = rows.order_by().values("project").annotate(number=Count("pk"))
    return Coalesce(Subquery(numbers.values("number")), 0)


class OpenAccount(PostAwardCheck):
    key = "open-account"
    label = gettext_lazy("Projects that are over, with an open account")
    severity = Severity.WARNING

    def rows(self) -> QuerySet[Project]:
        projects = Agreement.objects.filter(closed_on=None).values("project")
        over = Project.objects.filter(
            status__in=[ProjectStatus.COMPLETED, ProjectStatus.TERMINATED]
        )
        return over.filter(pk__in=projects).order_by("reference")

    def sentence(self, row: Project) -> str:
        return _("%(project)s is %(status)s, but its account is open. Close the account.") % {
            "project": row.reference,
            "status": row.get_status_display(),
        }
