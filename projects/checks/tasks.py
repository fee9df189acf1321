"""Tasks that time brings. The records are not at fault."""

from typing import Any

from django.db.models import CharField, Exists, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, ngettext_lazy

from projects import permissions
from projects.checks.check import SOON, Check, JudgedCheck, SentenceValues, either, named, page_url
from projects.checks.rows import LACKS_REPORT, calls_of, funded, imported_drafts, with_reports
from projects.decisions.blockers import switch_off_warning, switches_of_the_rule
from projects.decisions.reserve_list import next_on_reserve
from projects.eligibility.award_limits import awarded_total
from projects.eligibility.rules import lateness_of
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
from projects.publication.status import publication_status, scheduled_sentence
from psf.text.dates import months_before
from psf.text.numbers import eur


def _projects_url(row: Call, query: str) -> str:
    projects = reverse("admin:projects_project_changelist")
    return f"{projects}?call__id__exact={row.pk}&{query}"


def _maybe_late() -> QuerySet[Project]:
    """The submitted applications that arrived on the last day of their call or later."""
    submitted = Project.objects.filter(status=ProjectStatus.SUBMITTED)
    last_days = Q(pk__in=[])
    for call in Call.objects.filter(
        Exists(submitted.filter(call=OuterRef("pk"))), closes_at__isnull=False
    ):
        last_days |= Q(call=call, received_on__gte=call.closing_day())
    return submitted.filter(last_days).select_related("call").order_by("reference")


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


def _opens_later(row: Call) -> bool:
    return row.opens_at is not None and row.opens_at > timezone.now()


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


def _is_scheduled(row: Call) -> str:
    decision = row.recorded_decision()
    page, results = row.scheduled_for(), decision.scheduled_for() if decision else None
    parts = [
        (_("%(call)s, page: %(scheduled)s."), page),
        (_("%(call)s, results: %(scheduled)s."), results),
    ]
    return " ".join(
        words % SentenceValues(row, scheduled=scheduled_sentence(moment))
        for words, moment in parts
        if moment
    )


def _scheduled_projects() -> QuerySet[Project]:
    """The projects that become public at another moment than the results of their call."""
    results = Decision.objects.filter(call=OuterRef("call"))
    same = results.filter(published_at=OuterRef("published_at"))
    scheduled = Project.objects.filter(~Exists(same), published_at__gt=timezone.now())
    return scheduled.select_related("call").order_by("published_at", "reference")


APPLICATIONS: dict[str, Check] = {
    "received-late": JudgedCheck(
        _("Applications received after the closing"),
        permissions.CHECK,
        _maybe_late,
        named(lateness_of),
    ),
    "assessments-overdue": Check(
        _("Overdue assessments"),
        permissions.LEAD_ASSESSMENT,
        lambda: (
            Assessment.objects.to_do()
            .filter(project__call__assessments_due_on__lt=timezone.localdate())
            .select_related("project__call", "assessor")
            .order_by("project__call__assessments_due_on", "project__reference", "pk")
        ),
        _("%(project)s: the assessment by %(assessor)s was due on %(due)s."),
        url=page_url("projects_call_assessment", "project.call_id"),
    ),
    "two-people-switched-off": JudgedCheck(
        _("Calls that no longer need two people to decide"),
        permissions.DECIDE,
        # Until the decision is applied, everybody sees that it needs no second person any more.
        lambda: Call.objects.filter(
            Exists(switches_of_the_rule().filter(key=Cast(OuterRef("pk"), CharField()))),
            decided_by_two=False,
        ).select_related("decision"),
        switch_off_warning,
        url=page_url("projects_call_decision", "pk"),
    ),
    "reserve-to-fund": JudgedCheck(
        _("Free money for the reserve list"),
        permissions.DECIDE,
        lambda: Call.objects.filter(
            Exists(Project.objects.filter(call=OuterRef("pk"), status=ProjectStatus.RESERVE)),
            budget_eur__isnull=False,
        ),
        _can_fund_reserve,
        url=page_url("projects_call_fund_from_reserve", "pk"),
    ),
}
DEADLINES: dict[str, Check] = {
    "closing-soon": Check(
        _("Calls that open or close within 30 days"),
        permissions.CHANGE_CALL,
        lambda: Call.objects.filter(
            Q(closes_at__range=(timezone.now(), timezone.now() + SOON))
            | Q(opens_at__range=(timezone.now(), timezone.now() + SOON))
        ).order_by("closes_at"),
        either(
            _opens_later, _("%(call)s opens on %(opening)s."), _("%(call)s closes on %(closing)s.")
        ),
    ),
    "ending-soon": Check(
        _("Projects that end within 30 days"),
        permissions.CHANGE_PROJECT,
        lambda: Project.objects.filter(
            status__in=ACTIVE_STATUSES,
            ends_on__range=(timezone.localdate(), timezone.localdate() + SOON),
        ).order_by("ends_on", "pk"),
        _("%(project)s ends: %(period)s."),
    ),
    "started": Check(
        _("Started projects that are not running"),
        permissions.MANAGE_AWARDS,
        # A project without a known end may be over, so it is left out.
        lambda: Project.objects.filter(
            status=ProjectStatus.FUNDED,
            starts_on__lte=timezone.localdate(),
            ends_on__gte=timezone.localdate(),
        ).order_by("ends_on", "pk"),
        _("%(project)s has started: %(period)s. Record its agreement, then set it to running."),
    ),
    "ready-to-pay": Check(
        _("Instalments to pay, without a due day"),
        permissions.MANAGE_AWARDS,
        _ready_to_pay,
        _("%(project)s: an instalment can be paid. Record the payment, or enter the due day."),
        url=page_url("projects_project_post_award", "pk"),
    ),
    "contacts-to-delete": Check(
        _("Contact persons that are deleted within 30 days"),
        permissions.CHANGE_CONTACT,
        # The nightly deletion needs no help. Staff can enter a later day if it is needed.
        lambda: (
            Contact.objects.past(timezone.localdate() + SOON)
            .select_related("project")
            .order_by("keep_until", "pk")
        ),
        either(
            lambda row: row.keep_until < timezone.localdate(),
            _("%(project)s: %(contact)s was needed until %(keep_until)s and is not deleted."),
            _("%(project)s: %(contact)s is deleted after %(keep_until)s."),
        ),
    ),
    "letters-to-delete": Check(
        _("Letters whose text or address is deleted within 30 days"),
        permissions.TO_SEE["projects.letter"],
        _letters_to_delete,
        _("%(project)s: the last letter is of %(last)s. Letters are kept %(months)d months."),
    ),
}
UNPUBLISHED: dict[str, Check] = {
    "results-to-publish": Check(
        _("Decisions that are not public"),
        permissions.PUBLISH_CALL,
        # Not with an application that still waits for the decision.
        lambda: Call.objects.filter(
            ~Exists(Project.objects.filter(call=OuterRef("pk"), status=ProjectStatus.ELIGIBLE)),
            published_at__isnull=False,
            decision__isnull=False,
            decision__published_at__isnull=True,
        ),
        _("%(call)s is decided, and the results are not public."),
    ),
    "scheduled": Check(
        _("Scheduled publications"),
        permissions.PUBLISH_CALL,
        lambda: Call.objects.filter(
            Q(published_at__gt=timezone.now()) | Q(decision__published_at__gt=timezone.now())
        ).select_related("decision"),
        _is_scheduled,
    ),
    "open-and-hidden": Check(
        _("Calls that open without a public page"),
        permissions.PUBLISH_CALL,
        lambda: Call.objects.filter(published_at=None, opens_at__lte=timezone.now() + SOON),
        either(
            _opens_later,
            _("%(call)s opens on %(opening)s and is not public."),
            _("%(call)s opened on %(opening)s and is not public."),
        ),
    ),
    "scheduled-projects": Check(
        _("Scheduled publications of projects"),
        permissions.PUBLISH_PROJECT,
        _scheduled_projects,
        named(publication_status),
    ),
    "projects-to-publish": Check(
        _("Funded projects that are not public"),
        permissions.PUBLISH_PROJECT,
        lambda: funded().filter(
            call__in=Decision.objects.public().values("call"),
            published_at=None,
            unpublished_at=None,
        ),
        _("%(project)s, %(title)s: funded and not public."),
    ),
    "imported-drafts": Check(
        _("Draft projects from files and announcements"),
        permissions.CHANGE_PROJECT,
        lambda: calls_of(imported_drafts()),
        ngettext_lazy(
            "%(call)s has %(count)d draft project from a file or an announcement.",
            "%(call)s has %(count)d draft projects from files or announcements.",
            "count",
        ),
        url=lambda row: _projects_url(row, "publication=drafts"),
    ),
}
