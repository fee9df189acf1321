from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.test import TestCase
from hypothesis import given, strategies as st
from hypothesis.extra.django import TestCase as PropertyTestCase

from projects.eligibility import rules
from projects.eligibility.rules import Verdict
from projects.models import Project
from psf.text.dates import months_of
from tests.support.factories import make_call, make_membership, make_partnership, make_project

CLOSING = datetime(2023, 3, 31, 21, 59, tzinfo=UTC)
LEAD_COUNTS = "the lead partner’s country counts"


def findings(project):
    """The verdict and the working of each rule, by the name of its class."""
    results = rules.check_rules(Project.objects.for_page().get(pk=project.pk))
    return {type(finding.rule).__name__: (finding.verdict, finding.working) for finding in results}


class MemberStatesTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        for code in ["LV", "EE", "PL"]:
            make_membership(code)
        make_membership("RU", valid_to=date(2022, 3, 2))
        make_membership("BY", status="observer", valid_from=None)

    def application(self, *countries, **call):
        values = {"min_member_states": 3, "closes_at": CLOSING} | call
        project = make_project(call=make_call(**values))
        for position, country in enumerate(countries, start=1):
            role = "lead" if position == 1 else "partner"
            make_partnership(project, country=country, role=role, position=position)
        return project

    def test_working_names_counted_and_excluded_countries(self):
        found = findings(self.application("LV", "EE", "PL", "BY", "US"))
        assert found["MemberStates"] == (
            Verdict.MET,
            "Counted: EE, LV, PL. Not counted: BY (observer) and US (not a member).",
        )

    def test_membership_counts_on_the_closing_day(self):
        of_2023 = self.application("LV", "EE", "RU")
        assert findings(of_2023)["MemberStates"] == (
            Verdict.BROKEN,
            "Counted: EE, LV. Not counted: RU (not a member).",
        )
        of_2021 = self.application("LV", "EE", "RU", closes_at=CLOSING.replace(year=2021))
        assert findings(of_2021)["MemberStates"] == (Verdict.MET, "Counted: EE, LV, RU.")

    def test_closing_day_is_in_the_time_zone_of_the_call(self):
        last_hour = datetime(2022, 3, 2, 22, 30, tzinfo=UTC)
        in_london = self.application(
            "LV", "EE", "RU", opens_at=None, closes_at=last_hour, time_zone="Europe/London"
        )
        assert findings(in_london)["MemberStates"][0] == Verdict.MET
        in_helsinki = self.application(
            "LV", "EE", "RU", opens_at=None, closes_at=last_hour, time_zone="Europe/Helsinki"
        )
        assert findings(in_helsinki)["MemberStates"][0] == Verdict.BROKEN

    def test_unknown_closing_day_gives_unknown_verdicts(self):
        project = self.application("LV", "EE", "PL", closes_at=None, lead_from_member_state=True)
        words = "The closing day of the call is not known."
        found = findings(project)
        assert found["MemberStates"] == (Verdict.UNKNOWN, words)
        assert found["LeadFromMemberState"] == (Verdict.UNKNOWN, words)

    def test_a_partner_that_left_before_the_closing_does_not_count(self):
        project = self.application("LV", "EE", "PL")
        left = project.call.closing_day() - timedelta(days=1)
        project.partnerships.filter(country="PL").update(left_on=left)
        verdict, working = findings(project)["MemberStates"]
        assert verdict == Verdict.BROKEN
        assert "PL (not in the partnership on that day)" in working

    def test_observer_can_take_part_but_not_lead(self):
        project = self.application("BY", "LV", lead_from_member_state=True)
        assert findings(project)["LeadFromMemberState"] == (Verdict.BROKEN, "BY: observer")
        project = self.application("LV", "BY", lead_from_member_state=True)
        assert findings(project)["LeadFromMemberState"] == (Verdict.MET, "LV: member")

    def test_missing_lead_partner_breaks_the_rule(self):
        project = self.application(lead_from_member_state=True)
        assert findings(project)["LeadFromMemberState"] == (
            Verdict.BROKEN,
            "The lead partner is missing.",
        )


class MoneyAndTimeTests(TestCase):
    def verdict(self, rule, call, **project):
        return findings(make_project(call=make_call(**call), **project))[rule]

    def test_missing_values_give_unknown_verdicts(self):
        share, total = {"min_cofunding_percent": 10}, "The total budget or the amount requested is"
        for rule, call, project, words in [
            ("Grant", {"ceiling_eur": 9}, {}, "The amount requested is missing."),
            ("CoFunding", share, {"requested_eur": 9}, f"{total} missing."),
            ("CoFunding", share, {"total_budget_eur": 9}, f"{total} missing."),
            ("Duration", {"max_months": 9}, {}, "The start or the end is missing."),
        ]:
            with self.subTest(rule=rule, project=project):
                assert self.verdict(rule, call, **project) == (Verdict.UNKNOWN, words)

    def test_working_names_the_amount_or_the_months(self):
        found = self.verdict("Grant", {"ceiling_eur": 50000}, requested_eur=60000)
        assert found[1].replace("\N{NO-BREAK SPACE}", " ") == "60 000 EUR requested."
        days = {"starts_on": date(2019, 9, 2), "ends_on": date(2021, 9, 2)}
        found = self.verdict("Duration", {"max_months": 24}, **days)
        assert found == (Verdict.BROKEN, "25 months: 2 September 2019 to 2 September 2021.")

    def test_co_funding_is_compared_in_cents_and_says_the_sum_that_is_needed(self):
        call, total = {"min_cofunding_percent": 10}, "33333.33"  # 10 % are 3333.333
        for asked, expected in [
            ("30000.00", (Verdict.MET, "Co-funding: 3 333.33 EUR of 33 333.33 EUR.")),
            (
                "30000.01",
                (
                    Verdict.BROKEN,
                    "Co-funding: 3 333.32 EUR of 33 333.33 EUR. At least 3 333.33 EUR is needed.",
                ),
            ),
        ]:
            amounts = {"requested_eur": asked, "total_budget_eur": total}
            verdict, words = self.verdict("CoFunding", call, **amounts)
            assert (verdict, words.replace("\N{NO-BREAK SPACE}", " ")) == expected

    def test_empty_rule_is_not_applied(self):
        assert findings(make_project()) == {}

    def test_rules_are_worded_for_applicants(self):
        call = make_call(
            min_member_states=3,
            lead_from_member_state=True,
            ceiling_eur=Decimal(65000),
            min_cofunding_percent=10,
            max_months=24,
        )
        words = [
            rule.in_words().replace("\N{NO-BREAK SPACE}", " ") for rule in rules.rules_of(call)
        ]
        assert words == [
            f"at least three organisations from three different member states; {LEAD_COUNTS}",
            "from a member state of the CBSS",
            "up to 65 000 EUR",
            "at least 10 % of the total budget",
            "at most 24 months",
        ]

    def test_minimum_grant_is_worded_with_and_without_ceiling(self):
        for ceiling, words in [
            (None, "at least 10 000 EUR"),
            (Decimal(50000), "10 000 to 50 000 EUR"),
        ]:
            call = make_call(floor_eur=Decimal(10000), ceiling_eur=ceiling)
            [rule] = rules.rules_of(call)
            with self.subTest(ceiling=ceiling):
                assert rule.in_words().replace("\N{NO-BREAK SPACE}", " ") == words


DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))
STANDINGS = st.sampled_from(["member", "observer", "suspended", "former"])
AMOUNTS = st.decimals(0, 10**5, places=2)
COUNTRIES = ["DE", "DK", "EE", "FI", "LV", "RU", "UA"]


class OracleTests(PropertyTestCase):
    @given(
        memberships=st.dictionaries(
            st.sampled_from(COUNTRIES), st.tuples(STANDINGS, st.none() | DAYS, st.none() | DAYS)
        ),
        rows=st.lists(
            st.tuples(st.sampled_from(COUNTRIES), st.none() | DAYS, st.none() | DAYS),
            max_size=8,
            unique_by=lambda row: row[0],
        ),
        closing=DAYS,
        least=st.integers(0, 6),
    )
    def test_random_consortia_match_a_simple_check(self, memberships, rows, closing, least):
        memberships = {
            code: (status, *in_order(first, last))
            for code, (status, first, last) in memberships.items()
        }
        rows = [(code, *in_order(joined, left)) for code, joined, left in rows]
        for code, (status, first, last) in memberships.items():
            make_membership(code, status=status, valid_from=first, valid_to=last)
        call = make_call(
            min_member_states=least,
            opens_at=None,
            closes_at=datetime(closing.year, closing.month, closing.day, 12, tzinfo=UTC),
        )
        project = make_project(call=call)
        for code, joined, left in rows:
            make_partnership(project, country=code, joined_on=joined, left_on=left)

        states = {
            code
            for code, joined, left in rows
            if (joined or closing) <= closing <= (left or closing)
            and code in memberships
            and memberships[code][0] == "member"
            and (memberships[code][1] or closing) <= closing <= (memberships[code][2] or closing)
        }
        assert findings(project)["MemberStates"][0] == (
            Verdict.MET if len(states) >= least else Verdict.BROKEN
        )

    @given(
        membership=st.none() | st.tuples(STANDINGS, st.none() | DAYS, st.none() | DAYS),
        closing=DAYS,
        leads=st.booleans(),
    )
    def test_random_lead_partners_match_a_simple_check(self, membership, closing, leads):
        status, *days = membership or ("observer", None, None)
        first, last = in_order(*days)
        make_membership("FI", status=status, valid_from=first, valid_to=last)
        closes = datetime(closing.year, closing.month, closing.day, 12, tzinfo=UTC)
        call = make_call(lead_from_member_state=True, opens_at=None, closes_at=closes)
        project = make_project(call=call)
        make_partnership(project, country="FI", role="lead" if leads else "partner")
        is_member = status == "member" and (first or closing) <= closing <= (last or closing)
        assert findings(project)["LeadFromMemberState"][0] == (
            Verdict.MET if leads and is_member else Verdict.BROKEN
        )

    @given(
        asked=AMOUNTS,
        floor=st.none() | AMOUNTS,
        more=st.none() | AMOUNTS,
        first=DAYS,
        length=st.integers(0, 1500),
        most=st.integers(0, 48),
    )
    def test_random_grants_and_durations_match_a_simple_check(
        self, asked, floor, more, first, length, most
    ):
        ceiling = None if more is None else (floor or 0) + more or None  # never 0
        last = first + timedelta(days=length)
        project = make_project(
            call=make_call(floor_eur=floor, ceiling_eur=ceiling, max_months=most),
            requested_eur=asked,
            starts_on=first,
            ends_on=last,
        )
        found = {name: verdict for name, (verdict, _working) in findings(project).items()}
        # The month of the last day has begun unless the day of the first one is not there yet.
        months = (last.year - first.year) * 12 + last.month - first.month + (last.day >= first.day)
        too_much = ceiling is not None and asked > ceiling
        fits = not (too_much or (floor is not None and asked < floor))
        expected = {"Duration": months <= most}
        if floor is not None or ceiling is not None:
            expected["Grant"] = fits
        assert found == {
            name: Verdict.MET if met else Verdict.BROKEN for name, met in expected.items()
        }

    @given(first=DAYS, days=st.integers(0, 3000))
    def test_random_months_match_the_calendar(self, first, days):
        last = first + timedelta(days=days)
        months, month_begins = 0, (first.year, first.month, first.day)
        while month_begins <= (last.year, last.month, last.day):
            months += 1
            year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
            month_begins = (year, month + 1, first.day)
        assert months_of(first, last) == months

    @given(
        asked=st.decimals(0, 10**6, places=2),
        own=st.decimals(-(10**4), 10**6, places=2),
        percent=st.integers(0, 100),
    )
    def test_random_co_funding_matches_a_simple_check(self, asked, own, percent):
        total = max(asked + own, Decimal(0))
        project = make_project(
            call=make_call(min_cofunding_percent=percent),
            requested_eur=asked,
            total_budget_eur=total,
        )
        needed = (total * percent + Decimal("0.5")) // 1 / 100  # in whole cents
        enough = total - asked >= needed
        assert findings(project)["CoFunding"][0] == (Verdict.MET if enough else Verdict.BROKEN)


def in_order(first, last):
    return (last, first) if first and last and last < first else (first, last)
