"""The stage of a call, and the strip of stages on its pages."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.utils import timezone

from projects.cockpit.state import next_act, running_states, state_of, steps
from projects.stages import CallStage
from tests.support.accounts import client_of, make_account, signed_in
from tests.support.factories import (
    make_agreement,
    make_assessment,
    make_call,
    make_criterion,
    make_decision,
    make_decision_line,
    make_instalment,
    make_letter,
    make_project,
    make_report,
)

pytestmark = pytest.mark.django_db

NOW, DAY = timezone.now(), timedelta(days=1)
COMING = {"opens_at": NOW + DAY, "closes_at": NOW + 9 * DAY, "published_at": None}
OPEN = {"opens_at": NOW - DAY, "closes_at": NOW + 9 * DAY, "published_at": NOW - DAY}
CLOSED = {"opens_at": NOW - 9 * DAY, "closes_at": NOW - DAY, "published_at": NOW - 9 * DAY}
HERE = {"applied_at": NOW, "published_at": None}
PUBLIC = {"applied_at": NOW, "published_at": NOW}


def call_of(dates, statuses=(), decision=None):
    call = make_call(**dates)
    for status in statuses:
        make_project(call, status=status)
    if decision is not None:
        make_decision(call, **decision)
    return call


@pytest.mark.parametrize(
    ("stage", "dates", "statuses", "decision"),
    [
        ("prepare", COMING, [], None),
        ("open", OPEN, ["submitted"], None),
        ("check", CLOSED, [], None),
        ("check", CLOSED, [], {"published_at": None}),
        ("publish", CLOSED, [], {"published_at": None, "decided_on": NOW.date()}),
        ("check", CLOSED, ["submitted", "eligible"], None),
        ("decide", CLOSED, ["eligible", "not_eligible"], {"published_at": None}),
        ("inform", CLOSED, ["funded", "rejected"], HERE),
        ("inform", {}, ["funded"], {"applied_at": NOW, "published_at": NOW + DAY}),
        ("publish", CLOSED, ["withdrawn"], HERE),
        ("publish", CLOSED, ["funded"], None),
        ("follow", CLOSED, ["funded"], PUBLIC),
        ("close", CLOSED, ["completed", "rejected"], PUBLIC),
        # Calls of earlier years: nobody manages their awards here.
        ("close", {}, ["funded"], {}),
        ("close", {}, ["funded"], None),
        ("close", {}, [], None),
        # A call that was entered after its end.
        ("check", {}, ["submitted"], None),
    ],
)
def test_the_stage_follows_from_the_records(stage, dates, statuses, decision):
    call = call_of(dates, statuses, decision)
    assert state_of(call.pk).stage == stage
    running = [row.call for row in running_states(make_account("Viewer"))]
    assert (call in running) == (stage != "close")
    assert running_states(AnonymousUser()) == []


def test_assessments_and_letters_move_the_stage():
    call = call_of(CLOSED, ["eligible"], {"published_at": None})
    make_criterion(call)
    assert state_of(call.pk).stage == CallStage.ASSESS
    project = call.projects.get()
    call.projects.update(status="funded")
    call.decision.applied_at = call.decision.published_at = NOW
    call.decision.save()
    assert state_of(call.pk).stage == CallStage.FOLLOW  # the results are public without a letter
    letter = make_letter(project)
    assert state_of(call.pk).stage == CallStage.INFORM
    letter.sent_at = NOW
    letter.save()
    assert state_of(call.pk).stage == CallStage.FOLLOW
    make_agreement(project, closed_on=NOW.date())
    call.projects.update(ends_on=(NOW - DAY).date())
    assert state_of(call.pk).stage == CallStage.CLOSE


@pytest.mark.parametrize("has_agreement", [True, False])
def test_a_call_stays_on_today_until_its_ended_projects_are_completed(has_agreement):
    publisher, call = make_account("Publisher"), call_of(CLOSED, ["running"], PUBLIC)
    project = call.projects.get()
    if has_agreement:
        make_agreement(project, closed_on=NOW.date())
    call.projects.update(ends_on=(NOW - DAY).date())
    call_of({}, ["funded"], {}).projects.update(ends_on=(NOW - DAY).date())  # of an earlier year
    [state] = running_states(publisher)
    assert state.call == call
    assert next_act(state, publisher).sentence == "1 project has ended and is not completed."
    call.projects.update(status="completed")
    assert running_states(publisher) == []


@pytest.mark.parametrize("status", ["completed", "terminated"])
def test_a_call_is_closed_once_each_account_is(status):
    publisher = make_account("Publisher")
    call = call_of(CLOSED, [status], PUBLIC)
    agreement = make_agreement(call.projects.get())

    def shown():
        is_running = call in [row.call for row in running_states(publisher)]
        return next_act(state_of(call.pk), publisher).sentence, is_running

    assert shown() == ("1 project is over, and its account is open.", True)
    assert facts(call)["Follow"].fact == "1 to settle"
    agreement.closed_on = NOW.date()
    agreement.save()
    assert shown() == ("Nothing is left to do.", False)


def facts(call, role="Publisher", here=None):
    return {step.label: step for step in steps(state_of(call.pk), make_account(role), here)}


def test_each_stage_has_a_fact():
    strip = facts(call_of(COMING), here=CallStage.OPEN)
    assert [strip["Prepare"].fact, strip["Open"].fact[:5]] == ["not public", "from "]
    assert [name for name, step in strip.items() if step.is_here] == ["Open"]
    assert {name: step.state for name, step in strip.items()}["Open"] == "later"
    assert (
        facts(call_of({**COMING, "published_at": NOW + DAY}))["Prepare"].fact[:10] == "public on "
    )
    assert facts(call_of({**COMING, "opens_at": None, "closes_at": None}))["Open"].fact == ""
    strip = facts(call_of(OPEN))
    assert [strip["Prepare"].state, strip["Open"].state] == ["done", "now"]
    assert [strip["Prepare"].fact, strip["Open"].fact[:6]] == ["public", "until "]
    call = call_of({**CLOSED, "assessments_due_on": NOW.date()}, ["submitted", "eligible"], HERE)
    call.decision.decided_on = NOW.date()
    call.decision.save()
    strip = facts(call)
    assert [strip["Open"].fact, strip["Check"].fact] == ["2 received", "1 to check"]
    assert strip["Assess"].fact.startswith("by ")
    assert strip["Decide"].fact.endswith(str(NOW.year))
    project = call.projects.get(status="eligible")
    make_assessment(project, make_account("Assessor"))
    make_decision_line(project, outcome="rejected", award_eur=None)
    strip = facts(call)
    assert [strip["Assess"].fact, strip["Decide"].fact] == ["0 of 1", "draft of 1"]
    call.projects.update(status="funded")
    strip = facts(call)
    assert [strip["Check"].fact, strip["Decide"].fact] == ["2 eligible", "2 funded"]
    assert [strip["Inform"].fact, strip["Publish"].fact] == ["2 to write", ""]
    assert [strip["Follow"].fact, strip["Close"].fact] == ["2 to manage", ""]
    letter = make_letter(project)
    assert facts(call)["Inform"].fact == "1 to send"
    letter.delete()
    make_letter(project, sent_at=NOW)
    make_letter(call.projects.exclude(pk=project.pk).get(), sent_at=NOW)
    assert facts(call)["Inform"].fact == "2 sent"
    call.decision.published_at = NOW + DAY
    call.decision.save()
    assert facts(call)["Publish"].fact.startswith("planned ")
    call.decision.published_at = NOW
    call.decision.save()
    make_report(project, received_on=NOW.date())
    make_instalment(project)
    call.projects.update(ends_on=(NOW - DAY).date())
    strip = facts(call)
    assert strip["Publish"].fact.endswith(str(NOW.year))
    assert [strip["Follow"].fact, strip["Close"].fact] == ["1 to approve", "2 to complete"]


def test_the_strip_leads_only_to_pages_that_the_account_may_open():
    call = call_of(CLOSED, ["eligible"])
    client = client_of("Publisher")
    for step in facts(call).values():
        assert client.get(step.url).status_code == 200, step
    account = make_account()
    account.user_permissions.set(Permission.objects.filter(codename="view_call"))
    strip = steps(state_of(call.pk), account)
    assert [step.label for step in strip if step.url] == ["Prepare"]
    assert signed_in(account).get(f"/admin/projects/call/{call.pk}/").status_code == 200
    assert client_of("Assessor").get(f"/admin/projects/call/{call.pk}/").status_code == 403
    assert client.get("/admin/projects/call/999999/").status_code == 404


def test_every_page_of_a_call_has_the_strip_and_the_list_leads_to_the_first_page():
    call = call_of(CLOSED, ["eligible"])
    client, base = client_of("Publisher"), f"/admin/projects/call/{call.pk}/"
    for page in ["", "change/", "assessment/", "decision/", "outbox/", "publish/", "history/"]:
        response = client.get(base + page)
        assert 'aria-label="Stages of the call"' in response.content.decode(), page
    assert f'href="{base}"' in client.get("/admin/projects/call/").content.decode()
