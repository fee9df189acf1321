"""Each check finds the record that breaks its rule, and no other record."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.paginator import Paginator
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partners.matching.duplicates import find_all_duplicates, mark_as_different
from partners.models import Partner
from projects.checks.base import Severity
from projects.checks.faults import FAULTS
from projects.checks.work_list import (
    BY_KEY,
    TASKS,
    inconsistencies,
    work_list,
)
from projects.models import Call, Letter, Project
from psf.text.dates import months_before
from tests.support.accounts import client_of, make_account
from tests.support.cases import soon
from tests.support.factories import (
    LONG_AGO,
    make_agreement,
    make_announcement_flag,
    make_assessment,
    make_call,
    make_contact,
    make_country,
    make_criterion,
    make_decision,
    make_decision_line,
    make_instalment,
    make_letter,
    make_membership,
    make_partner,
    make_partnership,
    make_priority,
    make_project,
    make_public_project,
    make_report,
    make_source,
)
from tests.support.hidden_records import number_of_queries, page_of, words

pytestmark = pytest.mark.django_db
LATER = date(2999, 12, 31)


def found_by(key):
    return [finding.sentence for finding in BY_KEY[key].findings()]


def days_away(days):
    return timezone.now() + timedelta(days=days)


def test_headings_name_the_fault_and_not_the_rule():
    rules = ("A ", "All ", "Every ", "No ", "The ")
    headings = [str(check.heading) for check in BY_KEY.values()]
    assert [heading for heading in headings if heading.startswith(rules)] == []


def today(days=0):
    return timezone.localdate() + timedelta(days=days)


def announced(project, *codes, **fields):
    project.announced_countries.set([make_country(code) for code in codes])
    Project.objects.filter(pk=project.pk).update(**fields)


def complete(**fields):
    project = make_public_project(**{"summary": "S", "description": "D"} | fields)
    project.priorities.add(make_priority())
    make_source(project=project)
    return project


def lead_only():
    return make_public_project(lead=make_partner(country="LV"))


def explained():
    announced(lead_only(), "EE", disagreement_explained="Estonia withdrew before signing.")


def two_people_call():
    return make_call(decided_by_two=True)


def switched(applied_at=None, **fields):
    """A call of two people with a draft, and then these fields."""
    call = two_people_call()
    make_decision(call, applied_at=applied_at)
    type(call).objects.update(**fields)


def funded_by_two(is_confirmed):
    project = make_project(two_people_call(), status="funded")
    make_decision_line(project, outcome="funded", award_eur=1, is_confirmed=is_confirmed)


def agreed(status="funded", **fields):
    project = make_project(status=status, amount_eur=50000, amount_kind="awarded")
    make_agreement(project, **fields)


def paid_on_report(approved_on, kind="interim", instalments=1, **fields):
    day = date(2020, 6, 1)
    project = make_project(status="funded")
    make_report(project, kind=kind, received_on=approved_on or day, approved_on=approved_on)
    for position in [1, 2][:instalments]:
        paid = {"report_kind": kind, "paid_on": day, "paid_eur": 1, "position": position}
        make_instalment(project, **paid | fields)


def unpaid(status="running", kind="", approved_on=None, signed_on=date(2020, 1, 1), **fields):
    """An instalment that may wait for a report."""
    project = make_project(status=status)
    make_agreement(project, we_signed_on=signed_on, lead_signed_on=signed_on)
    make_report(project, kind="interim", received_on=approved_on, approved_on=approved_on)
    make_instalment(project, report_kind=kind, **fields)


def decided_call(**fields):
    call = make_call(**fields)
    make_decision(call)
    return call


def with_states(least, status="funded", **fields):
    """Of Latvia, a member, and Belarus, an observer."""
    make_membership("LV")
    make_membership("BY", status="observer")
    call = make_call(min_member_states=least, **fields)
    project = make_project(call, status=status)
    make_partnership(project, make_partner(country="LV"), role="lead")
    make_partnership(project, make_partner(country="BY"))


def leaving(project_fields, **fields):
    make_partnership(make_project(**project_fields), make_partner(), **fields)


def became(day, starts_on):
    old = make_partner("Old body", successor=make_partner("New body"), succeeded_on=day)
    make_partnership(make_project(starts_on=starts_on), old)


def alike():
    make_partner("University of Latvia")
    make_partner("Latvijas Universitāte")
    find_all_duplicates()


def count_facets():
    alike()
    one, other = Partner.objects.all()
    mark_as_different(one, other, make_account("Editor"))


def circle(field):
    one = make_partner("One")
    other = make_partner("Other", **{field: one})
    Partner.objects.filter(pk=one.pk).update(**{field: other})


def leads_into_a_circle():
    """It leads there and is no part of it; nor is the chain that ends."""
    circle("parent")
    make_partner("Outside", parent=Partner.objects.get(name="One"))
    make_partner("Unit", parent=make_partner("Body"))


CONFLICT = {"declaration": "conflict", "conflict": "A partner."}
SUBMITTED = {
    "declaration": "none",
    "recommendation": "fund",
    "comment": "Sound.",
    "submitted_at": LONG_AGO,
}


def assigned(due, status="eligible", **fields):
    """An application of a call with a criterion, with one assessor."""
    project = make_project(make_call(assessments_due_on=today(due)), status=status)
    make_criterion(project.call)
    make_assessment(project, make_account("Assessor"), **fields)
    return project


def rejected(reason):
    project = make_project(status="rejected")
    make_decision_line(project, outcome="rejected", award_eur=None, reason=reason)


def reserve_of(budget, asks):
    make_project(make_call(budget_eur=budget), status="reserve", requested_eur=asks)


def contact_until(days):
    make_contact(make_project(), keep_until=today(days))


def last_letter(months, days, text="It is rejected."):
    """Two letters to one applicant, the last one so long ago."""
    project = make_project(status="rejected")
    for made_at in [LONG_AGO, noon_of(months_before(today(days), months))]:
        letter = make_letter(project, text=text, cancelled_at=LONG_AGO, cancelled_why="Wrong.")
        Letter.objects.filter(pk=letter.pk).update(made_at=made_at)


def noon_of(day):
    return timezone.make_aware(datetime.combine(day, time(12)))


def with_award(**fields):
    values = {"status": "funded", "amount_eur": 65000, "amount_kind": "awarded"}
    return make_project(decided_call(), **values | fields)


def one_more(results, published_at=None):
    """A project decided here, in a call that announced none."""
    decision = make_decision(make_call(funded_count=0), published_at=results)
    project = make_project(decision.call, status="funded", published_at=published_at)
    make_decision_line(project)


def closing_in(zone):
    """A call that closes on 31 March 22:30 UTC, which is 1 April in Stockholm only."""
    return make_call(closes_at=datetime(2019, 3, 31, 22, 30, tzinfo=UTC), time_zone=zone)


def at_new_year():
    """A call that closes in 2020 in UTC, and in 2019 in its own time zone."""
    closes_at = datetime(2020, 1, 1, 1, 0, tzinfo=UTC)
    return make_call(closes_at=closes_at, time_zone="America/New_York")


SPAN = {"starts_on": date(2020, 1, 1), "ends_on": date(2020, 12, 31)}
LATE = {"ends_on": date(2072, 8, 31)}
BREAKING = [
    ("public-without-lead", lambda: make_project(status="funded", published_at=LONG_AGO)),
    (
        "above-ceiling",
        lambda: make_project(
            make_call(ceiling_eur=65000), amount_eur=Decimal("65000.01"), amount_kind="ceiling"
        ),
    ),
    ("above-total-budget", lambda: with_award(total_budget_eur=Decimal("64999.99"))),
    (
        "results-without-decision",
        lambda: make_project(make_call(published_at=None), status="running"),
    ),
    ("headline-and-list", lambda: announced(lead_only(), "LV", "EE")),
    ("headline-and-list", lambda: announced(make_public_project(), "EE")),
    ("rules-of-the-call", lambda: with_states(2)),
    ("rules-of-the-call", lambda: make_project(make_call(max_months=11), status="funded", **SPAN)),
    (
        "rules-of-the-call",
        lambda: make_project(make_call(lead_from_member_state=True), status="funded"),
    ),
    ("ended", lambda: make_project(status="running", ends_on=today(-1))),
    ("completed-early", lambda: make_project(status="completed", ends_on=today(1))),
    ("outside-period", lambda: leaving(SPAN, joined_on=date(2021, 1, 1))),
    ("outside-period", lambda: leaving(SPAN, left_on=date(2021, 1, 1))),
    ("outside-period", lambda: leaving(SPAN, left_on=date(2019, 12, 31))),
    ("more-than-announced", lambda: make_project(make_call(funded_count=0), status="funded")),
    ("more-than-announced", lambda: one_more(results=None)),
    ("more-than-announced", lambda: one_more(results=LONG_AGO, published_at=LONG_AGO)),
    ("decided-early", lambda: make_decision(make_call(), decided_on=date(2019, 3, 30))),
    ("other-time-zone", lambda: make_call(description="Closes at 23:59 CET.")),
    ("unlikely-period", lambda: make_project(starts_on=date(2019, 3, 30))),
    (
        "unlikely-period",
        lambda: make_project(closing_in("Europe/Stockholm"), starts_on=date(2019, 3, 31)),
    ),
    ("unlikely-period", lambda: make_project(ends_on=date(2072, 8, 31))),
    ("unlikely-period", lambda: make_project(starts_on=date(2072, 8, 31))),
    ("unlikely-period", lambda: make_project(ends_on=date(2025, 1, 1))),
    ("unlikely-period", lambda: make_project(at_new_year(), ends_on=date(2025, 1, 1))),
    (
        "unlikely-period",
        lambda: make_project(make_call(opens_at=None, closes_at=None), **SPAN | LATE),
    ),
    (
        "decided-early",
        lambda: make_decision(closing_in("Europe/Stockholm"), decided_on=date(2019, 3, 31)),
    ),
    ("after-its-end", lambda: became(date(2019, 12, 31), date(2020, 1, 1))),
    ("alike", alike),
    ("circle", lambda: circle("parent")),
    ("circle", lambda: circle("successor")),
    ("assessments-overdue", lambda: assigned(-1)),
    ("contacts-to-delete", lambda: contact_until(29)),
    ("contacts-to-delete", lambda: contact_until(-1)),
    ("letters-to-delete", lambda: last_letter(60, 29)),
    ("rejected-without-reason", lambda: rejected("")),
    ("funded-by-one-person", lambda: funded_by_two(is_confirmed=False)),
    ("funded-by-one-person", lambda: make_project(two_people_call(), status="funded")),
    ("amount-against-agreement", lambda: agreed(amount_eur=60000)),
    ("amount-against-agreement", lambda: agreed(amount_eur=1, closed_on=date(2021, 1, 1))),
    ("paid-without-report", lambda: paid_on_report(approved_on=None)),
    ("paid-without-report", lambda: paid_on_report(None, kind="final")),
    ("paid-without-report", lambda: paid_on_report(date(2020, 5, 1), instalments=2)),
    ("started", lambda: make_project(status="funded", starts_on=today(), ends_on=today(9))),
    ("ready-to-pay", unpaid),
    ("ready-to-pay", lambda: unpaid(kind="interim", approved_on=date(2020, 5, 1))),
    ("open-account", lambda: agreed("terminated", amount_eur=1)),
    ("open-account", lambda: agreed("completed", amount_eur=1)),
    ("two-people-switched-off", lambda: switched(decided_by_two=False)),
    ("reserve-to-fund", lambda: reserve_of(100, asks=100)),
    ("projects-to-publish", lambda: make_project(decided_call(), status="funded")),
    ("incomplete-projects", lambda: complete(summary="")),
    ("incomplete-projects", lambda: complete(description="")),
    ("incomplete-projects", lambda: make_source(project=make_public_project(summary="S"))),
    ("fewer-than-announced", lambda: decided_call(funded_count=1)),
    ("announcement-flags", lambda: make_announcement_flag(project=make_project())),
]
KEEPING = [
    ("public-without-lead", make_public_project),
    ("public-without-lead", lambda: make_project(status="funded")),
    (
        "public-without-lead",
        lambda: make_project(status="funded", unpublished_at=LONG_AGO, unpublished_reason="x"),
    ),
    (
        "above-ceiling",
        lambda: make_project(
            make_call(ceiling_eur=65000), amount_eur=Decimal(65000), amount_kind="ceiling"
        ),
    ),
    ("above-ceiling", lambda: make_project(amount_eur=10**6, amount_kind="ceiling")),
    ("above-total-budget", lambda: with_award(total_budget_eur=65000)),
    ("above-total-budget", with_award),
    ("above-total-budget", lambda: with_award(amount_kind="ceiling", total_budget_eur=50000)),
    ("results-without-decision", lambda: make_project(decided_call(), status="funded")),
    ("results-without-decision", make_project),
    ("results-without-decision", lambda: make_project(make_call(), status="funded")),
    ("headline-and-list", lambda: announced(lead_only(), "LV")),
    ("headline-and-list", lead_only),
    ("headline-and-list", explained),
    ("rules-of-the-call", lambda: with_states(1)),
    ("rules-of-the-call", lambda: with_states(2, status="submitted")),
    ("rules-of-the-call", lambda: with_states(2, closes_at=None)),
    ("rules-of-the-call", lambda: make_project(make_call(ceiling_eur=1), status="funded")),
    ("ended", lambda: make_project(status="running", ends_on=today())),
    ("ended", lambda: make_project(status="completed", ends_on=today(-1))),
    ("completed-early", lambda: make_project(status="completed", ends_on=today())),
    (
        "outside-period",
        lambda: leaving(SPAN, joined_on=date(2020, 1, 1), left_on=date(2020, 12, 31)),
    ),
    ("outside-period", lambda: leaving({}, joined_on=date(2020, 1, 1))),
    ("more-than-announced", lambda: make_project(make_call(funded_count=1), status="funded")),
    ("more-than-announced", lambda: make_project(status="funded")),
    ("more-than-announced", lambda: one_more(results=LONG_AGO)),
    ("more-than-announced", lambda: one_more(LONG_AGO, LONG_AGO + timedelta(seconds=1))),
    ("decided-early", lambda: make_decision(make_call(), decided_on=date(2019, 3, 31))),
    ("other-time-zone", lambda: make_call(description="Closes at 23:59 CEST.")),
    ("unlikely-period", lambda: make_project(starts_on=date(2019, 3, 31))),
    (
        "unlikely-period",
        lambda: make_project(closing_in("America/New_York"), starts_on=date(2019, 3, 31)),
    ),
    ("unlikely-period", lambda: make_project(ends_on=date(2024, 12, 31))),
    (
        "decided-early",
        lambda: make_decision(closing_in("America/New_York"), decided_on=date(2019, 3, 31)),
    ),
    ("unlikely-period", lambda: make_project(starts_on=date(2019, 1, 1), starts_precision="year")),
    ("after-its-end", lambda: became(date(2020, 1, 1), date(2020, 1, 1))),
    ("alike", count_facets),
    ("circle", lambda: make_partner("Unit", parent=make_partner("Body"))),
    ("assessments-overdue", lambda: assigned(0)),
    ("assessments-overdue", lambda: assigned(-1, status="rejected")),
    ("assessments-overdue", lambda: assigned(-1, **CONFLICT)),
    ("assessments-overdue", lambda: assigned(-1, **SUBMITTED)),
    ("contacts-to-delete", lambda: contact_until(30)),
    ("letters-to-delete", lambda: last_letter(60, 31)),
    ("letters-to-delete", lambda: last_letter(60, 0, text="[…]")),
    ("rejected-without-reason", lambda: rejected("Too few partners.")),
    ("funded-by-one-person", lambda: funded_by_two(is_confirmed=True)),
    ("funded-by-one-person", lambda: make_project(make_call(), status="funded")),
    ("amount-against-agreement", lambda: agreed(amount_eur=50000)),
    ("paid-without-report", lambda: paid_on_report(approved_on=date(2020, 5, 1))),
    ("paid-without-report", lambda: paid_on_report(date(2020, 5, 1), "final", instalments=2)),
    ("started", lambda: make_project(status="running", starts_on=today(), ends_on=today(9))),
    ("started", lambda: make_project(status="funded", starts_on=today(1), ends_on=today(9))),
    ("started", lambda: make_project(status="funded", starts_on=today(-9), ends_on=today(-1))),
    ("started", lambda: make_project(status="funded", starts_on=today())),
    ("ready-to-pay", lambda: unpaid(signed_on=None)),
    ("ready-to-pay", lambda: unpaid(status="terminated")),
    ("ready-to-pay", lambda: unpaid(kind="interim")),
    ("ready-to-pay", lambda: unpaid(kind="final", approved_on=date(2020, 5, 1))),
    ("ready-to-pay", lambda: unpaid(due_on=date(2020, 5, 1))),
    ("ready-to-pay", lambda: unpaid(paid_on=date(2020, 5, 1), paid_eur=1)),
    ("open-account", lambda: agreed("running", amount_eur=1)),
    ("open-account", lambda: agreed("completed", amount_eur=1, closed_on=date(2021, 1, 1))),
    ("paid-without-report", lambda: paid_on_report(None, condition_waived="Agreed.")),
    ("two-people-switched-off", lambda: switched(applied_at=LONG_AGO, decided_by_two=False)),
    ("two-people-switched-off", lambda: switched(title="Other")),
    ("reserve-to-fund", lambda: reserve_of(100, asks=101)),
    ("reserve-to-fund", lambda: reserve_of(100, asks=None)),
    ("reserve-to-fund", lambda: reserve_of(None, asks=1)),
    ("projects-to-publish", lambda: make_project(make_call(), status="funded")),
    ("projects-to-publish", lambda: make_public_project(call=decided_call())),
    ("incomplete-projects", complete),
    ("incomplete-projects", lambda: make_project(status="funded")),
    ("fewer-than-announced", lambda: make_call(funded_count=1)),
    ("fewer-than-announced", decided_call),
    ("announcement-flags", lambda: make_announcement_flag(project=make_project(), is_settled=True)),
]


def key_of(value):
    return value if isinstance(value, str) else ""


@pytest.mark.parametrize(("key", "make"), BREAKING, ids=key_of)
def test_a_record_that_breaks_the_rule_is_found(key, make):
    make()
    sentences = found_by(key)
    assert sentences
    assert all(sentence.endswith(".") and "%(" not in sentence for sentence in sentences)


@pytest.mark.parametrize(("key", "make"), KEEPING, ids=key_of)
def test_a_record_that_keeps_the_rule_is_not_found(key, make):
    make()
    assert found_by(key) == []


def test_every_check_is_tried_both_ways():
    assert {key for key, _make in BREAKING} == BY_KEY.keys()
    assert {key for key, _make in KEEPING} == BY_KEY.keys()
    assert len(BY_KEY) == len(FAULTS) + len(TASKS)


def test_only_organisations_in_the_circle_are_named():
    leads_into_a_circle()
    assert len(found_by("circle")) == 2
    assert not any("Outside" in sentence or "Unit" in sentence for sentence in found_by("circle"))


def test_each_arrival_leads_to_where_it_is_fixed():
    flag = make_announcement_flag(project=make_project())
    [finding] = BY_KEY["announcement-flags"].findings()
    assert finding.url == f"/admin/projects/project/{flag.project_id}/change/#flags-heading"


def make_every_fault():
    """Records that break each rule, and in the same calls records that break none."""
    for _key, make in BREAKING:
        make()
    for call in Call.objects.all():
        make_project(call, status="rejected")
        make_project(call, status="withdrawn")


def test_every_link_of_the_work_list_leads_to_as_many_records_as_it_says():
    make_every_fault()
    client = client_of("superuser")
    page = client.get("/admin/")
    shown = {item.key: item for group in page.context["work"] for item in group.items}
    assert shown.keys() == {key for key in BY_KEY if found_by(key)}
    assert len(shown) >= 30  # few records of this test put others right
    for key, item in shown.items():
        every = client.get(f"/admin/work-list/{key}/").context
        assert item.only in [None, *every["findings"]]
        assert every["page"].paginator.count == item.number == len(BY_KEY[key].findings())
        for finding in every["findings"][:2]:  # more of the same kind cost seconds
            response = client.get(finding.url)
            assert response.status_code == 200, finding


def test_a_page_of_all_findings_loads_its_own_rows_only():
    for _ in range(3):
        make_public_project()
    check = BY_KEY["incomplete-projects"]
    with CaptureQueriesContext(connection) as queries:
        pages = Paginator(check.listed(), 2)
        assert [len(check.findings(page)) for page in pages] == [2, 1]
    count, *rows = (query["sql"] for query in queries)
    assert "COUNT(" in count
    assert all("LIMIT" in sql for sql in rows)


def test_a_scheduled_project_is_not_called_public():
    project = make_project(status="funded", published_at=soon())
    for key in ["public-without-lead", "incomplete-projects"]:
        [sentence] = found_by(key)
        assert sentence.startswith(f"{project.reference} becomes public ")


def test_a_disagreement_says_both_sides():
    project = lead_only()
    announced(project, "EE", "FI")
    [sentence] = found_by("headline-and-list")
    assert sentence == (
        f"{project.reference}: only in the headline: Estonia and Finland; only in the list of "
        "partners: Latvia. Correct it, or explain it."
    )


class CheckDataTests(TestCase):
    def answers(self):
        out = StringIO()
        try:
            call_command("check_data", stdout=out)
        except SystemExit as end:
            return out.getvalue(), end.code
        return out.getvalue(), 0

    def test_consistent_records_are_reported_as_consistent(self):
        complete(call=decided_call())
        assert self.answers() == ("No inconsistencies.\n", 0)

    def test_warnings_alone_are_no_failure(self):
        announced(lead_only(), "EE")
        with_award(total_budget_eur=50000)  # its form saves it, after a confirmation
        out, status = self.answers()
        assert status == 0
        assert "warning: " in out
        assert "65 000 EUR, but its total budget is 50 000 EUR." in out.replace("\xa0", " ")

    def test_an_error_is_a_failure_and_comes_first_with_its_address(self):
        announced(lead_only(), "EE")
        project = make_project(status="completed", ends_on=LATER)
        out, status = self.answers()
        assert status == 1
        first = out.splitlines()[0]
        assert first.startswith("error: "), first
        assert first.endswith(f"/admin/projects/project/{project.pk}/change/"), first

    def test_findings_caused_by_time_are_no_errors(self):
        make_call(closes_at=days_away(3))
        make_project(decided_call(), status="funded")
        assert self.answers()[1] == 0
        worse = {key for key, check in BY_KEY.items() if check.severity != Severity.NOTE}
        assert worse <= FAULTS.keys()
        assert inconsistencies() == []


class WorkListTests(TestCase):
    def test_the_work_list_shows_only_findings_that_the_account_may_fix(self):
        announced(lead_only(), "EE")
        alike()
        reserve_of(100, asks=100)
        for role, groups in [
            ("Viewer", {}),
            ("Editor", {"For you": 3}),
            ("Publisher", {"For you": 1, "For editors": 3}),
        ]:
            with self.subTest(role=role):
                found = {group.label: len(group.items) for group in work_list(make_account(role))}
                assert found == groups
                page = words(client_of(role).get("/admin/"))
                assert ("Nothing waits for you." in page) == (not groups)

    def test_overdue_assessments_wait_for_assessors(self):
        call = make_call(assessments_due_on=timezone.localdate() - timedelta(days=1))
        make_assessment(make_project(call, status="eligible"), make_account("Assessor"))
        groups = {group.label: group.items for group in work_list(make_account("Publisher"))}
        assert [item.key for item in groups["For assessors"]] == ["assessments-overdue"]

    def test_one_finding_leads_to_where_it_is_fixed_and_several_to_their_list(self):
        project = lead_only()
        announced(project, "EE")
        alike()
        client = client_of("Editor")
        page = words(client.get("/admin/"))
        assert f'href="/admin/projects/project/{project.pk}/change/">{project.reference}' in page
        assert 'href="/admin/partners/partner/duplicates/">' in page
        announced(lead_only(), "EE")
        page = words(client.get("/admin/"))
        assert 'href="/admin/work-list/headline-and-list/">' in page
        every = words(client.get("/admin/work-list/headline-and-list/"))
        assert every.count("only in the headline: Estonia") == 4  # line and link

    def test_a_group_of_findings_needs_the_permission_to_fix_them(self):
        address = "/admin/work-list/headline-and-list/"
        assert client_of("Viewer").get(address).status_code == 403
        assert "Nothing is left to do here" in words(client_of("Editor").get(address))
        assert client_of("Editor").get("/admin/work-list/nothing/").status_code == 404

    def test_it_costs_the_same_for_any_number_of_records(self):
        client = client_of("Publisher")
        costs = []
        for rows in (2, 3, 30):
            for _ in range(rows):
                announced(lead_only(), "EE")
                with_states_once()
            costs.append(number_of_queries(client, "/admin/"))
        assert len(set(costs)) == 1, costs


def with_states_once():
    project = make_project(make_call(min_member_states=3), status="funded")
    make_partnership(project, make_partner(country="LV"), role="lead")


def test_readers_see_the_explanation_beside_a_disagreement_only(client):
    for code, is_shown in [("EE", True), ("LV", False)]:
        project = lead_only()
        announced(project, code, disagreement_explained="Estonia withdrew before signing.")
        page = page_of(client, project)
        assert ("<p>Estonia withdrew before signing.</p>" in page) is is_shown
        assert ("contradicts itself" in page) is is_shown
