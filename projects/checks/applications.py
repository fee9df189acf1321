"""Tasks for applications after the closing or the decision of their call."""

from typing import Any

from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from partners.models.countries import number_of
from projects.assessment.assignment import not_assessed
from projects.checks.check import Check, RowsCheck, Severity, WorkListGroup
from projects.decisions.apply import next_on_reserve
from projects.decisions.blockers import switch_off_warning, switches_of_the_rule
from projects.eligibility.award_limits import awarded_total
from projects.eligibility.rules import lateness_of
from projects.models import Call, DecisionLine, Project, ProjectStatus
from projects.permissions import CHECK, DECIDE
from psf.text.numbers import eur


def _closed_with(status: str) -> QuerySet[Call]:
    """The closed calls with applications of a status. `waiting` is the number of these."""
    waiting = Project.objects.filter(status=status)
    closed = Call.objects.filter(
        Exists(waiting.filter(call=OuterRef("pk"))), closes_at__lte=timezone.now()
    )
    return closed.annotate(waiting=number_of("pk", waiting, by="call", each_once=True))


class ToCheck(RowsCheck[Any]):
    key = "applications-to-check"
    label = gettext_lazy("Applications of closed calls to check")
    group = WorkListGroup.APPLICATIONS
    permission = CHECK

    def rows(self) -> QuerySet[Any]:
        return _closed_with(ProjectStatus.SUBMITTED)

    def sentence(self, row: Any) -> str:
        words = ngettext(
            "%(call)s has closed: %(count)d application needs a check.",
            "%(call)s has closed: %(count)d applications need a check.",
            row.waiting,
        )
        return words % {"call": row, "count": row.waiting}

    def url(self, row: Any) -> str:
        projects = reverse("admin:projects_project_changelist")
        return f"{projects}?call__id__exact={row.pk}&status__exact={ProjectStatus.SUBMITTED}"


class ToDecide(Check[Any]):
    key = "applications-to-decide"
    label = gettext_lazy("Eligible applications to decide")
    group = WorkListGroup.APPLICATIONS
    permission = DECIDE

    def rows(self) -> QuerySet[Any]:
        return _closed_with(ProjectStatus.ELIGIBLE)

    def sentence(self, row: Any) -> str:
        if not_assessed(row).exists():
            return ""
        words = ngettext(
            "%(call)s: %(count)d application waits for the decision.",
            "%(call)s: %(count)d applications wait for the decision.",
            row.waiting,
        )
        return words % {"call": row, "count": row.waiting}

    def url(self, row: Any) -> str:
        return reverse("admin:projects_call_decision", args=[row.pk])


class RuleSwitchedOff(Check[Call]):
    """Until the decision is applied, everybody sees that it needs no second person any more."""

    key = "two-people-switched-off"
    label = gettext_lazy("Calls that no longer need two people to decide")
    group = WorkListGroup.APPLICATIONS
    permission = DECIDE
    is_followed = False

    def rows(self) -> QuerySet[Call]:
        switches = switches_of_the_rule().filter(key=Cast(OuterRef("pk"), CharField()))
        calls = Call.objects.filter(Exists(switches), decided_by_two=False)
        return calls.select_related("decision")

    def sentence(self, row: Call) -> str:
        return switch_off_warning(row)

    def url(self, row: Call) -> str:
        return reverse("admin:projects_call_decision", args=[row.pk])


class ToMoveUp(Check[Call]):
    """The free money is enough for the amount that the first reserve application requested."""

    key = "reserve-to-fund"
    label = gettext_lazy("Free money for the reserve list")
    group = WorkListGroup.APPLICATIONS
    permission = DECIDE

    def rows(self) -> QuerySet[Call]:
        waiting = Project.objects.filter(call=OuterRef("pk"), status=ProjectStatus.RESERVE)
        return Call.objects.filter(Exists(waiting), budget_eur__isnull=False)

    def sentence(self, row: Any) -> str:
        first, free = next_on_reserve(row), row.budget_eur - awarded_total(row)
        if not first or first.requested_eur is None or first.requested_eur > free:
            return ""
        return _(
            "%(call)s: %(free)s are free. %(project)s, first on the reserve list, requested "
            "%(requested)s."
        ) % {
            "call": row,
            "free": eur(free),
            "project": first.reference,
            "requested": eur(first.requested_eur),
        }

    def url(self, row: Call) -> str:
        return reverse("admin:projects_call_fund_from_reserve", args=[row.pk])


class ReceivedLate(Check[Project]):
    key = "received-late"
    label = gettext_lazy("Applications received after the closing")
    group = WorkListGroup.APPLICATIONS
    permission = CHECK

    def rows(self) -> QuerySet[Project]:
        calls = Call.objects.filter(closes_at__isnull=False)
        submitted = Project.objects.filter(call__in=calls, status=ProjectStatus.SUBMITTED)
        dated = submitted.filter(received_on__isnull=False)
        return dated.select_related("call").order_by("reference")

    def sentence(self, row: Project) -> str:
        warning = lateness_of(row)
        return f"{row.reference}: {warning}" if warning else ""


class RejectedWithoutReason(RowsCheck[DecisionLine]):
    key = "rejected-without-reason"
    label = gettext_lazy("Rejections without a reason for the applicant")
    severity = Severity.WARNING
    permission = DECIDE

    def rows(self) -> QuerySet[DecisionLine]:
        # The index of the status begins with the call.
        lines = DecisionLine.objects.filter(project__call__in=Call.objects.all())
        lines = lines.filter(project__status=ProjectStatus.REJECTED, reason="")
        return lines.select_related("project__call").order_by("project__reference")

    def sentence(self, row: DecisionLine) -> str:
        return _("%(project)s was rejected without a reason, so no letter can be written.") % {
            "project": row.project.reference
        }

    def url(self, row: DecisionLine) -> str:
        return reverse("admin:projects_call_correct_reason", args=[row.project.call_id])
