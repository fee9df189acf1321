"""The first page of a call and Today: every number equals the list that it opens."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from projects.models import Agreement, Call, Evidence, Project
from psf.history import recording
from psf.history.models import Channel
from tests.projects.cockpit.test_state import CLOSED, COMING, HERE, NOW, OPEN, PUBLIC, call_of
from tests.support.accounts import client_of, make_account, signed_in
from tests.support.factories import (
    make_agreement,
    make_assessment,
    make_call,
    make_criterion,
    make_decision_line,
    make_instalment,
    make_letter,
    make_partner,
    make_partnership,
    make_project,
    make_repayment,
    make_report,
    make_waiver,
)
from tests.support.hidden_records import number_of_queries, words

pytestmark = pytest.mark.django_db

RULES = {"ceiling_eur": 60_000, "min_cofunding_percent": 10, "budget_eur": 200_000}
GOOD = {"requested_eur": 50_000, "total_budget_eur": 90_000}
TODAY = timezone.localdate()


def page_of(call, page=""):
    return f"/admin/projects/call/{call.pk}/{page}"


def in_check():
    call = call_of(CLOSED | RULES)
    make_project(call, **GOOD)
    make_project(call, **GOOD, received_on=TODAY - timedelta(days=3))
    make_project(call, **GOOD, received_on=TODAY)
    make_project(call, **GOOD | {"requested_eur": 61_000})
    make_project(call, requested_eur=50_000)
    make_project(call, **GOOD, status="withdrawn")
    return call


def in_assessment():
    call = call_of(CLOSED | {"assessors_needed": 2})
    make_criterion(call)
    for _ in range(2):
        make_project(call, status="eligible", **GOOD)
    make_project(call, status="not_eligible")
    anna = make_account("Assessor", first_name="Anna", email="anna@example.org")
    ben = make_account("Assessor")
    first, second = call.projects.filter(status="eligible")
    make_assessment(first, anna)
    make_assessment(first, ben)
    make_assessment(second, anna, declaration="conflict", conflict="My sister.")
    return call


def assigned():
    call = in_assessment()
    second = call.projects.filter(status="eligible").last()
    make_assessment(second, make_account("Assessor", email="cecilia@example.org"))
    make_assessment(second, make_account("Assessor"))
    return call


def in_decision(covered=3):
    call = call_of(CLOSED | RULES, ["eligible"] * 3, {"published_at": None})
    lines = [
        {"award_eur": 55_000},
        {"outcome": "reserve", "award_eur": None, "reserve_place": 1},
        {"outcome": "rejected", "award_eur": None},
    ]
    call.projects.update(**GOOD)
    for project, line in zip(call.projects.all()[:covered], lines, strict=False):
        make_decision_line(project, **line)
    return call


def in_letters():
    call = call_of(CLOSED, ["funded", "rejected", "reserve"], HERE)
    make_letter(call.projects.get(status="rejected"), sent_at=NOW, kind="award")
    make_letter(call.projects.get(status="reserve"))
    return call


def awarded(**decision):
    call = call_of(CLOSED | RULES, ["funded", "running", "completed"], PUBLIC | decision)
    call.projects.update(amount_eur=50_000, amount_kind="awarded", **GOOD)
    project = call.projects.get(status="running")
    make_agreement(project)
    due = TODAY + timedelta(days=5)
    make_instalment(project, paid_on=date(2020, 1, 1), paid_eur=30_000)
    make_instalment(project, position=2, due_on=due)
    make_report(project, due_on=TODAY - timedelta(days=2))
    make_report(project, received_on=TODAY, kind="final")
    make_repayment(project)
    return call


def over():
    call = call_of(CLOSED, ["funded", "completed"], {})
    call.projects.update(ends_on=TODAY - timedelta(days=1))
    return call


MAKERS = [
    *[lambda: call_of(COMING), lambda: call_of(COMING | RULES | {"title": "Ready"})],
    *[lambda: call_of(OPEN), lambda: call_of(OPEN | {"published_at": None}, ["submitted"])],
    *[lambda: call_of(CLOSED), in_check, in_assessment, assigned],
    *[lambda: in_decision(0), lambda: in_decision(1), in_decision, in_letters],
    *[lambda: call_of(CLOSED, ["funded"], PUBLIC | {"published_at": NOW + timedelta(days=3)})],
    *[awarded, over, lambda: call_of({}, [], {})],
]


def lists_of(page):
    """The lists of projects to which the page leads, each with the number in its link."""
    html = page.content.decode()
    links = re.findall(r'<a [^>]*href="(/admin/projects/project/\?[^"]*)"[^>]*>(.*?)</a>', html)
    for url, inside in links:
        visible = re.sub(r'<span class="visually-hidden">.*?</span>|<[^>]*>', " ", inside)
        if found := re.search(r"\d+", visible):
            yield url.replace("&amp;", "&"), int(found[0])


@pytest.mark.parametrize("make", MAKERS)
def test_every_number_equals_the_list_that_it_opens(make):
    call, client = make(), client_of("Publisher")
    page = client.get(page_of(call))
    assert page.status_code == 200
    counted = dict(lists_of(page))
    for url, number in lists_of(page):
        assert client.get(url).context["cl"].result_count == number, url
    assert len(counted) >= 3
    for number, _words, url in page.context["letters"]:
        found = client.get(url).context
        assert len(found["rows"] if "rows" in found else found["cl"].result_list) == number, url
    act = page.context["act"]
    assert act.url and client.get(act.url).status_code == 200, act


def test_the_closing_is_told_in_both_time_zones_once_they_differ():
    client = client_of("Viewer")
    yesterday = timezone.localtime() - timedelta(days=1)
    here = words(client.get(page_of(call_of(CLOSED | {"closes_at": yesterday}))))
    assert "1 day ago" in here and " here)" not in here
    assert "Readers see: in assessment" in here
    there = words(client.get(page_of(call_of(CLOSED | {"time_zone": "America/New_York"}))))
    hour = timezone.localtime(CLOSED["closes_at"]).strftime("%H:%M")
    assert f"{hour} CE" in there and " here)" in there
    day = call_of(CLOSED | {"time_zone": "America/New_York", "closes_precision": "day"})
    assert " here)" not in words(client.get(page_of(day)))
    Call.objects.filter(pk=day.pk).update(published_at=None)
    assert "Readers see nothing yet" in words(client.get(page_of(day)))


def test_a_call_is_closed_from_the_moment_of_its_closing():
    now = timezone.now()
    for moment, precision, word in [
        (now - timedelta(seconds=1), "minute", "Closed"),
        (now + timedelta(minutes=5), "minute", "Closes"),
        (now + timedelta(days=90), "month", "Closes"),
        (now - timedelta(days=90), "month", "Closed"),
    ]:
        moments = {"opens_at": moment - timedelta(days=9), "closes_at": moment}
        call = call_of(OPEN | moments | {"closes_precision": precision})
        assert f"{word} <strong>{call.closes()}</strong>" in words(
            client_of("Viewer").get(page_of(call))
        )


def test_each_role_sees_who_may_act_and_only_its_own_buttons():
    call = in_check()
    for role, label in [("Publisher", "Make 2 eligible…"), ("Editor", ""), ("Viewer", "")]:
        page = client_of(role).get(page_of(call))
        assert "2 of 6 applications meet every rule and arrived in time." in words(page)
        needed = "“Make 2 eligible” needs the role Publisher or Administrator. They become"
        assert (needed in words(page)) != bool(label)
        assert ("psf-button--filled" in page.content.decode()) == bool(label)
    page = client_of("Viewer").get(page_of(call_of(OPEN)))
    assert "needs the role Editor, Publisher or Administrator." in words(page)
    bare = make_account()
    bare.user_permissions.set([])
    assert signed_in(bare).get(page_of(call)).status_code == 403


def test_what_is_blocked_names_rules_and_reasons():
    rows = client_of("Publisher").get(page_of(in_check())).context["blocked"]
    assert [(row.number, row.reason) for row in rows] == [
        (1, "does not meet a rule: Grant for one project 1"),
        (1, "lacks a fact, so a rule cannot be checked"),
        (1, "arrived late: accept it with a reason, or not"),
    ]
    assert client_of("Publisher").get(page_of(call_of(OPEN))).context["blocked"] == []
    waived = call_of(CLOSED | RULES)
    make_waiver(make_project(waived, **GOOD | {"requested_eur": 61_000}), rule="grant")
    assert client_of("Publisher").get(page_of(waived)).context["act"].label == "Make 1 eligible…"


def test_the_draft_is_applied_only_by_who_may():
    call = in_decision()
    page = client_of("Publisher").get(page_of(call))
    assert page.context["act"].label == "Open the draft"
    assert "Rejected without a reason" in page.context["act"].note
    call.projects.get(decision_line__outcome="rejected").decision_line.delete()
    call.projects.filter(decision_line=None).update(status="rejected")
    page = client_of("Publisher").get(page_of(call))
    assert page.context["act"].url == page_of(call, "apply-decision/")
    assert [row for row in page.context["applications"] if "draft" in row.label]
    assert dict(page.context["money"]["rows"])["Draft"].startswith("55")
    hidden = client_of("Editor").get(page_of(call))
    assert not [row for row in hidden.context["applications"] if "draft" in row.label]
    assert "Draft" not in dict(hidden.context["money"]["rows"])


def test_the_sums_of_an_awarded_call():
    page = client_of("Publisher").get(page_of(awarded()))
    sums = {label: text.replace("\xa0", " ") for label, text in page.context["money"]["rows"]}
    assert sums == {
        "Budget": "200 000 EUR",
        "Requested": "150 000 EUR",
        "Awarded": "150 000 EUR",
        "Contracted": "60 000 EUR",
        "Paid": "30 000 EUR",
        "Due in 30 days": "30 000 EUR",
        "Returned": "100 EUR",
        "Free": "50 000 EUR",
    }
    parts = page.context["money"]["parts"]
    assert sum(part.width for part in parts) == pytest.approx(1000, abs=1)
    labels = ["Paid", "Due in 30 days", "Awarded, not contracted", "Free"]
    assert [part.label for part in parts] == labels
    [(account, step)] = [row[1:] for row in page.context["awards"] if row[2]]
    assert (step.words, account.paid) == ("Interim report", Decimal(30_000))
    assert len(page.context["due"]) == 2
    assert page.content.decode().count("Applications</") == 1
    assert page.context["assessors"] == []  # one line says how many have submitted
    assert "Contracted" not in str(client_of("Viewer").get(page_of(in_check())).context["money"])


def test_a_closed_account_counts_with_its_final_amount():
    call = awarded()
    agreement = Agreement.objects.get(project__call=call)
    agreement.closed_on = date(2021, 1, 1)
    agreement.save()
    final = {"amount_eur": 29_900, "amount_kind": "final"}
    Project.objects.filter(pk=agreement.project_id).update(**final)
    money = client_of("Publisher").get(page_of(call)).context["money"]
    assert ("Awarded or paid in the end", "129\xa0900\xa0EUR") in money["rows"]
    assert [(part.label, part.amount.replace("\xa0", " ")) for part in money["parts"]] == [
        ("Paid, less repayments", "29 900"),
        ("Awarded, not contracted", "100 000"),
        ("Free", "70 100"),
    ]


def test_last_changes_lead_to_their_undo():
    call = in_check()
    with recording.change_set(None, channel=Channel.COMMAND):
        call.projects.update(summary="Changed.")
    page = client_of("Publisher").get(page_of(call))
    [(change_set, said), *_] = page.context["changes"]
    assert said == "Projects: 6"
    assert f'href="/admin/history/changeset/{change_set.pk}/change/">Undo…' in page.content.decode()


def test_letters_and_scheduled_results():
    page = client_of("Publisher").get(page_of(in_letters()))
    assert [(number, text) for number, text, _url in page.context["letters"]] == [
        (1, "without a letter"),
        (2, "out of date"),
    ]
    later = call_of(CLOSED, ["funded"], PUBLIC | {"published_at": NOW + timedelta(days=3)})
    make_letter(later.projects.get(), sent_at=NOW)
    act = client_of("Publisher").get(page_of(later)).context["act"]
    assert act.label == "Cancel the publication…"


def test_all_that_meet_every_rule_become_eligible_together():
    call, client = in_check(), client_of("Publisher")
    url = client.get(page_of(call)).context["act"].url
    assert client_of("Editor").get(url).status_code == 403
    page = client.get(url)
    assert len(page.context["projects"]) == 2
    client.post(url, {"version": page.context["form"].version})
    assert call.projects.filter(status="eligible").count() == 2
    assert Evidence.objects.filter(call=call, kind="eligibility").count() == 2


def test_applications_are_screened_after_the_closing_only():
    url, numbers = "/admin/projects/project/?group=unmet", []
    for dates in [CLOSED, OPEN]:
        call = call_of(dates | {"min_member_states": 3, "max_months": 12}, ["submitted"])
        make_partnership(call.projects.get(), make_partner(), role="lead")
        page = client_of("Publisher").get(f"{url}&call__id__exact={call.pk}")
        numbers.append(page.context["cl"].result_count)
    assert numbers == [1, 0]


def test_a_figure_is_taken_over_once_the_records_are_complete():
    call, client = in_check(), client_of("Editor")
    page = client.get(page_of(call))
    assert [bool(row.take_over) for row in page.context["applications"]][:3] == [True, False, False]
    url = page_of(call, "take-over/received/")
    form = client.get(url)
    assert "Announce 6" in form.content.decode()
    assert client.post(url, {"version": form.context["form"].version}).url == page_of(call)
    call.refresh_from_db()
    assert call.received_count == 6
    assert "do not give another figure" in words(client.get(url))
    assert client.get(page_of(call, "take-over/weight/")).status_code == 404
    assert client_of("Viewer").get(url).status_code == 403
    call.projects.exclude(status="withdrawn").update(status="eligible")
    Call.objects.filter(pk=call.pk).update(received_count=2)
    url = page_of(call, "take-over/eligible/")
    form = client.get(url)
    answer = words(client.post(url, {"version": form.context["form"].version}))
    assert "more eligible applications than received applications" in answer
    readers = client_of("Viewer").get(page_of(awarded())).context["applications"]
    assert readers[0].readers == "“not published”"
    announced = call_of(CLOSED | {"received_count": 3}, ["funded"], PUBLIC)
    shown = client_of("Viewer").get(page_of(announced)).context["applications"]
    assert (shown[0].announced, shown[0].readers) == ("3", "3")


def test_an_announced_figure_stays_if_an_application_is_withdrawn_later():
    counts = {"received_count": 4, "eligible_count": 3, "funded_count": 3}
    call = call_of(CLOSED | counts, ["funded", "running", "rejected"], PUBLIC)

    def offered():
        rows = client_of("Editor").get(page_of(call)).context["applications"]
        return [bool(row.take_over) for row in rows[:3]]

    assert offered() == [True, False, True]
    call.projects.filter(status="running").update(status="withdrawn")
    assert offered() == [True, False, False]


def test_assessors_are_reminded_by_mail(settings):
    settings.EMAIL_HOST = "127.0.0.1"
    call, client = assigned(), client_of("Publisher")
    page = client.get(page_of(call))
    [anna] = [row for row in page.context["assessors"] if row.first_name == "Anna"]
    assert (anna.assigned, anna.done, anna.conflicts) == (1, 0, 1)
    assert '<th scope="row">Anna</th>' in page.content.decode()
    url = page_of(call, "remind/")
    form = client.get(url)
    assert len(form.context["rows"]) == 4
    sent = {"version": form.context["form"].version}
    assert "2 assessors were reminded." in words(client.post(url, sent, follow=True))
    assert [message.to for message in mail.outbox] == [
        ["anna@example.org"],
        ["cecilia@example.org"],
    ]
    assert "1 application of" in mail.outbox[0].body
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 9
    assert "refused the mail" in words(client.post(url, sent, follow=True))
    call.projects.update(status="withdrawn")
    assert "No assessor with an address" in words(client.get(url))
    settings.EMAIL_HOST = ""
    assert "sends no mail" in words(client.get(url))


def test_today_shows_running_calls_work_and_records():
    make_call(title="Over")
    calls = [in_check(), awarded()]
    make_partner()
    client = client_of("Publisher")
    page = client.get("/admin/")
    assert {state.call for state, _act in page.context["calls"]} == set(calls)
    acts = {str(state.stage.label): act for state, act in page.context["calls"]}
    assert acts.keys() == {"Check", "Follow"}
    # Today does not check the rules of all applications.
    assert acts["Check"].sentence == "5 applications are not checked yet."
    assert acts["Check"].url == page_of(calls[0])
    assert [late for _row, _state, late in page.context["due"]] == [True, False]
    for name, url, number in page.context["records"]:
        assert client.get(url).context["cl"].result_count == number, name
    for group in page.context["work"]:
        for item in group.items:
            every = client.get(f"/admin/work-list/{item.key}/").context["page"]
            assert every.paginator.count == item.number, item


def test_an_assessor_sees_as_many_assessments_as_today_says():
    call = assigned()
    client = signed_in(call.projects.first().assessments.get(assessor__first_name="Anna").assessor)
    page = client.get("/admin/")
    [waiting] = page.context["mine"]
    [url] = re.findall(r'href="([^"]*state=to_do[^"]*)"', page.content.decode())
    listed = client.get(url.replace("&amp;", "&")).context["cl"].result_count
    assert waiting["number"] == listed == 1


@pytest.mark.parametrize("make", [in_check, assigned, awarded])
def test_it_costs_the_same_for_any_number_of_records(make):
    call, client = make(), client_of("Publisher")
    url, costs = page_of(call), []
    for rows in [3, 9]:
        for _ in range(rows):
            with recording.change_set(None, channel=Channel.COMMAND):
                make_project(call, status=call.projects.first().status, **GOOD)
        costs.append([number_of_queries(client, address) for address in [url, "/admin/"]])
    assert all(more <= few for few, more in zip(*costs, strict=True)), costs
