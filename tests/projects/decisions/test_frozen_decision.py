"""Eligibility, ranked list and decision stay as they were on their day."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from projects.checks.work_list import BY_KEY
from projects.decisions.apply import apply_decision
from projects.decisions.committee_paper import frozen_decision, frozen_paper, paper_facts
from projects.decisions.draft import save_draft
from projects.eligibility.frozen_checks import accepted_rules, frozen_eligibility
from projects.eligibility.rules import Verdict
from projects.models import Call, Decision, Evidence, Project
from projects.workflow.status_changes import change_status
from tests.support.accounts import make_account, signed_in
from tests.support.factories import (
    draft_line,
    make_assessment,
    make_call,
    make_consensus,
    make_criterion,
    make_ineligibility_reason,
    make_partner,
    make_partnership,
    make_project,
    make_score,
    make_submitted,
    make_waiver,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    call = make_call(max_months=12)
    Decision.objects.create(call=call, body="Committee")
    dates = {"starts_on": date(2031, 1, 1), "ends_on": date(2031, 12, 31)}
    return make_project(call, status="submitted", **dates)


def for_rules(project):
    return Project.objects.for_rules().get(pk=project.pk)


def make_eligible(project, by):
    change_status([for_rules(project)], "eligible", by)


def prolong(project):
    Project.objects.filter(pk=project.pk).update(ends_on=date(2032, 6, 30))


def fund(project, by):
    save_draft(project.call, [draft_line(project, "funded", Decimal(5))], by)
    apply_decision(project.call, by)


def page_of(account, record, name="change"):
    url = reverse(f"admin:projects_{record._meta.model_name}_{name}", args=[record.pk])
    return signed_in(account).get(url).content.decode()


def test_a_prolongation_leaves_the_frozen_verdict(anna, project):
    assert frozen_eligibility(for_rules(project)) is None
    assert accepted_rules(for_rules(project)) == set()
    make_eligible(project, anna)
    [rule] = frozen_eligibility(for_rules(project)).rules
    assert (rule.verdict, rule.is_same()) == ("met", True)
    prolong(project)
    [rule] = frozen_eligibility(for_rules(project)).rules
    assert rule.verdict == "met"
    assert (rule.is_same(), rule.now.verdict) == (False, "broken")
    assert rule.now.working.startswith("18 months")
    page = page_of(anna, project)
    assert "kept as evidence" in page
    assert "not met" in page


def test_the_rules_that_an_application_did_not_meet_are_frozen(anna, project):
    prolong(project)
    ineligibility_reasons = [make_ineligibility_reason(project.call)]
    change_status(
        [for_rules(project)], "not_eligible", anna, ineligibility_reasons=ineligibility_reasons
    )
    [rule] = frozen_eligibility(for_rules(project)).rules
    assert rule.verdict == Verdict.BROKEN


def test_the_evidence_of_eligibility_has_the_values_of_the_application(anna, project):
    part = make_partnership(project, make_partner(), role="lead")
    make_eligible(project, anna)
    content = json.loads(Evidence.objects.get().content)
    assert (content["reference"], content["status"]) == (project.reference, "eligible")
    assert content["values"]["starts_on"] == "2031-01-01"
    assert content["values"]["partners"] == [f"{part.country_id}: {part.partner_id}"]


def test_an_award_that_was_corrected_after_the_decision_is_named(anna, project):
    make_eligible(project, anna)
    fund(project, anna)
    assert frozen_decision(project.call)["lines"][0][3] == ""
    Project.objects.update(amount_eur=Decimal(6))
    assert "today 6\N{NO-BREAK SPACE}EUR" in page_of(anna, project.call, "decision")
    Project.objects.update(amount_eur=None, amount_kind="not_published")
    assert frozen_decision(project.call)["lines"][0][3] == "amount not published"
    Project.objects.update(status="running", amount_eur=6, amount_kind="final")
    assert frozen_decision(project.call)["lines"][0][3] == "running"
    Project.objects.update(status="withdrawn", amount_eur=None, amount_kind="not_published")
    assert frozen_decision(project.call)["lines"][0][3] == "withdrawn"


def test_a_rule_that_the_call_lost_is_named(anna, project):
    make_eligible(project, anna)
    Call.objects.update(max_months=None)
    [rule] = frozen_eligibility(for_rules(project)).rules
    assert rule.now is None and not rule.is_same()


def test_the_work_list_accepts_eligibility_from_the_evidence(anna, project):
    make_eligible(project, anna)
    fund(project, anna)
    prolong(project)
    check = BY_KEY["rules-of-the-call"]
    assert check.findings() == []
    with transaction.atomic():
        Evidence.objects.all().delete()
    assert len(check.findings()) == 1


def test_the_ranked_list_and_the_decision_are_frozen(anna, project):
    make_criterion(project.call)
    make_eligible(project, anna)
    for _assessor in range(2):
        make_submitted(project, make_account("Assessor"), 5)
    fund(project, anna)
    assert "Ranked list as frozen on" in page_of(anna, project.call, "ranking")
    page = page_of(anna, project.call, "decision")
    assert "Decision as applied on" in page
    assert "today withdrawn" not in page
    change_status([for_rules(project)], "withdrawn", anna, "No staff.")
    assert "no result today" in page_of(anna, project.call, "ranking")
    assert "today withdrawn" in page_of(anna, project.call, "decision")
    Evidence.objects.filter(kind="ranking").delete()
    assert "as frozen on" not in page_of(anna, project.call, "ranking")


def test_a_frozen_application_without_a_result_does_not_differ(anna, project):
    make_eligible(project, anna)
    fund(project, anna)
    page = page_of(anna, project.call, "ranking")
    assert f"{project.reference} · no result</li>" in page


def test_the_evidence_has_each_line_of_the_decision_and_only_submitted_points(anna, project):
    call = project.call
    criterion = make_criterion(call)
    make_eligible(project, anna)
    for points in [5, 3]:
        make_submitted(project, make_account("Assessor"), points)
    unsubmitted = make_assessment(project, make_account("Assessor"), declaration="none")
    make_score(unsubmitted, criterion, points=0)
    lines = [draft_line(project, "reserve", reserve_place=1)]
    save_draft(call, lines, anna)
    apply_decision(call, anna)

    [ranked] = json.loads(Evidence.objects.get(kind="ranking").content)["applications"]
    assert [ranked[name] for name in ["mean", "agreed", "result"]] == ["80.0", None, "80.0"]
    assert ranked["results"] == ["100.0", "60.0"]
    [line] = json.loads(Evidence.objects.get(kind="decision").content)["lines"]
    assert line == {
        "reference": project.reference,
        "outcome": "reserve",
        "award_eur": None,
        "reserve_place": 1,
        "reason": "",
        "conditions": [],
    }
    assert frozen_decision(call)["lines"] == [(project.reference, "reserve", None, "")]
    change_status([for_rules(project)], "withdrawn", anna, "No staff.")
    assert frozen_decision(call)["lines"][0][3] == "withdrawn"


def test_a_consensus_is_frozen_and_a_deleted_application_named(anna, project):
    make_eligible(project, anna)
    make_consensus(project, anna, agreed_percent=70)
    other = make_project(project.call, status="eligible")
    lines = [
        draft_line(project, "funded", Decimal(5)),
        draft_line(other, "rejected", reason="Vague."),
    ]
    save_draft(project.call, lines, anna)
    apply_decision(project.call, anna)
    content = Evidence.objects.get(kind="ranking").content
    assert '"agreed":"70.0"' in content
    other.delete()
    assert "today deleted" in page_of(anna, project.call, "decision")


def test_a_closed_assessment_hides_the_frozen_ranked_list(project):
    both = make_account("Administrator")
    make_eligible(project, both)
    make_criterion(project.call)
    make_assessment(project, both, declaration="conflict", conflict="My sister.")
    for _assessor in range(2):
        make_submitted(project, make_account("Assessor"), 5)
    fund(project, both)
    assert "as frozen on" not in page_of(both, project.call, "ranking")
    [ranked] = json.loads(Evidence.objects.get(kind="ranking").content)["applications"]
    assert ranked["results"] == ["100.0", "100.0"]


def test_evidence_never_changes(anna, project):
    make_eligible(project, anna)
    evidence = Evidence.objects.get()
    assert evidence.is_intact()
    with pytest.raises(IntegrityError, match="evidence never changes"), transaction.atomic():
        Evidence.objects.update(taken_by="nobody")


def test_check_data_reports_evidence_without_its_check_sum(anna, project, capsys):
    make_eligible(project, anna)
    row = Evidence.objects.values("kind", "call_id", "project_id", "taken_by", "sha256").get()
    Evidence.objects.create(content="{}", **row)
    with pytest.raises(SystemExit):
        call_command("check_data")
    [line] = [line for line in capsys.readouterr().out.splitlines() if "check sum" in line]
    assert f"error: the evidence eligibility: {project} of " in line


class TestCommitteePaper:
    def paper(self, account, call, which="draft"):
        url = reverse("admin:projects_call_committee_paper", args=[call.pk, which])
        return signed_in(account).get(url)

    def test_the_paper_has_what_the_draft_rests_on(self, anna, project):
        call = project.call
        Call.objects.update(budget_eur=100, min_cofunding_percent=10)
        Decision.objects.update(mode="meeting", meeting="1/2031", decided_on="2026-01-01")
        make_waiver(project, rule="duration", reason="A pilot.")
        Project.objects.update(
            requested_eur=60, status="eligible", summary="In *short*.", ends_on=date(2032, 6, 30)
        )
        make_partnership(project, make_partner("Kaunas", "LT"), role="lead")
        rejected = make_project(call, status="eligible")
        lines = [draft_line(project, "funded", Decimal(55)), draft_line(rejected, "rejected")]
        reserve = make_project(call, status="eligible")
        opened = make_project(call, status="eligible")
        lines[1].reason = "Vague."
        save_draft(call, [*lines, draft_line(reserve, "reserve", reserve_place=1)], anna)
        facts = paper_facts(Call.objects.get(), anna)
        assert facts["kind"] == "Draft"
        assert ["Meeting", "1/2031"] in facts["facts"]
        assert ["Day", "1 January 2026"] in facts["facts"]
        assert ["Free", "45\N{NO-BREAK SPACE}EUR"] in facts["facts"]
        assert [rule.partition(":")[0] for rule in facts["rules"]] == ["Co-funding", "Duration"]
        assert facts["countries"] == [["Lithuania", "1", "1", "55\N{NO-BREAK SPACE}EUR", "1"]]
        groups = {group["heading"]: group["lines"] for group in facts["groups"]}
        assert [*groups] == ["Funded: 1", "Reserve list: 1", "Open: 1", "Rejected: 1"]
        [line] = groups["Funded: 1"]
        assert (line["lead"], line["summary"]) == ("Kaunas", "In *short*.")
        assert "Waived: A pilot." in line["rules"][-1]
        assert groups["Reserve list: 1"][0]["outcome"] == "place 1"
        assert groups["Rejected: 1"][0]["outcome"] == "Vague"
        assert groups["Open: 1"][0]["reference"] == opened.reference
        pdf = self.paper(anna, call)
        assert pdf.content.startswith(b"%PDF")
        assert b"/StructTreeRoot" in pdf.content

    def test_the_paper_stays_as_it_was_decided(self, anna, project):
        make_criterion(project.call)
        for _number in range(2):
            make_submitted(project, make_account("Assessor"), 3)
        make_eligible(project, anna)
        assert self.paper(anna, project.call, "frozen").status_code == 404
        fund(project, anna)
        assert self.paper(anna, project.call, "draft").status_code == 404
        facts = frozen_paper(project.call, anna)
        assert facts["groups"][0]["lines"][0]["result"] == "60.0"
        assert "Committee paper as decided (PDF)" in page_of(anna, project.call, "decision")
        assert self.paper(anna, project.call, "frozen").content.startswith(b"%PDF")
        partial = make_account("Publisher")
        make_assessment(project, partial, declaration="conflict", conflict="My sister.")
        assert self.paper(partial, project.call, "frozen").status_code == 404

    def test_who_decides_in_spite_of_a_conflict_of_interest_is_named(self, anna, project):
        make_eligible(project, anna)
        ben, partial = make_account("Publisher", username="ben"), {"declaration": "conflict"}
        for account in [anna, ben, make_account("Assessor")]:
            make_assessment(project, account, conflict="My sister.", **partial)
        save_draft(project.call, [draft_line(project, "rejected", reason="Vague.")], anna)
        named = [
            f"{account} declared a conflict of interest about {project.reference}."
            for account in [anna, ben]
        ]
        page = page_of(ben, project.call, "decision")
        assert [sentence in page for sentence in named] == [True, True]
        apply_decision(project.call, ben)
        facts = frozen_paper(project.call, make_account("Publisher"))["facts"]
        assert [text for label, text in facts if label == "Conflict of interest"] == named

    def test_without_a_draft_the_paper_has_the_proposal(self, anna, project):
        make_eligible(project, anna)
        make_criterion(project.call)
        make_submitted(project, make_account("Assessor"), 3)
        Call.objects.update(budget_eur=1, max_months=None)
        assert paper_facts(Call.objects.get(), anna)["kind"] == "Proposal from the ranked list"
        assert self.paper(anna, project.call).content.startswith(b"%PDF")
