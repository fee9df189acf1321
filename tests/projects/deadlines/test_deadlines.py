"""The calendar of deadlines: content, access, feeds and reminders."""

import re
from datetime import UTC, date, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from projects.cockpit.state import GROUPS
from projects.deadlines.kinds import deadlines_for
from projects.models import Call, Project
from psf.accounts.models import CalendarAddress, SentReminder
from tests.support.accounts import client_of, make_account, signed_in
from tests.support.cases import soon
from tests.support.factories import (
    make_agreement,
    make_assessment,
    make_call,
    make_decision,
    make_instalment,
    make_project,
    make_report,
)
from tests.support.hidden_records import assert_no_secret_in, hide_canaries, number_of_queries

pytestmark = pytest.mark.django_db


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


def found_by(role="Publisher"):
    today = timezone.localdate()
    found = deadlines_for(make_account(role), Call.objects.all(), today)
    return [(one.day, one.subject(), one.words, one.state(today)) for one in found]


def undated_call(**fields):
    return make_call(**{"opens_at": None, "closes_at": None} | fields)


def rows_of(response):
    assert response.status_code == 200
    return [(deadline.subject(), state) for deadline, state, _overdue in response.context["rows"]]


# Content


def test_a_call_closes_on_the_day_in_its_own_time_zone():
    make_call(
        title="Past",
        closes_at=datetime(2026, 3, 31, 22, 30, tzinfo=UTC),
        time_zone="Europe/Helsinki",
    )
    make_call(closes_precision="month")
    undated_call()
    words = "The call closes: 1 April 2026, 01:30 EEST"
    assert found_by() == [(date(2026, 4, 1), "Past", words, "past")]


def test_a_coming_closing_shows_the_days_left():
    call = make_call(closes_at=soon(), closes_precision="day")
    [(day, subject, _words, state)] = found_by()
    assert (day, subject) == (call.closing_day(), call.title)
    assert state == "in 1 day"


@pytest.mark.parametrize(
    ("days", "status", "state"),
    [
        (-2, "eligible", "overdue by 2 days"),
        (-1, "eligible", "overdue by 1 day"),
        (-1, "rejected", "past"),
        (0, "eligible", "today"),
        (3, "rejected", "in 3 days"),
    ],
)
def test_a_decision_is_overdue_while_an_application_is_undecided(days, status, state):
    call = undated_call()
    make_decision(call, decided_on=in_days(days))
    make_project(call, status=status)
    assert found_by() == [(in_days(days), call.title, "Decision", state)]


def test_an_applied_decision_is_no_longer_due():
    make_decision(undated_call(), decided_on=in_days(0), applied_at=timezone.now())
    assert [state for *_words, state in found_by()] == ["done"]


def test_assessments_are_due_on_their_day_or_with_the_decision():
    call, assessor = undated_call(), make_account("Assessor")
    make_decision(call, decided_on=in_days(5))

    def given(call, status="eligible", **fields):
        make_assessment(make_project(call, status=status), assessor, **fields)

    given(call)
    given(call, declaration="conflict", conflict="Kin.")
    given(call, status="withdrawn")
    given(undated_call())
    words = "Assessments not submitted: 1"
    assert (in_days(5), call.title, words, "in 5 days") in found_by()
    assert words not in str(found_by("Viewer"))
    Call.objects.filter(pk=call.pk).update(assessments_due_on=in_days(3))
    assert (in_days(3), call.title, words, "in 3 days") in found_by()


@pytest.mark.parametrize(
    ("days", "status", "state"),
    [
        (-1, "running", "overdue by 1 day"),
        (-1, "funded", "past"),
        (-1, "completed", "past"),
        (2, "terminated", "done"),
        (2, "funded", "in 2 days"),
    ],
)
def test_a_project_is_overdue_while_it_runs_after_its_end(days, status, state):
    project = make_project(undated_call(), status=status, ends_on=in_days(days))
    make_project(undated_call(), status="rejected", ends_on=in_days(days))
    assert found_by() == [(in_days(days), project.reference, "The project ends", state)]


@pytest.mark.parametrize(("done", "state"), [(False, "overdue by 1 day"), (True, "past")])
def test_reports_and_instalments_are_overdue_until_done(done, state):
    project, day = make_project(undated_call(), status="funded"), in_days(-1)
    paid = {"paid_on": day, "paid_eur": 1} if done else {}
    make_instalment(project, due_on=day, **paid)
    make_instalment(project, position=2)
    days = {"received_on": day, "approved_on": day} if done else {}
    make_report(project, due_on=day, **days)
    assert found_by() == [
        (day, project.reference, "Instalment: on signature", state),
        (day, project.reference, "Interim report", state),
    ]


def test_a_received_report_waits_for_its_approval():
    project = make_project(undated_call(), status="funded")
    make_report(project, due_on=in_days(1), received_on=in_days(0))
    [(_day, _subject, words, _state)] = found_by()
    assert words == "Interim report: received, not approved"


def test_nothing_is_due_after_an_account_closed_or_an_award_fell_away():
    day = in_days(-1)
    closed = make_project(undated_call(), status="terminated")
    make_agreement(closed, closed_on=day)
    make_instalment(closed, due_on=day, paid_on=day, paid_eur=1)
    make_instalment(closed, position=2, due_on=day)
    make_report(closed, due_on=day)
    make_report(make_project(undated_call(), status="withdrawn"), due_on=day)
    assert found_by() == [(day, closed.reference, "Instalment: on signature", "past")]


@pytest.mark.parametrize("status", ["completed", "terminated"])
def test_a_project_that_is_over_owes_its_final_report_until_the_account_closes(status):
    day, project = in_days(-1), make_project(undated_call(), status="running")
    agreement = make_agreement(project)
    make_report(project, due_on=day)
    make_report(project, due_on=day, received_on=day)
    make_report(project, kind="final", due_on=day)

    def owed():
        late = Project.objects.filter(GROUPS["report-late"]()).exists()
        return [words for _day, _subject, words, _state in found_by()], late

    received = "Interim report: received, not approved"
    assert owed() == (["Final report", "Interim report", received], True)
    Project.objects.update(status=status)
    assert owed() == (["Final report", received], True)
    agreement.closed_on = day
    agreement.save()
    assert owed() == ([], False)


# The page


def test_overdue_deadlines_come_first_and_old_ones_last():
    call = undated_call(title="This one")
    for days, status in [(-9, "funded"), (-5, "funded"), (-3, "running"), (4, "funded")]:
        make_project(call, reference=f"P{days}", status=status, ends_on=in_days(days))
    make_project(undated_call(), reference="Other", status="funded", ends_on=in_days(1))
    client = client_of("Viewer")

    rows = rows_of(client.get(reverse("admin:calendar")))
    assert [subject for subject, _state in rows] == ["P-3", "Other", "P4", "P-5", "P-9"]
    response = client.get(reverse("admin:call_calendar", args=[call.slug]))
    assert [subject for subject, _state in rows_of(response)] == ["P-3", "P4", "P-5", "P-9"]
    assert client.get(reverse("admin:call_calendar", args=["none"])).status_code == 404
    cockpit = client.get(f"/admin/projects/call/{call.pk}/").content.decode()
    assert reverse("admin:call_calendar", args=[call.slug]) in cockpit


def test_the_number_of_queries_is_constant():
    client, assessor, costs = client_of("Publisher"), make_account("Assessor"), []
    for rows in [1, 2]:
        for _row in range(rows):
            project = make_project(status="funded", ends_on=in_days(1))
            make_decision(project.call, decided_on=in_days(1))
            make_assessment(project, assessor)
        costs.append(number_of_queries(client, reverse("admin:calendar")))
    assert costs[0] == costs[1]


# The private address


def address_made_by(client):
    response = client.post(reverse("admin:calendar"))
    address = response.context["address"]
    assert address in response.content.decode()
    assert address not in client.get(reverse("admin:calendar")).content.decode()
    return address.removeprefix("http://127.0.0.1:8000")


def test_a_calendar_follows_the_permissions_of_its_owner(client):
    project = make_project(
        undated_call(), title="Secret title", status="running", ends_on=in_days(-1)
    )
    closing = make_call(title="Ours", closes_at=datetime(2030, 5, 4, 10, tzinfo=UTC))
    address = address_made_by(signed_in(make_account("Publisher", username="ada")))
    assert str(CalendarAddress.objects.select_related("user").get()) == "ada"

    response = client.get(address)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies
    assert b"Secret title" not in response.content
    ends, closes = Calendar.from_ical(response.content).walk("VEVENT")
    assert ends["summary"] == f"{project.reference}: The project ends (overdue by 1 day)"
    assert ends["dtstart"].dt == in_days(-1)
    change = reverse("admin:projects_project_change", args=[project.pk])
    assert ends["url"] == f"http://127.0.0.1:8000{change}"
    assert closes["dtstart"].dt == closing.closes_at
    assert client.post(address).status_code == 405


def test_a_feed_leaves_out_what_was_done_more_than_a_year_ago(client):
    call = undated_call()
    make_project(call, reference="OLD", status="completed", ends_on=in_days(-366))
    make_project(call, reference="NEW", status="completed", ends_on=in_days(-365))
    make_project(call, reference="LATE", status="running", ends_on=in_days(-400))
    address = address_made_by(signed_in(make_account("Publisher")))
    events = Calendar.from_ical(client.get(address).content).walk("VEVENT")
    assert [event["summary"].partition(":")[0] for event in events] == ["LATE", "NEW"]


def test_a_new_address_ends_the_earlier_address(client):
    account = make_account("Viewer")
    staff = signed_in(account)
    first, second = address_made_by(staff), address_made_by(staff)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    account.is_active = False
    account.save()
    assert client.get(second).status_code == 404


def test_a_feed_ends_with_the_role(client):
    account = make_account("Viewer")
    address = address_made_by(signed_in(account))
    account.groups.clear()
    assert client.get(address).status_code == 404
    assert client.get("/admin/calendar/guess.ics").status_code == 404


# For readers


def test_the_public_feed_lists_public_calls(client):
    hide_canaries()
    call = make_call(
        title="PSF 2031",
        opens_at=datetime(2031, 1, 9, 8, tzinfo=UTC),
        closes_at=datetime(2031, 3, 31, 22, 59, tzinfo=UTC),
        closes_precision="day",
    )
    make_call(title="Vague", opens_precision="month", closes_precision="year")

    response = client.get("/calls.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert_no_secret_in(response)
    events = Calendar.from_ical(response.content).walk("VEVENT")
    assert len({str(event["uid"]) for event in events}) == len(events)
    said = {str(event["summary"]): event["dtstart"].dt for event in events}
    assert said["PSF 2031 opens"] == call.opens_at
    assert said["PSF 2031 closes"] == date(2031, 4, 1)
    assert "Vague" not in str(said)
    assert client.get("/calls.ics", headers={"If-None-Match": response["ETag"]}).status_code == 304
    assert '"/calls.ics"' in client.get("/calls/").content.decode()


def test_a_call_has_a_calendar_file_of_its_own(client):
    make_call(title="PSF 2032")
    call = make_call(title="PSF 2031", slug="psf-2031", closes_at=soon())
    response = client.get("/calls/psf-2031.ics")
    events = Calendar.from_ical(response.content).walk("VEVENT")
    assert [str(event["summary"]) for event in events] == ["PSF 2031 opens", "PSF 2031 closes"]
    assert '"/calls/psf-2031.ics"' in client.get(call.get_absolute_url()).content.decode()
    Call.objects.update(published_at=None)
    assert client.get("/calls/psf-2031.ics").status_code == 404


# Reminders


def remind(capsys, *args):
    call_command("send_reminders", *args)
    return capsys.readouterr().out


@pytest.fixture
def mail_server(settings):
    settings.EMAIL_HOST = "mail.example.org"


@pytest.fixture
def follower(mail_server):
    return make_account("Publisher", email="ada@example.org", username="ada")


def running(days, **fields):
    return make_project(undated_call(), status="running", ends_on=in_days(days), **fields)


def test_managers_of_awards_are_reminded_once_a_day(follower, capsys):
    late, soon = running(-2, title="Secret title"), running(3)
    running(15)
    make_account("Publisher")  # without an address
    make_account("Publisher", email="gone@example.org", is_active=False)
    make_account("Editor", email="editor@example.org")
    make_account("Assessor", email="assessor@example.org")

    assert remind(capsys) == "Reminders sent: 1.\n"
    [message] = mail.outbox
    assert message.to == ["ada@example.org"]
    assert message.subject == "PSF: 1 overdue, 1 coming"
    assert f"(overdue by 2 days): {late.reference}, The project ends" in message.body
    assert f"(in 3 days): {soon.reference}, The project ends" in message.body
    assert "http://127.0.0.1:8000/admin/calendar/" in message.body
    assert "Secret title" not in message.body

    assert remind(capsys) == "Reminders sent: 0.\n"
    assert str(SentReminder.objects.select_related("user").get()) == f"ada: {in_days(0)}"
    SentReminder.objects.update(sent_on=in_days(-1))
    assert remind(capsys) == "Reminders sent: 1.\n"
    assert len(mail.outbox) == 2


def test_a_wrong_address_stops_no_other_reminder(follower, capsys):
    running(-2)
    make_account("Publisher", email="aa@example.org\nbb", username="aa")
    with pytest.raises(CommandError, match=r"Not sent: aa: (BadHeader|Value)Error\."):
        call_command("send_reminders")
    assert [message.to for message in mail.outbox] == [["ada@example.org"]]
    assert [row.user for row in SentReminder.objects.filter(sent_on=in_days(0))] == [follower]


def reason_of_no_reminders(role, **account):
    page = client_of(role, **account).get(reverse("admin:calendar")).content.decode()
    found = re.search("You get no reminders by e-mail, because ([^.]+)", page)
    return found and found[1]


def test_who_is_not_reminded_without_an_address_reads_so(mail_server):
    assert reason_of_no_reminders("Publisher") == "your account has no e-mail address"
    assert reason_of_no_reminders("Publisher", email="a@example.org") is None
    assert reason_of_no_reminders("Editor") is None


def test_without_a_mail_server_nobody_is_said_to_be_reminded(follower, settings, capsys):
    project, settings.EMAIL_HOST = running(-2), ""
    said = remind(capsys)
    assert "To: ada@example.org\nSubject: PSF: 1 overdue, 0 coming" in said
    assert project.reference in said
    assert said.endswith("Nothing was sent, because EMAIL_URL names no mail server.\n")
    assert mail.outbox == []
    assert not SentReminder.objects.exists()
    address = {"email": "a@example.org"}
    assert reason_of_no_reminders("Publisher", **address) == "this site has no mail server"
    assert reason_of_no_reminders("Editor", **address) is None


@pytest.mark.parametrize(("days", "sent"), [(14, 1), (15, 0)])
def test_a_deadline_is_reminded_two_weeks_before(follower, capsys, days, sent):
    running(days)
    assert remind(capsys) == f"Reminders sent: {sent}.\n"


def test_a_dry_run_only_prints(follower, capsys):
    project = running(-2)
    said = remind(capsys, "--dry-run")
    assert "To: ada@example.org\nSubject: PSF: 1 overdue, 0 coming" in said
    assert project.reference in said
    assert mail.outbox == []
    assert not SentReminder.objects.exists()


def test_a_failed_reminder_is_sent_by_the_next_run(follower, capsys, monkeypatch):
    running(-2)
    with monkeypatch.context() as broken:

        def refuse(self, messages):
            raise SMTPServerDisconnected("mail.example.org")

        broken.setattr(EmailBackend, "send_messages", refuse)
        with pytest.raises(
            CommandError, match=r"Not sent: ada: SMTPServerDisconnected. Check EMAIL_URL"
        ):
            call_command("send_reminders")
    assert mail.outbox == []
    capsys.readouterr()
    assert remind(capsys) == "Reminders sent: 1.\n"


def test_assessors_open_no_calendar():
    call = make_call()
    for page in [reverse("admin:calendar"), reverse("admin:call_calendar", args=[call.slug])]:
        assert client_of("Assessor").get(page).status_code == 403
