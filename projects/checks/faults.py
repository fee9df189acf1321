"""Wrong or missing facts in the records, and organisations that may be the same."""

from functools import partial
from typing import Any

from django.db.models import CharField, Exists, F, IntegerField, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Coalesce, Substr
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext_lazy as _

from partners.models import DuplicateCandidate, Partner
from projects.checks.base import (
    LACKS_REPORT,
    Check,
    SentenceValues,
    Severity,
    calls_with,
    either,
    form_url,
    funded,
    named,
    page_url,
    shown,
    with_reports,
)
from projects.eligibility import rules
from projects.eligibility.frozen_checks import accepted_rules
from projects.eligibility.unlikely_values import MOST_YEARS, period_warning
from projects.models import (
    Agreement,
    AnnouncementFlag,
    Call,
    Decision,
    DecisionLine,
    Instalment,
    Partnership,
    Phase,
    Project,
    ProjectStatus,
    Source,
)
from projects.models.choices import ACTIVE_STATUSES, AWARDS, FUNDED_STATUSES
from projects.models.post_award import WITH_OPEN_ACCOUNT
from projects.models.projects import ProjectQuerySet
from projects.permissions import CHANGE_CALL, CHANGE_PROJECT, DECIDE, MANAGE_AWARDS
from projects.post_award.payment_limits import PROMISES, amount_errors
from projects.publication.warnings import early_decision_sentence, other_number_sentence
from projects.zone_wording import zone_contradictions
from psf.text.dates import Precision

CHANGE_PARTNER = "partners.change_partner"
# The rules of a call that also hold for funded projects. The other rules are for applications.
RULES_OF_FUNDED = (rules.MemberStates, rules.LeadFromMemberState, rules.Duration)
PROJECTS_JUDGED = 100  # the newest, on the work list
error, warning = partial(Check, severity=Severity.ERROR), partial(Check, severity=Severity.WARNING)


def _funded_by_one_person() -> QuerySet[Project]:
    confirmed = DecisionLine.objects.filter(project=OuterRef("pk"), is_confirmed=True)
    # A subquery, so SQLite reads only the projects of these calls.
    calls = Call.objects.filter(decided_by_two=True)
    awarded = Project.objects.filter(call__in=calls, status__in=FUNDED_STATUSES)
    return awarded.exclude(Exists(confirmed)).order_by("reference")


def _more_than_announced() -> QuerySet[Any]:
    # The reserve list explains a project that was decided here, but not published with the results.
    later = Project.objects.filter(
        Q(published_at__isnull=True) | Q(published_at__gt=F("call__decision__published_at")),
        call=OuterRef("pk"),
        call__decision__published_at__isnull=False,
        status__in=FUNDED_STATUSES,
        decision_line__isnull=False,
    )
    return calls_with(funded()).filter(~Exists(later), count__gt=F("funded_count"))


def _in_a_circle() -> QuerySet[Partner]:
    keys: set[int] = set()
    for field in ["parent", "successor"]:
        linked = Partner.objects.filter(**{f"{field}__isnull": False})
        links = dict(linked.values_list("pk", field))
        keys |= {key for key in links if _is_in_circle(key, links)}
    return Partner.objects.filter(pk__in=keys)


def _is_in_circle(start: int, links: dict[int, int]) -> bool:
    key, visited = links.get(start), set()
    while key is not None and key != start and key not in visited:
        visited.add(key)
        key = links.get(key)
    return key == start


def _disagreeing() -> QuerySet[Project]:
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


def _with_rules() -> ProjectQuerySet:
    stated = Call.objects.filter(
        Q(min_member_states__isnull=False)
        | Q(lead_from_member_state=True)
        | Q(max_months__isnull=False)
    )
    # A subquery, so the database reads only the projects of these calls.
    return funded().filter(call__in=stated.order_by()).for_rules()


def _breaks_rules(row: Project) -> str:
    broken = [
        result
        for result in rules.check_rules(row)
        if result.verdict == rules.Verdict.BROKEN and isinstance(result.rule, RULES_OF_FUNDED)
    ]
    accepted = accepted_rules(row) if broken else set()
    faults = [finding for finding in broken if finding.rule.key not in accepted]
    working = " ".join(f"{finding.rule.label}: {finding.working}" for finding in faults)
    text = _("%(project)s does not keep the rules of %(call)s. %(working)s")
    return text % SentenceValues(row, working=working) if faults else ""


def _outside_period() -> QuerySet[Partnership]:
    outside = (
        Q(joined_on__gt=F("project__ends_on"))
        | Q(left_on__gt=F("project__ends_on"))
        | Q(left_on__lt=F("project__starts_on"))
    )
    # Most partners have neither day. SQLite reads the projects of the others only.
    dated = Partnership.objects.exclude(joined_on=None, left_on=None)
    return dated.filter(outside).select_related("project", "partner", "country")


def _year(name: str) -> Cast:
    # SQLite would call Python for each value of `ExtractYear` or of a sum of days.
    return Cast(Substr(Cast(name, CharField()), 1, 4), IntegerField())


def _unlikely_period() -> QuerySet[Project]:
    # These and a few more: the sentence compares the days in the time zone of the call.
    early = Q(starts_precision=Precision.DAY, starts_on__lt=F("call__closes_at"))
    year = Coalesce(_year("call__closes_at"), _year("starts_on"))
    last = Coalesce(_year("ends_on"), _year("starts_on"))
    late = Q(last__gte=F("known") + MOST_YEARS)
    dated = Project.objects.annotate(known=year, last=last)
    return dated.filter(early | late).select_related("call")


def _incomplete() -> QuerySet[Project]:
    priority = Project.priorities.through.objects.filter(project=OuterRef("pk"))
    source = Source.objects.filter(project=OuterRef("pk"))
    marked = shown().annotate(has_priority=Exists(priority), has_source=Exists(source))
    # The long texts last: the database reads them only where the other parts are complete.
    gaps = Q(has_source=False) | Q(has_priority=False) | Q(summary="") | Q(description="")
    # The database finds the newest records without sorting all of them.
    return marked.filter(gaps).order_by("-pk")


def _lacks_parts(row: Any) -> str:
    parts = [
        (row.summary, _("summary")),
        (row.description, _("description")),
        (row.has_priority, _("priority")),
        (row.has_source, _("source")),
    ]
    missing = get_text_list([word for value, word in parts if not value], _("and"))
    public = _("%(project)s is public without %(missing)s.")
    scheduled = _("%(project)s becomes public without %(missing)s.")
    return (public if row.is_public() else scheduled) % SentenceValues(row, missing=missing)


FAULTS: dict[str, Check] = {
    "public-without-lead": error(
        _("Public and scheduled projects without a lead partner"),
        CHANGE_PROJECT,
        lambda: shown().filter(
            ~Exists(Partnership.objects.leading().filter(project=OuterRef("pk")))
        ),
        either(
            Project.is_public,
            _("%(project)s is public and has no lead partner."),
            _("%(project)s becomes public and has no lead partner."),
        ),
    ),
    "above-ceiling": error(
        _("Amounts above the ceiling of the call"),
        DECIDE,
        lambda: Project.objects.select_related("call").filter(
            amount_eur__gt=F("call__ceiling_eur")
        ),
        _("%(project)s has %(amount)s, but the ceiling of %(call)s is %(ceiling)s."),
    ),
    "funded-by-one-person": error(
        _("Awards that no second person confirmed"),
        DECIDE,
        _funded_by_one_person,
        _("%(project)s is funded, but no second person confirmed the award."),
    ),
    "amount-against-agreement": error(
        _("Amounts that contradict the agreement"),
        DECIDE,
        # Few projects have an agreement, so the database begins with the agreements.
        lambda: Project.objects.filter(
            pk__in=Agreement.objects.filter(
                Q(amount_eur__gt=F("project__amount_eur")) | Q(closed_on__isnull=False)
            ).values("project"),
            amount_kind__in=PROMISES,
        ).order_by("reference"),
        named(lambda row: amount_errors(row)[0]),
    ),
    "completed-early": error(
        _("Completed projects that have not ended"),
        DECIDE,
        lambda: Project.objects.filter(
            status=ProjectStatus.COMPLETED, ends_on__gt=timezone.localdate()
        ),
        _("%(project)s is completed, but has not ended: %(period)s."),
    ),
    "more-than-announced": error(
        _("More funded projects recorded than announced"),
        CHANGE_CALL,
        _more_than_announced,
        lambda row: other_number_sentence(row, row.count),
    ),
    "decided-early": error(
        _("Calls decided before they closed"),
        CHANGE_CALL,
        # These and a few more: the sentence compares the days in the time zone of the call.
        lambda: Call.objects.filter(decision__decided_on__lt=F("closes_at")).select_related(
            "decision"
        ),
        lambda row: early_decision_sentence(row.decision),
        judges=True,
    ),
    "other-time-zone": warning(
        _("Texts that name another time zone than the closing"),
        CHANGE_CALL,
        lambda: Call.objects.filter(Q(opens_at__isnull=False) | Q(closes_at__isnull=False)),
        named(lambda row: " ".join(zone_contradictions(row))),
        judges=True,
    ),
    "circle": error(
        _("Organisations that are a part of themselves, or became themselves"),
        CHANGE_PARTNER,
        _in_a_circle,
        _("“%(partner)s” is a part of itself, or became itself, through others."),
    ),
    "results-without-decision": warning(
        _("Funded projects without a decision"),
        DECIDE,
        lambda: funded().filter(
            call__in=Call.objects.filter(decision=None).exclude(
                pk__in=Call.objects.in_phase(Phase.CLOSED)
            )
        ),
        _("%(project)s is %(status)s, but no decision on %(call)s is recorded."),
    ),
    # The form of the project asks to confirm it, and saves it.
    "above-total-budget": warning(
        _("Awards above the total budget of the project"),
        DECIDE,
        lambda: Project.objects.filter(
            amount_kind__in=AWARDS, amount_eur__gt=F("total_budget_eur")
        ).order_by("reference"),
        _("%(project)s has %(amount)s, but its total budget is %(budget)s."),
    ),
    "headline-and-list": warning(
        _("Headlines that differ from the list of partners"),
        CHANGE_PROJECT,
        _disagreeing,
        _("%(project)s: %(difference)s. Correct it, or explain it."),
    ),
    "rules-of-the-call": warning(
        _("Funded projects that break a rule of their call"),
        CHANGE_PROJECT,
        _with_rules,
        _breaks_rules,
        judges=True,
        newest=PROJECTS_JUDGED,
    ),
    "ended": warning(
        _("Ended projects that are not completed"),
        DECIDE,
        lambda: Project.objects.filter(
            status__in=ACTIVE_STATUSES, ends_on__lt=timezone.localdate()
        ).order_by("ends_on", "pk"),
        _("%(project)s is %(status)s, but has ended: %(period)s."),
    ),
    "outside-period": warning(
        _("Partners that join or leave outside the period of the project"),
        CHANGE_PROJECT,
        _outside_period,
        _("%(project)s: %(partner)s joins or leaves outside %(period)s."),
    ),
    "unlikely-period": warning(
        _("Projects whose days do not fit the closing of their call"),
        CHANGE_PROJECT,
        _unlikely_period,
        named(
            lambda row: period_warning(row.call, row.starts_on, row.ends_on, row.starts_precision)
        ),
        judges=True,
    ),
    "after-its-end": warning(
        _("Organisations that take part after they became another"),
        CHANGE_PARTNER,
        # Without the subquery, SQLite reads all partnerships.
        lambda: Partnership.objects.filter(
            partner__in=Partner.objects.filter(successor__isnull=False),
            partner__succeeded_on__lt=F("project__starts_on"),
        ).select_related("project", "partner__successor"),
        _(
            "“%(partner)s” became “%(partner.successor)s” on %(partner.succeeded_on)s, before "
            "%(project)s started: name the successor there, or correct the day."
        ),
    ),
    "paid-without-report": warning(
        _("Instalments paid without an approved report"),
        MANAGE_AWARDS,
        lambda: Project.objects.filter(
            pk__in=with_reports(
                Instalment.objects.filter(paid_on__isnull=False, condition_waived="")
            )
            .filter(LACKS_REPORT)
            .values("project")
        ).order_by("reference"),
        _("%(project)s: an instalment was paid, but its report is not approved."),
        url=page_url("projects_project_post_award", "pk"),
    ),
    "open-account": warning(
        _("Projects that are over, with an open account"),
        MANAGE_AWARDS,
        lambda: Project.objects.filter(WITH_OPEN_ACCOUNT).order_by("reference"),
        _("%(project)s is %(status)s, but its account is open. Close the account."),
        url=page_url("projects_project_post_award", "pk"),
    ),
    "rejected-without-reason": warning(
        _("Rejections without a reason for the applicant"),
        DECIDE,
        # The index of the status begins with the call.
        lambda: (
            DecisionLine.objects.filter(
                project__call__in=Call.objects.all(),
                project__status=ProjectStatus.REJECTED,
                reason="",
            )
            .select_related("project__call")
            .order_by("project__reference")
        ),
        _("%(project)s was rejected without a reason, so no letter can be written."),
        url=page_url("projects_call_correct_reason", "project.call_id"),
    ),
    "alike": Check(
        _("Possible duplicates"),
        CHANGE_PARTNER,
        lambda: DuplicateCandidate.objects.waiting().for_list(),
        _("“%(first)s” and “%(second)s” may be the same organisation: %(reasons)s."),
        url=page_url("partners_partner_duplicates"),
    ),
    "announcement-flags": Check(
        _("Notes on announcements to settle"),
        CHANGE_PROJECT,
        lambda: (
            AnnouncementFlag.objects.filter(is_settled=False)
            .select_related("project")
            .order_by("pk")
        ),
        lambda row: f"{row.project.reference}: {row.sentence}",
        url=lambda row: f"{form_url(row)}#flags-heading",
    ),
    "incomplete-projects": Check(
        _("Public and scheduled projects with gaps"), CHANGE_PROJECT, _incomplete, _lacks_parts
    ),
    "fewer-than-announced": Check(
        _("Announced projects that are not recorded"),
        CHANGE_CALL,
        lambda: calls_with(funded()).filter(
            Exists(Decision.objects.filter(call=OuterRef("pk"))), count__lt=F("funded_count")
        ),
        lambda row: other_number_sentence(row, row.count),
    ),
}
