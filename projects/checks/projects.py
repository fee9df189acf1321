"""Checks of projects."""

from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _, gettext_lazy

from projects.checks.check import SOON, Check, Finding, RowsCheck, Severity, WorkListGroup
from projects.eligibility import rules
from projects.eligibility.frozen_checks import accepted_rules
from projects.models import Call, Decision, Partnership, Phase, Project, ProjectStatus, Source
from projects.models.choices import ACTIVE_STATUSES, AWARDS, FUNDED_STATUSES
from projects.models.projects import ProjectQuerySet
from projects.permissions import CHANGE_PROJECT, DECIDE, PUBLISH_PROJECT
from projects.publication.status import publication_status
from psf.text.numbers import eur

# The rules of a call that also hold for funded projects. The other rules are for applications.
RULES_OF_FUNDED = (rules.MemberStates, rules.LeadFromMemberState, rules.Duration)
PROJECTS_JUDGED = 100  # the newest, on the work list


def _funded() -> ProjectQuerySet:
    return Project.objects.filter(status__in=FUNDED_STATUSES).select_related("call")


def _shown() -> QuerySet[Project]:
    """The funded projects that are public or have a date of publication."""
    return _funded().filter(published_at__isnull=False)


class PublicWithoutLead(RowsCheck[Project]):
    key = "public-without-lead"
    label = gettext_lazy("Public and scheduled projects without a lead partner")
    severity = Severity.ERROR
    permission = CHANGE_PROJECT

    def rows(self) -> QuerySet[Project]:
        lead = Partnership.objects.leading().filter(project=OuterRef("pk"))
        return _shown().filter(~Exists(lead))

    def sentence(self, row: Project) -> str:
        public = _("%(project)s is public and has no lead partner.")
        scheduled = _("%(project)s becomes public and has no lead partner.")
        return (public if row.is_public() else scheduled) % {"project": row.reference}


class AboveCeiling(RowsCheck[Project]):
    key = "above-ceiling"
    label = gettext_lazy("Amounts above the ceiling of the call")
    severity = Severity.ERROR
    permission = DECIDE

    def rows(self) -> QuerySet[Project]:
        above = Project.objects.filter(amount_eur__gt=F("call__ceiling_eur"))
        return above.select_related("call")

    def sentence(self, row: Project) -> str:
        return _("%(project)s has %(amount)s, but the ceiling of %(call)s is %(ceiling)s.") % {
            "project": row.reference,
            "amount": eur(row.amount_eur or Decimal()),
            "call": row.call,
            "ceiling": eur(row.call.ceiling_eur or Decimal()),
        }


class AboveTotalBudget(RowsCheck[Project]):
    key = "above-total-budget"
    label = gettext_lazy("Awards above the total budget of the project")
    severity = Severity.WARNING  # the form of the project asks to confirm it, and saves it
    permission = DECIDE

    def rows(self) -> QuerySet[Project]:
        awarded = Project.objects.filter(amount_kind__in=AWARDS)
        return awarded.filter(amount_eur__gt=F("total_budget_eur")).order_by("reference")

    def sentence(self, row: Project) -> str:
        return _("%(project)s has %(amount)s, but its total budget is %(budget)s.") % {
            "project": row.reference,
            "amount": eur(row.amount_eur or Decimal()),
            "budget": eur(row.total_budget_eur or Decimal()),
        }


class ResultsWithoutDecision(RowsCheck[Project]):
    key = "results-without-decision"
    label = gettext_lazy("Funded projects without a decision")
    severity = Severity.WARNING
    permission = DECIDE

    def rows(self) -> QuerySet[Project]:
        unknown = Call.objects.in_phase(Phase.CLOSED)
        undecided = Call.objects.filter(decision=None).exclude(pk__in=unknown)
        return _funded().filter(call__in=undecided)

    def sentence(self, row: Project) -> str:
        return _("%(project)s is %(status)s, but no decision on %(call)s is recorded.") % {
            "project": row.reference,
            "status": row.get_status_display(),
            "call": row.call,
        }


class Disagreeing(RowsCheck[Project]):
    key = "headline-and-list"
    label = gettext_lazy("Headlines that differ from the list of partners")
    severity = Severity.WARNING
    permission = CHANGE_PROJECT

    def rows(self) -> QuerySet[Project]:
        headlines = Project.announced_countries.through.objects
        announced = headlines.filter(project=OuterRef("pk"))
        listed = Partnership.objects.filter(project=OuterRef("pk"))
        in_both = headlines.filter(project=OuterRef("project"), country=OuterRef("country"))
        only_listed = listed.filter(~Exists(in_both))
        # Exists() with a country would make SQLite read all partnerships of this country.
        partners = Partnership.objects.filter(project=OuterRef(OuterRef("pk")))
        only_announced = announced.exclude(country__in=partners.values("country"))
        return Project.objects.filter(
            Exists(announced),
            Exists(only_announced) | Exists(only_listed),
            disagreement_explained="",
        ).prefetch_related("announced_countries", "partnerships__country")

    def sentence(self, row: Project) -> str:
        disagreement = row.disagreement()
        assert disagreement
        return _("%(project)s: %(difference)s. Correct it, or explain it.") % {
            "project": row.reference,
            "difference": disagreement.in_words(),
        }


class BrokenRule(Check[Project]):
    """The work list judges only the newest projects; `check_data` judges all."""

    key = "rules-of-the-call"
    label = gettext_lazy("Funded projects that break a rule of their call")
    severity = Severity.WARNING
    permission = CHANGE_PROJECT

    def rows(self) -> QuerySet[Project]:
        stated = Call.objects.filter(
            Q(min_member_states__isnull=False)
            | Q(lead_from_member_state=True)
            | Q(max_months__isnull=False)
        )
        # A subquery, so the database reads only the projects of these calls.
        return _funded().filter(call__in=stated.order_by()).for_rules()

    def findings(self, most: int | None = None) -> list[Finding]:
        return super().findings() if most is None else self.listed()[:most]

    def listed(self) -> list[Finding]:
        return list(self.findings_of(self.rows()[:PROJECTS_JUDGED]))

    def sentence(self, row: Project) -> str:
        results = [
            result
            for result in rules.check_rules(row)
            if result.verdict == rules.Verdict.BROKEN and isinstance(result.rule, RULES_OF_FUNDED)
        ]
        accepted = accepted_rules(row) if results else set()
        broken = [
            f"{result.rule.label}: {result.working}"
            for result in results
            if result.rule.key not in accepted
        ]
        if not broken:
            return ""
        return _("%(project)s does not keep the rules of %(call)s. %(working)s") % {
            "project": row.reference,
            "call": row.call,
            "working": " ".join(broken),
        }


class Ended(RowsCheck[Project]):
    key = "ended"
    label = gettext_lazy("Ended projects that are not completed")
    severity = Severity.WARNING
    permission = DECIDE

    def rows(self) -> QuerySet[Project]:
        active = Project.objects.filter(status__in=ACTIVE_STATUSES)
        return active.filter(ends_on__lt=timezone.localdate()).order_by("ends_on", "pk")

    def sentence(self, row: Project) -> str:
        return _("%(project)s is %(status)s, but has ended: %(period)s.") % {
            "project": row.reference,
            "status": row.get_status_display(),
            "period": row.period(),
        }


class CompletedEarly(RowsCheck[Project]):
    key = "completed-early"
    label = gettext_lazy("Completed projects that have not ended")
    severity = Severity.ERROR
    permission = DECIDE

    def rows(self) -> QuerySet[Project]:
        today = timezone.localdate()
        return Project.objects.filter(status=ProjectStatus.COMPLETED, ends_on__gt=today)

    def sentence(self, row: Project) -> str:
        return _("%(project)s is completed, but has not ended: %(period)s.") % {
            "project": row.reference,
            "period": row.period(),
        }


class OutsidePeriod(RowsCheck[Partnership]):
    key = "outside-period"
    label = gettext_lazy("Partners that join or leave outside the period of the project")
    severity = Severity.WARNING
    permission = CHANGE_PROJECT

    def rows(self) -> QuerySet[Partnership]:
        outside = (
            Q(joined_on__gt=F("project__ends_on"))
            | Q(left_on__gt=F("project__ends_on"))
            | Q(left_on__lt=F("project__starts_on"))
        )
        # Most partners have neither day. SQLite reads the projects of the others only.
        dated = Partnership.objects.exclude(joined_on=None, left_on=None)
        return dated.filter(outside).select_related("project", "partner", "country")

    def sentence(self, row: Partnership) -> str:
        return _("%(project)s: %(partner)s joins or leaves outside %(period)s.") % {
            "project": row.project.reference,
            "partner": row.partner or row.country,
            "period": row.project.period(),
        }


class ToPublish(RowsCheck[Project]):
    key = "projects-to-publish"
    label = gettext_lazy("Funded projects that are not public")
    group = WorkListGroup.UNPUBLISHED
    permission = PUBLISH_PROJECT

    def rows(self) -> QuerySet[Project]:
        decided = Decision.objects.public().values("call")
        return _funded().filter(call__in=decided, published_at=None, unpublished_at=None)

    def sentence(self, row: Project) -> str:
        return _("%(project)s, %(title)s: funded and not public.") % {
            "project": row.reference,
            "title": row.title,
        }


class ScheduledProjects(RowsCheck[Project]):
    """The projects that become public at another moment than the results of their call."""

    key = "scheduled-projects"
    label = gettext_lazy("Scheduled publications of projects")
    group = WorkListGroup.UNPUBLISHED
    permission = PUBLISH_PROJECT
    is_followed = False

    def rows(self) -> QuerySet[Project]:
        now, results = timezone.now(), Decision.objects.filter(call=OuterRef("call"))
        scheduled = Project.objects.filter(published_at__gt=now).select_related("call")
        same = results.filter(published_at=OuterRef("published_at"))
        return scheduled.filter(~Exists(same)).order_by("published_at", "reference")

    def sentence(self, row: Project) -> str:
        return f"{row.reference}: {publication_status(row)}"


class EndingSoon(RowsCheck[Project]):
    key = "ending-soon"
    label = gettext_lazy("Projects that end within 30 days")
    group = WorkListGroup.DEADLINE
    permission = CHANGE_PROJECT

    def rows(self) -> QuerySet[Project]:
        today = timezone.localdate()
        active = Project.objects.filter(status__in=ACTIVE_STATUSES)
        return active.filter(ends_on__range=(today, today + SOON)).order_by("ends_on", "pk")

    def sentence(self, row: Project) -> str:
        return _("%(project)s ends: %(period)s.") % {
            "project": row.reference,
            "period": row.period(),
        }


class Incomplete(RowsCheck[Project]):
    key = "incomplete-projects"
    label = gettext_lazy("Public and scheduled projects with gaps")
    group = WorkListGroup.INCOMPLETE
    permission = CHANGE_PROJECT

    def rows(self) -> QuerySet[Project]:
        priority = Project.priorities.through.objects.filter(project=OuterRef("pk"))
        source = Source.objects.filter(project=OuterRef("pk"))
        marked = _shown().annotate(has_priority=Exists(priority), has_source=Exists(source))
        # The long texts last: the database reads them only where the other parts are complete.
        gaps = Q(has_source=False) | Q(has_priority=False) | Q(summary="") | Q(description="")
        # The database finds the newest records without sorting all of them.
        return marked.filter(gaps).order_by("-pk")

    def sentence(self, row: Any) -> str:
        facts = [
            (row.summary, _("summary")),
            (row.description, _("description")),
            (row.has_priority, _("priority")),
            (row.has_source, _("source")),
        ]
        missing = [word for value, word in facts if not value]
        public = _("%(project)s is public without %(missing)s.")
        scheduled = _("%(project)s becomes public without %(missing)s.")
        return (public if row.is_public() else scheduled) % {
            "project": row.reference,
            "missing": get_text_list(missing, _("and")),
        }
