"""The rules of a call, each said once: in words for applicants, and as a check of an application.

A call states some of them; what it does not state is not asked of anyone.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar, NamedTuple

from django.db import models
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from projects.models import Call, Partnership, Project, RuleKey
from psf.text.dates import months_of
from psf.text.numbers import eur


class Verdict(models.TextChoices):
    MET = "met", gettext_lazy("met")
    BROKEN = "broken", gettext_lazy("not met")
    UNKNOWN = "unknown", gettext_lazy("cannot be told")
    WAIVED = "waived", gettext_lazy("waived")


class Finding(NamedTuple):
    """What one rule says of one application, with how it came to that."""

    rule: "Rule"
    verdict: Verdict
    working: str

    def is_unmet(self) -> bool:
        return self.verdict in [Verdict.BROKEN, Verdict.UNKNOWN]


class Rule(ABC):
    """One rule of one call."""

    key: ClassVar[RuleKey]

    def __init__(self, call: Call) -> None:
        self.call = call

    @staticmethod
    @abstractmethod
    def is_stated_by(call: Call) -> bool:
        """Whether the call has this rule."""

    @abstractmethod
    def in_words(self) -> str:
        """The rule as applicants read it."""

    @abstractmethod
    def judge(self, project: Project) -> tuple[Verdict, str]:
        """The verdict on an application, and the working in a sentence."""

    @property
    def label(self) -> str:
        return str(self.key.label)

    def check(self, project: Project, waived: Mapping[str, str]) -> Finding:
        """`waived` has, for the rules that do not bind the application, the reason why."""
        verdict, working = self.judge(project)
        if self.key in waived and verdict != Verdict.MET:
            reason = _("%(working)s Waived: %(reason)s")
            return Finding(
                self, Verdict.WAIVED, reason % {"working": working, "reason": waived[self.key]}
            )
        return Finding(self, verdict, working)


class MemberStates(Rule):
    """At least so many member states of the CBSS, as of the day on which the call closed.

    The lead partner's is counted, observers and other countries are not, and each counts once.
    The European Union is no state.
    """

    key = RuleKey.STATES

    @staticmethod
    def is_stated_by(call: Call) -> bool:
        return call.min_member_states is not None

    def in_words(self) -> str:
        least = self.call.min_member_states or 0
        return ngettext(
            "from at least %(least)d member state of the CBSS, the lead partner’s included",
            "from at least %(least)d member states of the CBSS, the lead partner’s included",
            least,
        ) % {"least": least}

    def judge(self, project: Project) -> tuple[Verdict, str]:
        day = self.call.closing_day()
        if day is None:
            return Verdict.UNKNOWN, _("The day on which the call closed is not known.")
        counted: dict[str, bool] = {}
        others: dict[str, str] = {}
        for row in project.partnerships.all():
            if not row.takes_part_on(day):
                others.setdefault(row.country_id, _("not in the partnership on that day"))
            elif row.country.was_member_on(day):
                counted[row.country_id] = True
            else:
                others[row.country_id] = _standing(row, day)
        others = {code: why for code, why in others.items() if code not in counted}
        enough = len(counted) >= (self.call.min_member_states or 0)
        return Verdict.MET if enough else Verdict.BROKEN, _counting(list(counted), others)


class LeadPartner(Rule):
    """The lead partner takes part for a member state, as of the day on which the call closed."""

    key = RuleKey.LEAD

    @staticmethod
    def is_stated_by(call: Call) -> bool:
        return call.lead_from_member_state

    def in_words(self) -> str:
        return _("from a member state of the CBSS")

    def judge(self, project: Project) -> tuple[Verdict, str]:
        lead, day = project.lead(), self.call.closing_day()
        if lead is None:
            return Verdict.BROKEN, _("No lead partner is entered.")
        if day is None:
            return Verdict.UNKNOWN, _("The day on which the call closed is not known.")
        member = lead.country.was_member_on(day)
        words = _("%(country)s: %(standing)s") % {
            "country": lead.country_id,
            "standing": _standing(lead, day),
        }
        return Verdict.MET if member else Verdict.BROKEN, words


class Grant(Rule):
    """The amount asked for lies between the least grant and the ceiling."""

    key = RuleKey.GRANT

    @staticmethod
    def is_stated_by(call: Call) -> bool:
        return call.ceiling_eur is not None or call.floor_eur is not None

    def in_words(self) -> str:
        least, most = self.call.floor_eur, self.call.ceiling_eur
        if most is None:
            return _("at least %(least)s") % {"least": eur(least or Decimal())}
        if least is None:
            return _("up to %(most)s") % {"most": eur(most)}
        return _("%(least)s to %(most)s") % {"least": eur(least), "most": eur(most)}

    def judge(self, project: Project) -> tuple[Verdict, str]:
        asked = project.requested_eur
        if asked is None:
            return Verdict.UNKNOWN, _("The amount requested is not entered.")
        least, most = self.call.floor_eur, self.call.ceiling_eur
        fits = (least is None or least <= asked) and (most is None or asked <= most)
        words = _("%(amount)s requested.") % {"amount": eur(asked)}
        return Verdict.MET if fits else Verdict.BROKEN, words


class CoFunding(Rule):
    """The partners bear at least that share of the total budget themselves."""

    key = RuleKey.COFUNDING

    @staticmethod
    def is_stated_by(call: Call) -> bool:
        return call.min_cofunding_percent is not None

    def in_words(self) -> str:
        return _("at least %(percent)d %% of the total budget") % {
            "percent": self.call.min_cofunding_percent
        }

    def judge(self, project: Project) -> tuple[Verdict, str]:
        asked, total = project.requested_eur, project.total_budget_eur
        if asked is None or total is None:
            return Verdict.UNKNOWN, _("Total budget and amount requested are not both entered.")
        own = total - asked
        words = _("%(own)s of %(total)s are not requested.") % {
            "own": eur(own),
            "total": eur(total),
        }
        least = Decimal(self.call.min_cofunding_percent or 0)
        enough = own >= 0 and own * 100 >= least * total
        return Verdict.MET if enough else Verdict.BROKEN, words


class Duration(Rule):
    """The project takes at most so many months; a month that has begun counts whole."""

    key = RuleKey.DURATION

    @staticmethod
    def is_stated_by(call: Call) -> bool:
        return call.max_months is not None

    def in_words(self) -> str:
        most = self.call.max_months or 0
        return ngettext("at most %(most)d month", "at most %(most)d months", most) % {"most": most}

    def judge(self, project: Project) -> tuple[Verdict, str]:
        if project.starts_on is None or project.ends_on is None:
            return Verdict.UNKNOWN, _("Start and end are not both entered.")
        months = months_of(project.starts_on, project.ends_on)
        words = ngettext("%(count)d month: %(period)s.", "%(count)d months: %(period)s.", months)
        short = months <= (self.call.max_months or 0)
        return Verdict.MET if short else Verdict.BROKEN, words % {
            "count": months,
            "period": project.period(),
        }


RULES: list[type[Rule]] = [MemberStates, LeadPartner, Grant, CoFunding, Duration]


def rules_of(call: Call) -> list[Rule]:
    """The rules that the call states."""
    return [rule(call) for rule in RULES if rule.is_stated_by(call)]


def check(project: Project) -> list[Finding]:
    """What each rule of its call says of an application from `for_page()`."""
    waived = {waiver.rule: waiver.reason for waiver in project.waivers.all()}
    return [rule.check(project, waived) for rule in rules_of(project.call)]


def _standing(row: Partnership, day: date) -> str:
    """What the country was in the CBSS on that day: "member", "observer", "not a member"."""
    standing = row.country.membership_on(day)
    return str(standing.get_status_display()) if standing else _("not a member")


def _counting(counted: list[str], others: dict[str, str]) -> str:
    """ "Counted: EE, LV. Not counted: BY (observer)." """
    words = [_("Counted: %(codes)s.") % {"codes": ", ".join(sorted(counted)) or _("none")}]
    if others:
        reasons = [f"{code} ({why})" for code, why in sorted(others.items())]
        words.append(_("Not counted: %(codes)s.") % {"codes": get_text_list(reasons, _("and"))})
    return " ".join(words)
