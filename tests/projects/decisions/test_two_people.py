"""“Two people decide”: no page lets one person alone give money to a project."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from projects.decisions.apply import apply_decision, fund_from_reserve, reverse_decision
from projects.decisions.blockers import switch_off_warning
from projects.decisions.draft import save_draft
from projects.eligibility.award_limits import two_people_error
from projects.models import Call, Decision, DecisionLine, Project
from projects.workflow.status_changes import change_status, set_status
from psf.history import recording
from psf.history.models import Channel
from psf.history.recording import account_name
from psf.history.restore import undo_change_set
from psf.history.tracking import check_row
from tests.support.accounts import make_account, save, signed_in, url_of, versions_in
from tests.support.factories import draft_line, make_call, make_project
from tests.support.refusals import refusal, refused

pytestmark = pytest.mark.django_db

EUR = Decimal


@pytest.fixture
def call():
    call = make_call(decided_by_two=True, ceiling_eur=EUR(100))
    Decision.objects.create(call=call, body="Committee")
    return call


@pytest.fixture
def project(call):
    return make_project(call, status="eligible")


def decided(call, by, second, *lines):
    save_draft(call, lines, by)
    apply_decision(call, second)


def test_a_second_person_applies_the_decision(anna, ben, call, project):
    save_draft(call, [draft_line(project, "funded", EUR(5))], anna)
    assert refusal(apply_decision, call, anna).endswith(f"“{call}” requires two people.")
    apply_decision(call, ben)
    line = DecisionLine.objects.get(project=project)
    assert (line.proposed_by, line.confirmed_by, line.is_confirmed) == (anna, ben, True)
    reverse_decision(call, anna, "A mistake.")
    line.refresh_from_db()
    assert (line.confirmed_by, line.is_confirmed) == (None, False)


def test_who_prepared_an_earlier_decision_is_the_second_person_of_another(anna, ben, call):
    decided(call, anna, ben, draft_line(make_project(call, status="eligible"), "funded", EUR(5)))
    decided(call, ben, anna, draft_line(make_project(call, status="eligible"), "funded", EUR(5)))
    assert DecisionLine.objects.filter(is_confirmed=True).count() == 2


def test_a_draft_whose_author_has_no_account_any_more_is_saved_again_first(anna, ben, call):
    line = draft_line(make_project(call, status="eligible"), "funded", EUR(5))
    save_draft(call, [line], anna)
    anna.delete()
    assert "The account that prepared a line is gone." in refusal(apply_decision, call, ben)
    save_draft(call, [line], ben)
    assert "No other active account may decide" in refusal(apply_decision, call, ben)
    assert len(apply_decision(call, make_account("Publisher"))) == 1


def test_who_saves_the_draft_without_a_change_is_not_its_author(anna, ben, call, project):
    lines = [draft_line(project, "funded", EUR(5)), draft_line(make_project(call), "")]
    assert save_draft(call, lines, anna) is True
    client, url = signed_in(ben), reverse("admin:projects_call_decision", args=[call.pk])
    typed = {f"{project.pk}-outcome": "funded", f"{project.pk}-award_eur": "5"}
    data = {"version": versions_in(client.get(url))} | typed
    page = client.post(url, data, follow=True).content.decode()
    assert "The lines are as they were, so the draft keeps its author." in page
    assert DecisionLine.objects.get().proposed_by == anna
    assert Decision.objects.get().prepared_by == anna
    assert "A second person must apply it" in refusal(apply_decision, call, anna)

    changed = [draft_line(project, "funded", EUR(6))]
    assert save_draft(call, changed, ben) is True
    assert save_draft(call, changed, anna) is False
    assert "A second person must apply it" in refusal(apply_decision, call, ben)
    assert len(apply_decision(call, anna)) == 1


def test_who_saves_a_draft_of_several_authors_becomes_its_author(anna, ben, call):
    projects = [make_project(call, status="eligible") for _number in range(2)]
    lines = [draft_line(project, "funded", EUR(5)) for project in projects]
    save_draft(call, lines, anna)
    DecisionLine.objects.filter(project=projects[0]).update(proposed_by=ben)
    assert save_draft(call, lines, ben) is True
    assert len(apply_decision(call, anna)) == 2


def test_no_change_of_status_funds_a_project_that_one_person_decided(anna, call, project):
    save_draft(call, [draft_line(project, "funded", EUR(5))], anna)
    assert project.reference in refusal(set_status, project, "funded", EUR(5))
    project.refresh_from_db()
    assert project.status == "eligible"


def test_two_people_fund_from_the_reserve_list(anna, ben, call, project):
    decided(call, anna, ben, draft_line(project, "reserve", reserve_place=1))
    url = reverse("admin:projects_call_fund_from_reserve", args=[call.pk])
    client = signed_in(anna)
    data = {"project": project.pk, "award_eur": "60"}
    for _attempt in range(2):
        page = client.post(url, {"version": versions_in(client.get(url))} | data, follow=True)
        assert "A second person must enter the same award" in page.content.decode()
        assert "It replaces" not in page.content.decode()
    project.refresh_from_db()
    assert project.status == "reserve"
    assert "proposed" in client.get(url).content.decode()
    client = signed_in(ben)
    data |= {"version": versions_in(client.get(url)), "award_eur": "59"}
    page = client.post(url, data, follow=True).content.decode()
    assert "It replaces the proposed award of 60\N{NO-BREAK SPACE}EUR." in page
    assert fund_from_reserve(project, EUR(59), anna, "") is True
    project.refresh_from_db()
    assert (project.status, project.amount_eur) == ("funded", 59)


def test_a_proposal_is_shown_only_while_its_application_is_on_the_reserve_list(
    anna, ben, call, project
):
    decided(call, anna, ben, draft_line(project, "reserve", reserve_place=1))
    fund_from_reserve(project, EUR(60), anna, "")
    url, client = reverse("admin:projects_call_fund_from_reserve", args=[call.pk]), signed_in(ben)
    assert "proposed 60\N{NO-BREAK SPACE}EUR" in client.get(url).content.decode()
    change_status([Project.objects.get()], "eligible", ben, "A mistake.")
    assert "proposed" not in client.get(url).content.decode()
    apply_decision(call, ben)
    assert fund_from_reserve(project, EUR(60), ben, "") is False
    change_status([Project.objects.get()], "withdrawn", ben, "A letter.")
    assert "proposed" not in client.get(url).content.decode()


def test_a_proposal_of_a_deleted_account_is_made_again(anna, ben, call, project):
    decided(call, anna, ben, draft_line(project, "reserve", reserve_place=1))
    fund_from_reserve(project, EUR(60), anna, "")
    anna.delete()
    assert fund_from_reserve(project, EUR(60), ben, "") is False
    assert fund_from_reserve(project, EUR(60), make_account("Publisher"), "") is True


def test_a_reserve_that_was_not_decided_here_is_refused(anna, call):
    project = make_project(call, status="reserve")
    assert "was not decided here" in refusal(fund_from_reserve, project, EUR(5), anna, "")


def test_the_rule_cannot_change_after_the_first_draft(anna, call, project):
    editor = make_account("Editor")
    assert save(signed_in(editor), url_of(call), decided_by_two="").status_code == 302
    assert save(signed_in(editor), url_of(call), decided_by_two="on").status_code == 302
    save_draft(call, [draft_line(project, "funded", EUR(5))], anna)
    page = save(signed_in(editor), url_of(call), decided_by_two="")
    assert "“two people decide” cannot change" in page.content.decode()
    assert Call.objects.get().decided_by_two


def test_who_switches_the_rule_off_is_named_and_does_not_apply_the_decision(
    anna, ben, call, project
):
    assert save(signed_in(anna), url_of(call), decided_by_two="").status_code == 302
    url, work_list = reverse("admin:projects_call_decision", args=[call.pk]), reverse("admin:index")
    named, who = f"{call}: “two people decide” was switched off on ", account_name(anna)
    for address in [url, work_list]:
        assert re.search(rf"{named}.* by {who}\.", signed_in(ben).get(address).content.decode())
    call.refresh_from_db()
    save_draft(call, [draft_line(project, "funded", EUR(5))], anna)
    assert "You switched “two people decide” off" in refusal(apply_decision, call, anna)
    assert len(apply_decision(call, ben)) == 1
    for address in [url, work_list]:
        assert named not in signed_in(ben).get(address).content.decode()


def test_an_undo_and_a_command_that_switch_the_rule_off_are_named(anna, ben):
    call = make_call()
    project = make_project(call, status="eligible")
    with recording.change_set(ben, channel=Channel.FORM) as switched_on:
        Call.objects.update(decided_by_two=True)
    undo_change_set(switched_on, anna, "A mistake.")
    save_draft(Call.objects.get(), [draft_line(project, "rejected", reason="Late.")], ben)
    assert "You switched “two people decide” off" in refusal(apply_decision, call, anna)
    Call.objects.update(decided_by_two=True)
    Call.objects.update(decided_by_two=False)
    assert switch_off_warning(Call.objects.get()).endswith(" by a command.")


def test_the_rule_cannot_begin_after_one_person_funded_a_project():
    call = make_call()
    make_project(call, status="funded")
    assert (
        two_people_error(call, True) == "Projects of this call were funded without a second person."
    )
    assert two_people_error(call, False) == ""


def test_a_publisher_cannot_add_a_funded_project_alone(anna, ben, call, project):
    form = signed_in(anna)
    url = reverse("admin:projects_project_add")
    page = save(form, url, call=call.pk, reference="P-9", title="P", slug="p-9", status="funded")
    assert "requires two people to fund a project" in page.content.decode()
    decided(call, anna, ben, draft_line(project, "funded", EUR(5)))
    page = save(form, url_of(project), amount_eur="6")
    assert "Neither more money nor another kind of amount" in page.content.decode()
    assert save(form, url_of(project), amount_eur="4").status_code == 302


@pytest.mark.parametrize("kind", ["ceiling", "returned", "not_published"])
def test_one_person_does_not_replace_an_award_by_another_kind_of_amount(
    anna, ben, call, project, kind
):
    decided(call, anna, ben, draft_line(project, "funded", EUR(5)))
    amount = "" if kind == "not_published" else "5"
    page = save(signed_in(anna), url_of(project), amount_eur=amount, amount_kind=kind)
    assert "Neither more money nor another kind of amount" in page.content.decode()
    project.refresh_from_db()
    assert (project.amount_eur, project.amount_kind) == (5, "awarded")


def test_a_draft_of_two_people_is_not_deleted_with_its_rule(anna, call, project):
    save_draft(call, [draft_line(project, "funded", EUR(5))], anna)
    save(signed_in(anna), url_of(call), **{"decision-0-DELETE": "on"})
    assert Decision.objects.get().decided_by_two


def test_no_confirmation_and_no_earlier_rule_is_restored(anna, ben, call, project):
    decided(call, anna, ben, draft_line(project, "funded", EUR(5)))
    assert "cannot be restored" in refusal(check_row, DecisionLine.objects.get())
    check_row(Decision.objects.get())
    Decision.objects.update(decided_by_two=None)
    assert "has no such rule" in refusal(check_row, Decision.objects.get())
    DecisionLine.objects.update(is_confirmed=False, confirmed_by=None)
    check_row(DecisionLine.objects.get())
    assert "requires two people" in refusal(check_row, Project.objects.get())


def test_the_database_refuses_one_person_as_both(anna, call, project):
    save_draft(call, [draft_line(project, "funded", EUR(5))], anna)
    with refused("decisionline_second_person_confirms_an_award"):
        DecisionLine.objects.update(is_confirmed=True, confirmed_by=anna)
