"""The rules of a call: worded for applicants, and checked for an application.

A rule without a value in the call is not applied."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar, NamedTuple
from zoneinfo import ZoneInfo

from django.db import models
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from partners.models import Country
from projects.models import Call, Partnership, Project, ProjectStatus, RuleKey
from psf.database.fields import rows_of
from psf.text.dates import Precision, describe, months_of
from psf.text.numbers_and_amounts import eur, number, number_word


class Verdict(models.TextChoices):
    MET = "met", gettext_lazy("met")
    BROKEN = "broken", gettext_lazy("not met")
    UNKNOWN = "unknown", gettext_lazy("cannot be checked")
    WAIVED = "waived", gettext_lazy("waived")


ACCEPTED = [Verdict.MET, Verdict.WAIVED]


class RuleFinding(NamedTuple):
    """The verdict of one rule on one application, and the working in a sentence."""

    rule: "Rule"
    verdict: Verdict
    working: str

    def is_unmet(self) -> bool:
        return self.verdict in [Verdict.BROKEN, Verdict.UNKNOWN]


class Rule(ABC):
    """One rule of one call."""

    key: ClassVar[RuleKey]
    fields: ClassVar[list[str]]  # of the call; a rule without any value is not applied
    is_about_applicants: ClassVar[bool] = False

    def __init__(self, call: Call) -> None:
        self.call = call

    def is_stated(self) -> bool:
        """Whether the call has a value for this rule."""
        values = [getattr(self.call, name) for name in self.fields]
        return any(value is not None and value is not False for value in values)  # 0 is a value

    @abstractmethod
    def in_words(self) -> str:
        """The rule worded for applicants."""

    @abstractmethod
    def judge(self, project: Project) -> tuple[Verdict, str]:
        """The verdict on an application, and the working in a sentence."""

    @property
    def label(self) -> str:
        return str(self.key.label)

    def check(self, project: Project, waived: Mapping[str, str]) -> RuleFinding:
        """The finding on an application; `waived` has the reasons of waivers by rule."""
        verdict, working = self.judge(project)
        if self.key in waived and verdict != Verdict.MET:
            reason = _("%(working)s Waived: %(reason)s")
            return RuleFinding(
                self, Verdict.WAIVED, reason % {"working": working, "reason": waived[self.key]}
            )
        return RuleFinding(self, verdict, working)


class Counting(NamedTuple):
    """The member states among partners, and why other countries do not count, by code."""

    verdict: Verdict
    counted: dict[str, Country]
    excluded: dict[str, str]


class MemberStates(Rule):
    """A minimum number of member states of the CBSS on the closing day of the call.

    The country of the lead partner counts. Observers and the European Union do not count.
    """

    key = RuleKey.STATES
    fields = ["min_member_states"]
    is_about_applicants = True

    def in_words(self) -> str:
        least = self.call.min_member_states or 0
        return ngettext(
            "at least one organisation from a member state; the lead partner’s country counts",
            "at least %(least)s organisations from %(least)s different member states; "
            "the lead partner’s country counts",
            least,
        ) % {"least": number_word(least)}

    def judge(self, project: Project) -> tuple[Verdict, str]:
        verdict, counted, excluded = self.count(rows_of(project, "partnerships"))
        if verdict == Verdict.UNKNOWN:
            return verdict, _("The closing day of the call is not known.")
        return verdict, _counting(list(counted), excluded)

    def count(self, rows: Iterable[Partnership]) -> Counting:
        """The verdict on partners, recorded or only planned."""
        day = self.call.closing_day()
        if day is None:
            return Counting(Verdict.UNKNOWN, {}, {})
        counted: dict[str, Country] = {}
        excluded: dict[str, str] = {}
        for row in rows:
            if not row.takes_part_on(day):
                excluded.setdefault(row.country_id, _("not in the partnership on that day"))
            elif row.country.was_member_on(day):
                counted[row.country_id] = row.country
            else:
                excluded[row.country_id] = _membership_text(row, day)
        excluded = {code: why for code, why in excluded.items() if code not in counted}
        enough = len(counted) >= (self.call.min_member_states or 0)
        return Counting(Verdict.MET if enough else Verdict.BROKEN, counted, excluded)


class LeadFromMemberState(Rule):
    """The lead partner represents a member state on the closing day of the call."""

    key = RuleKey.LEAD
    fields = ["lead_from_member_state"]
    is_about_applicants = True

    def in_words(self) -> str:
        return _("from a member state of the CBSS")

    def judge(self, project: Project) -> tuple[Verdict, str]:
        lead, day = project.lead(), self.call.closing_day()
        if lead is None:
            return Verdict.BROKEN, _("The lead partner is missing.")
        if day is None:
            return Verdict.UNKNOWN, _("The closing day of the call is not known.")
        member = lead.country.was_member_on(day)
        text = _("%(country)s: %(membership)s") % {
            "country": lead.country_id,
            "membership": _membership_text(lead, day),
        }
        return Verdict.MET if member else Verdict.BROKEN, text


class Grant(Rule):
    """The amount requested is between the lowest grant and the ceiling."""

    key = RuleKey.GRANT
    fields = ["floor_eur", "ceiling_eur"]

    def in_words(self) -> str:
        least, most = self.call.floor_eur, self.call.ceiling_eur
        if most is None:
            return _("at least %(least)s") % {"least": eur(least or Decimal())}
        if least is None:
            return _("up to %(most)s") % {"most": eur(most)}
        return _("%(least)s to %(most)s") % {"least": number(least), "most": eur(most)}

    def judge(self, project: Project) -> tuple[Verdict, str]:
        requested = project.requested_eur
        if requested is None:
            return Verdict.UNKNOWN, _("The amount requested is missing.")
        least, most = self.call.floor_eur, self.call.ceiling_eur
        fits = (least is None or least <= requested) and (most is None or requested <= most)
        text = _("%(amount)s requested.") % {"amount": eur(requested)}
        return Verdict.MET if fits else Verdict.BROKEN, text


class CoFunding(Rule):
    """The partners pay a minimum share of the total budget themselves, rounded to cents."""

    key = RuleKey.COFUNDING
    fields = ["min_cofunding_percent"]

    def in_words(self) -> str:
        return _("at least %(percent)d %% of the total budget") % {
            "percent": self.call.min_cofunding_percent
        }

    def judge(self, project: Project) -> tuple[Verdict, str]:
        requested, total = project.requested_eur, project.total_budget_eur
        if requested is None or total is None:
            return Verdict.UNKNOWN, _("The total budget or the amount requested is missing.")
        own = total - requested
        text = _("Co-funding: %(own)s of %(total)s.") % {"own": eur(own), "total": eur(total)}
        share = Decimal(self.call.min_cofunding_percent or 0) * total / 100
        needed = share.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        if own >= needed:
            return Verdict.MET, text
        missing = _("At least %(needed)s is needed.") % {"needed": eur(needed)}
        return Verdict.BROKEN, f"{text} {missing}"


class Duration(Rule):
    """The project takes at most a number of months; a partial month counts as a full month."""

    key = RuleKey.DURATION
    fields = ["max_months"]

    def in_words(self) -> str:
        most = self.call.max_months or 0
        return ngettext("at most %(most)d month", "at most %(most)d months", most) % {"most": most}

    def judge(self, project: Project) -> tuple[Verdict, str]:
        if project.starts_on is None or project.ends_on is None:
            return Verdict.UNKNOWN, _("The start or the end is missing.")
        months = months_of(project.starts_on, project.ends_on)
        text = ngettext("%(count)d month: %(period)s.", "%(count)d months: %(period)s.", months)
        short = months <= (self.call.max_months or 0)
        return Verdict.MET if short else Verdict.BROKEN, text % {
            "count": months,
            "period": project.period(),
        }


RULES: list[type[Rule]] = [MemberStates, LeadFromMemberState, Grant, CoFunding, Duration]


def rules_of(call: Call) -> list[Rule]:
    """The rules with a value in the call."""
    return [rule for rule_class in RULES if (rule := rule_class(call)).is_stated()]


def check_rules(project: Project, rules: Iterable[Rule] | None = None) -> list[RuleFinding]:
    """The findings of all rules of the call on an application from `for_rules()`.

    `rules` are those of the call, if they are loaded for many applications.
    """
    waived = {waiver.rule: waiver.reason for waiver in rows_of(project, "waivers")}
    return [rule.check(project, waived) for rule in rules or rules_of(project.call)]


def _membership_text(row: Partnership, day: date) -> str:
    """The status of the country on that day: "member", "observer", "not a member"."""
    membership = row.country.membership_on(day)
    return str(membership.get_status_display()) if membership else _("not a member")


def _counting(counted: list[str], excluded: dict[str, str]) -> str:
    """ "Counted: EE, LV. Not counted: BY (observer)." """
    sentences = [_("Counted: %(codes)s.") % {"codes": ", ".join(sorted(counted)) or _("none")}]
    if excluded:
        reasons = [f"{code} ({why})" for code, why in sorted(excluded.items())]
        sentences.append(_("Not counted: %(codes)s.") % {"codes": get_text_list(reasons, _("and"))})
    return " ".join(sentences)


def lateness_of(project: Project) -> str:
    """When a late application was received, in a sentence; "" for any other application.

    Without a time of receipt, or of the closing, only a later day is late.
    """
    call, day, time = project.call, project.received_on, project.received_time
    closed_on = call.closing_day()
    if call.closes_at is None or closed_on is None or day is None:
        return ""
    words = _("Received on %(received)s, after “%(call)s” closed on %(closed)s.")
    if time is None or call.closes_precision != Precision.MINUTE:
        is_late, closed = day > closed_on, describe(closed_on, Precision.DAY)
        received = describe(day, Precision.DAY)
    else:
        moment = datetime.combine(day, time, ZoneInfo(call.time_zone))
        is_late, closed = moment >= call.closes_at, call.closes()
        received = describe(moment, Precision.MINUTE)
    return words % {"received": received, "call": call, "closed": closed} if is_late else ""


def warning_about(project: Project) -> str:
    """The warning about an application that is late, or that may be late; "" without a warning.

    Only submitted applications: later decisions include the question of the day.
    """
    call, closed_on = project.call, project.call.closing_day()
    if project.status != ProjectStatus.SUBMITTED or closed_on is None:
        return ""
    if project.received_on is None and call.closes_at and call.closes_at <= timezone.now():
        return _("“%(call)s” closed on %(closed)s. Enter the day of receipt.") % {
            "call": call,
            "closed": describe(closed_on, Precision.DAY),
        }
    return lateness_of(project)
