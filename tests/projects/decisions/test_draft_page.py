"""The page of the draft opens with the proposal of the ranked list, and marks what differs."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from projects.decisions.draft import save_draft, tags_of_differences
from projects.decisions.draft_form import LineForm
from projects.models import Decision, DecisionLine
from projects.workflow.admin import selection_url
from tests.support.accounts import filled_in, form_data, make_account, signed_in
from tests.support.factories import (
    draft_line,
    make_call,
    make_criterion,
    make_decision_line,
    make_partner,
    make_partnership,
    make_project,
    make_submitted,
)
from tests.support.hidden_records import number_of_queries

pytestmark = pytest.mark.django_db

F, R, X = "funded", "reserve", "rejected"


@pytest.fixture
def call():
    """Six ranked applications of 40 000 EUR each, and 100 000 EUR."""
    call = make_call(budget_eur=100_000, ceiling_eur=35_000)
    make_criterion(call, maximum=10)
    assessor = make_account("Assessor")
    for points in [9, 8, 7, 7, 5, 4]:
        project = make_project(call, status="eligible", requested_eur=40_000)
        make_partnership(project, make_partner(), role="lead")
        make_submitted(project, assessor, points)
    return call


def url_of(call, query=""):
    return reverse("admin:projects_call_decision", args=[call.pk]) + query


def outcomes_of(form):
    """Outcome, award and place of each line, in the order of the ranked list."""
    lines = sorted(form.lines, key=lambda line: line.project.pk)
    return [
        (line.group(), *map(line.values().get, ["award_eur", "reserve_place"])) for line in lines
    ]


def on_page(page):
    return re.sub(r"\s+", " ", page.content.decode().replace("\N{NO-BREAK SPACE}", " "))


class TestProposal:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            (
                "",
                [(F, 35_000, None)] * 2
                + [(R, None, 1), (R, None, 2), (R, None, 3), (X, None, None)],
            ),
            ("?fund=1&reserve=0", [(F, 35_000, None)] + [(X, None, None)] * 5),
            ("?fund=9&reserve=1", [(F, 35_000, None)] * 6),
        ],
    )
    def test_the_page_opens_filled_in_and_nothing_is_saved(self, anna, call, query, expected):
        page = signed_in(anna).get(url_of(call, query))
        assert outcomes_of(page.context["form"]) == expected
        assert "This is a proposal: nothing is saved yet." in on_page(page)
        assert not DecisionLine.objects.exists()

    def test_a_wrong_number_gets_a_sentence(self, anna, call):
        page = on_page(signed_in(anna).get(url_of(call, "?fund=many")))
        assert "Write a whole number, such as 12." in page

    def test_the_line_names_the_next_application(self, anna, call):
        client = signed_in(anna)
        page = on_page(client.get(url_of(call)))
        assert "rank 3 is next and asks for 40 000" in page
        page = on_page(client.get(url_of(call, "?fund=3&reserve=0")))
        assert "rank 3 has the same result and asks for 40 000" in page
        assert "Over the budget" in page
        assert "Over the budget 5 000<" in page

    def test_a_draft_of_two_hundred_lines_is_not_too_long(self, anna, call):
        sent = {f"{10**6 + n}-{name}": "" for n in range(200) for name in LineForm.base_fields}
        page = on_page(signed_in(anna).post(url_of(call), {"count": "", **sent}))
        assert "0 funded, 100 000 EUR free" in page

    def test_a_changed_draft_is_counted_and_not_saved(self, anna, call):
        client, project = signed_in(anna), call.projects.order_by("pk").first()
        typed = {f"{project.pk}-outcome": "funded", f"{project.pk}-award_eur": "30 000"}
        page = on_page(client.post(url_of(call), {"count": "", **typed}))
        assert "1 funded, 70 000 EUR free" in page and "Complete: 1 of 6." in page
        assert "without an amount" not in page
        typed[f"{project.pk}-award_eur"] = ""
        page = on_page(client.post(url_of(call), {"count": "", **typed}))
        assert "<strong>1 without an amount</strong>" in page and "Complete: 0 of 6." in page
        assert not DecisionLine.objects.exists()

    def test_without_budget_or_result_the_lines_stay_open(self, anna, call):
        unread = make_project(call, status="eligible")
        form = signed_in(anna).get(url_of(call)).context["form"]
        assert [line.project for line in form.groups[""]] == [unread]
        type(call).objects.update(budget_eur=None)
        form = signed_in(anna).get(url_of(call)).context["form"]
        assert len(form.groups[""]) == 7
        assert not form.is_proposal

    def test_earlier_awards_and_places_count(self, anna, call):
        first, second = call.projects.order_by("pk")[:2]
        save_draft(
            call,
            [draft_line(first, F, Decimal(30_000)), draft_line(second, R, reserve_place=1)],
            anna,
        )
        for project, status in [(first, F), (second, R)]:
            project.status, project.amount_eur = status, 30_000 if status == F else None
            project.amount_kind = "awarded" if status == F else "not_published"
            project.save()
        form = signed_in(anna).get(url_of(call)).context["form"]
        assert outcomes_of(form)[:3] == [(F, 35_000, None), (F, 35_000, None), (R, None, 2)]
        assert form.sums["before_width"] == 300

    def test_the_result_of_an_application_that_one_assesses_stays_hidden(self, call):
        lead = make_account("Publisher")
        lead.groups.add(*make_account("Assessor").groups.all())
        conflict = call.projects.order_by("pk")[0]
        conflict.assessments.create(assessor=lead, declaration="conflict", conflict="My sister.")
        form = signed_in(lead).get(url_of(call)).context["form"]
        assert outcomes_of(form)[0] == ("", None, None)


class TestDifferences:
    @pytest.mark.parametrize(
        ("rows", "tags"),
        [
            ([(F, 1), (F, 2), (R, 3), (X, 4)], ["", "", "", ""]),
            ([(F, 1), (R, 2), (R, 4), (X, 3)], ["", "", "before rank 3", "after rank 4"]),
            ([(F, 2), (R, 1), (X, 3)], ["before rank 1", "after rank 2", ""]),
            ([(R, 2), (R, 1)], ["before rank 1", "after rank 2"]),
            ([(F, 2), (F, 1), (X, 3), (X, 4)], ["", "", "", ""]),
            ([(F, 1), (F, 2), (F, 3), (X, 3)], ["", "", "", ""]),
            ([(F, None), (F, 1), ("", 2), (R, 3)], ["", "", "", ""]),
        ],
        ids=["as ranked", "swap", "first is second", "places", "order", "equal", "without rank"],
    )
    def test_only_the_lines_out_of_order_are_marked(self, rows, tags):
        assert tags_of_differences(rows) == tags


class TestSaving:
    def test_the_proposal_is_saved_with_its_head_and_one_reason_for_all(self, anna, call):
        client, last = signed_in(anna), call.projects.order_by("pk").last()
        head = {
            "body": "Committee",
            "mode": "meeting",
            "meeting": "1/2027",
            "decided_on": "2026-02-02",
        }
        reason = {"reason_for_all": "Others were better.", f"{last.pk}-reason": "Too vague."}
        data = filled_in(client, url_of(call, "?fund=2&reserve=1"), **head, **reason)
        data[f"{last.pk}-award_eur"] = "35000"  # of a line that was funded before
        assert client.post(url_of(call), data).status_code == 302
        lines = DecisionLine.objects.order_by("project")
        assert list(lines.values_list("outcome", flat=True)) == [F, F, R, X, X, X]
        assert [line.reason for line in lines][3:] == ["Others were better."] * 2 + ["Too vague."]
        decision = Decision.objects.get()
        assert (decision.body, decision.mode, decision.meeting) == (
            "Committee",
            "meeting",
            "1/2027",
        )

        page = client.get(url_of(call))
        form = page.context["form"]
        assert form["reason_for_all"].value() == "Others were better."
        assert [line.shown()["reason"] for line in form.groups[X]] == ["", "", "Too vague."]
        assert "1 has its own" in on_page(page)
        assert client.post(url_of(call), form_data(page)).status_code == 302
        assert DecisionLine.objects.filter(reason="Others were better.").count() == 2

    def test_conditions_are_kept_with_their_award(self, anna, call):
        client, first = signed_in(anna), call.projects.order_by("pk").first()
        typed = {f"{first.pk}-condition_interim": "A second partner.", "body": "C"}
        data = filled_in(client, url_of(call), **typed, reason_for_all="Vague.")
        client.post(url_of(call), data)
        line = DecisionLine.objects.get(project=first)
        assert line.conditions() == ["With the interim report: A second partner."]
        page = client.get(url_of(call))
        assert ">1 condition<" in page.content.decode()
        for name in ["decision", "apply_decision"]:
            url = reverse(f"admin:projects_call_{name}", args=[call.pk])
            assert "A second partner." in on_page(client.get(url))
        client.post(url_of(call), form_data(page, **{f"{first.pk}-outcome": "rejected"}))
        line.refresh_from_db()
        assert (line.outcome, line.conditions()) == (X, [])

    def test_who_changes_only_the_head_does_not_become_the_author(self, anna, ben, call):
        client = signed_in(anna)
        client.post(url_of(call), filled_in(client, url_of(call)))
        client = signed_in(ben)
        client.post(url_of(call), filled_in(client, url_of(call), body="Committee"))
        decision = Decision.objects.get()
        assert (decision.body, decision.prepared_by) == ("Committee", anna)

    def test_a_day_before_the_announcement_or_in_the_future_is_refused(self, anna, call):
        Decision.objects.create(call=call, announced_on="2026-01-01")
        client = signed_in(anna)
        for day, sentence in [
            ("2026-02-02", "The announcement must not be before the decision."),
            ("2099-01-01", "in the future"),
        ]:
            data = filled_in(client, url_of(call), decided_on=day)
            assert sentence in on_page(client.post(url_of(call), data))
        assert not DecisionLine.objects.exists()

    def test_a_public_head_is_changed_where_readers_changes_are_previewed(self, anna, call):
        Decision.objects.create(call=call, body="Committee", published_at="2026-01-01T00:00Z")
        client = signed_in(anna)
        data = filled_in(client, url_of(call))
        assert "body" not in data
        client.post(url_of(call), data | {"body": "Nobody"})
        assert Decision.objects.get().body == "Committee"

    def test_an_outcome_above_the_budget_is_saved_and_not_applied(self, anna, call):
        client = signed_in(anna)
        client.post(url_of(call), filled_in(client, url_of(call, "?fund=6&reserve=0"), body="C"))
        page = on_page(client.get(url_of(call)))
        assert "Complete: 6 of 6." in page
        assert "This is 110 000 EUR more than its budget" in page
        assert reverse("admin:projects_call_apply_decision", args=[call.pk]) not in page


def test_more_lines_need_no_more_queries(anna, call):
    client, ready, numbers = signed_in(anna), call.projects.filter(status="eligible"), []
    reverse_page = reverse("admin:projects_call_reverse_decision", args=[call.pk])
    for _round in range(3):
        back = selection_url(list(ready.values_list("pk", flat=True)), to="submitted")
        pages = [url_of(call), reverse_page, back]
        numbers.append([number_of_queries(client, page) for page in pages])
        make_partnership(make_project(call, status="eligible"), make_partner(), role="lead")
        make_decision_line(
            make_project(call, status="rejected"), outcome="rejected", award_eur=None
        )
    assert numbers[1] == numbers[2]
