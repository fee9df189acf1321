"""Checks of calls."""

from typing import Any

from django.db.models import CharField, Exists, F, IntegerField, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Coalesce, Substr
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from partners.models.countries import number_of
from projects.checks.check import SOON, Check, RowsCheck, Severity, WorkListGroup
from projects.eligibility.unlikely_values import MOST_YEARS, period_warning
from projects.models import Call, Decision, Project, ProjectStatus
from projects.models.choices import FUNDED_STATUSES
from projects.permissions import CHANGE_CALL, CHANGE_PROJECT, PUBLISH_CALL
from projects.publication.status import scheduled_sentence
from projects.publication.warnings import early_decision_sentence, other_number_sentence
from projects.zone_wording import zone_contradictions
from psf.text.dates import Precision


def _counted() -> QuerySet[Any]:
    funded = Project.objects.filter(status__in=FUNDED_STATUSES)
    return Call.objects.annotate(recorded=number_of("pk", funded, by="call", each_once=True))


class MoreThanAnnounced(RowsCheck[Any]):
    key = "more-than-announced"
    label = gettext_lazy("More funded projects recorded than announced")
    severity = Severity.ERROR
    permission = CHANGE_CALL

    def rows(self) -> QuerySet[Any]:
        # The reserve list explains a project that was decided here, but not published with the
        # results.
        results = F("call__decision__published_at")
        later = Project.objects.filter(
            Q(published_at__isnull=True) | Q(published_at__gt=results),
            call=OuterRef("pk"),
            call__decision__published_at__isnull=False,
            status__in=FUNDED_STATUSES,
            decision_line__isnull=False,
        )
        return _counted().filter(recorded__gt=F("funded_count")).filter(~Exists(later))

    def sentence(self, row: Any) -> str:
        return other_number_sentence(row, row.recorded)


class FewerThanAnnounced(MoreThanAnnounced):
    key = "fewer-than-announced"
    label = gettext_lazy("Announced projects that are not recorded")
    group = WorkListGroup.INCOMPLETE
    severity = Severity.NOTE

    def rows(self) -> QuerySet[Call]:
        decided = Exists(Decision.objects.filter(call=OuterRef("pk")))
        return _counted().filter(decided, recorded__lt=F("funded_count"))


class DecidedEarly(Check[Call]):
    key = "decided-early"
    label = gettext_lazy("Calls decided before they closed")
    severity = Severity.ERROR
    permission = CHANGE_CALL

    def rows(self) -> QuerySet[Call]:
        # These and a few more: `sentence()` compares the days in the time zone of the call.
        early = Call.objects.filter(decision__decided_on__lt=F("closes_at"))
        return early.select_related("decision")

    def sentence(self, row: Any) -> str:
        return early_decision_sentence(row.decision)


class OtherTimeZone(Check[Call]):
    key = "other-time-zone"
    label = gettext_lazy("Texts that name another time zone than the closing")
    severity = Severity.WARNING
    permission = CHANGE_CALL

    def rows(self) -> QuerySet[Call]:
        return Call.objects.filter(Q(opens_at__isnull=False) | Q(closes_at__isnull=False))

    def sentence(self, row: Call) -> str:
        contradictions = zone_contradictions(row)
        return " ".join([f"{row}:", *contradictions]) if contradictions else ""


def _year(name: str) -> Cast:
    # SQLite would call Python for each value of `ExtractYear` or of a sum of days.
    return Cast(Substr(Cast(name, CharField()), 1, 4), IntegerField())


class UnlikelyPeriod(Check[Project]):
    key = "unlikely-period"
    label = gettext_lazy("Projects whose days do not fit the closing of their call")
    severity = Severity.WARNING
    permission = CHANGE_PROJECT

    def rows(self) -> QuerySet[Project]:
        # These and a few more: `sentence()` compares the days in the time zone of the call.
        early = Q(starts_precision=Precision.DAY, starts_on__lt=F("call__closes_at"))
        known = Coalesce(_year("call__closes_at"), _year("starts_on"))
        last = Coalesce(_year("ends_on"), _year("starts_on"))
        late = Q(last__gte=F("known") + MOST_YEARS)
        dated = Project.objects.annotate(known=known, last=last)
        return dated.filter(early | late).select_related("call")

    def sentence(self, row: Project) -> str:
        warning = period_warning(row.call, row.starts_on, row.ends_on, row.starts_precision)
        return f"{row.reference}: {warning}" if warning else ""


class ClosingSoon(RowsCheck[Call]):
    key = "closing-soon"
    label = gettext_lazy("Calls that open or close within 30 days")
    group = WorkListGroup.DEADLINE
    permission = CHANGE_CALL

    def rows(self) -> QuerySet[Call]:
        now = timezone.now()
        near = (now, now + SOON)
        calls = Call.objects.filter(Q(closes_at__range=near) | Q(opens_at__range=near))
        return calls.order_by("closes_at")

    def sentence(self, row: Call) -> str:
        if row.opens_at and row.opens_at > timezone.now():
            return _("%(call)s opens on %(moment)s.") % {"call": row, "moment": row.opens()}
        return _("%(call)s closes on %(moment)s.") % {"call": row, "moment": row.closes()}


class OpenAndHidden(RowsCheck[Call]):
    key = "open-and-hidden"
    label = gettext_lazy("Calls that open without a public page")
    group = WorkListGroup.UNPUBLISHED
    permission = PUBLISH_CALL

    def rows(self) -> QuerySet[Call]:
        soon = timezone.now() + SOON
        return Call.objects.filter(published_at__isnull=True, opens_at__lte=soon)

    def sentence(self, row: Any) -> str:
        if row.opens_at > timezone.now():
            words = _("%(call)s opens on %(moment)s and is not public.")
        else:
            words = _("%(call)s opened on %(moment)s and is not public.")
        return words % {"call": row, "moment": row.opens()}


class ScheduledPublication(RowsCheck[Call]):
    key = "scheduled"
    label = gettext_lazy("Scheduled publications")
    group = WorkListGroup.UNPUBLISHED
    permission = PUBLISH_CALL

    def rows(self) -> QuerySet[Call]:
        now = timezone.now()
        page, results = Q(published_at__gt=now), Q(decision__published_at__gt=now)
        return Call.objects.filter(page | results).select_related("decision")

    def sentence(self, row: Call) -> str:
        decision = row.recorded_decision()
        page, results = row.scheduled_for(), decision.scheduled_for() if decision else None
        parts = [
            (_("%(call)s, page: %(scheduled)s."), page),
            (_("%(call)s, results: %(scheduled)s."), results),
        ]
        return " ".join(
            words % {"call": row, "scheduled": scheduled_sentence(moment)}
            for words, moment in parts
            if moment
        )


class ResultsToPublish(RowsCheck[Call]):
    key = "results-to-publish"
    label = gettext_lazy("Decisions that are not public")
    group = WorkListGroup.UNPUBLISHED
    permission = PUBLISH_CALL

    def rows(self) -> QuerySet[Call]:
        """The decided calls without an application that still waits for the decision."""
        undecided = Project.objects.filter(call=OuterRef("pk"), status=ProjectStatus.ELIGIBLE)
        return Call.objects.filter(
            ~Exists(undecided),
            published_at__isnull=False,
            decision__isnull=False,
            decision__published_at__isnull=True,
        )

    def sentence(self, row: Call) -> str:
        return _("%(call)s is decided, and the results are not public.") % {"call": row}
