"""The status of an application: permissions, reasons, waivers and the history."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from projects.eligibility import rules
from projects.models import IneligibilityFinding, Project, ProjectStatus, Waiver
from projects.permissions import CHECK, DECIDE, MANAGE_AWARDS
from projects.workflow.admin import MOST_AT_ONCE, selection_url
from projects.workflow.status_changes import (
    DECIDED_TOGETHER,
    TRANSITIONS,
    change_status,
    end_waiver,
    individual_transitions,
    is_back,
    needs_reason,
    permission_for,
    waive,
)
from psf.history.models import ChangeSet, Channel
from psf.http.middleware import RejectBadInput
from tests.support.accounts import confirm, make_account, signed_in, versions_in
from tests.support.factories import (
    make_agreement,
    make_call,
    make_decision_line,
    make_ineligibility_finding,
    make_ineligibility_reason,
    make_membership,
    make_partnership,
    make_project,
    make_public_project,
    make_waiver,
)
from tests.support.refusals import assert_allowed, assert_refused, refusal, refused, update

pytestmark = pytest.mark.django_db

PAIRS = [(before, after) for before, steps_ in TRANSITIONS.items() for after in steps_]


@pytest.fixture
def anna():
    return make_account("Publisher", first_name="Anna", last_name="Ozola")


def status_of(project):
    return Project.objects.get(pk=project.pk).status


def selection_of(*projects):
    keys = [project.pk for project in projects]
    return {"action": "change_status_of_selected", "_selected_action": keys}


class TestConstraints:
    def test_one_reason_applies_to_all_listed_projects(self):
        given = make_ineligibility_finding(make_project())
        with refused("ineligibilityfinding_once_per_project"):
            make_ineligibility_finding(given.project, given.reason)
        with refused("ineligibilityreason_once_per_call"):
            make_ineligibility_reason(given.project.call)
        assert make_ineligibility_reason(make_call())

    def test_a_waiver_has_a_reason_and_is_unique_for_its_rule(self):
        waiver = make_waiver(make_project())
        with refused("waiver_has_a_reason"):
            update(waiver, reason="")
        with refused("waiver_is_one_for_a_rule"):
            make_waiver(waiver.project)
        assert make_waiver(waiver.project, rule="grant")

    def test_awards_need_funding_and_places_need_the_reserve_list(self):
        line = make_decision_line(make_project())
        award, place = (
            "decisionline_award_is_for_the_funded",
            "decisionline_place_is_on_the_reserve",
        )
        assert_refused(line, award, award_eur=None)
        assert_refused(line, award, outcome="rejected")
        assert_refused(line, place, reserve_place=1)
        assert_refused(line, place, outcome="reserve", award_eur=None)
        conditions = "decisionline_conditions_are_for_the_funded"
        assert_refused(line, conditions, outcome="rejected", award_eur=None, condition_final="A")
        assert_allowed(line, outcome="reserve", award_eur=None, reserve_place=1)
        assert_allowed(line, reserve_award_eur=1)
        assert_allowed(line, outcome="rejected", reserve_place=None, reserve_award_eur=None)
        assert_refused(line, "decisionline_proposal_is_on_the_reserve", reserve_award_eur=1)


BACK = {
    ("not_eligible", "submitted"),
    ("eligible", "submitted"),
    ("reserve", "eligible"),
    ("rejected", "eligible"),
    ("funded", "eligible"),
    ("running", "funded"),
    ("completed", "running"),
    ("terminated", "running"),
    ("withdrawn", "submitted"),
}


class TestTable:
    def test_changes_back_lead_to_an_earlier_status(self):
        assert {pair for pair in PAIRS if is_back(*pair)} == BACK

    @pytest.mark.parametrize(("before", "after"), PAIRS)
    def test_changes_back_and_early_ends_need_a_reason(self, anna, before, after):
        expected = (
            (before, after) in BACK
            or after in ["withdrawn", "terminated"]
            or (before, after) == ("reserve", "rejected")
        )
        assert needs_reason(before, after) == expected
        if expected:
            project = make_project(status=before)
            assert "enter a reason" in refusal(change_status, [project], after, anna, " ")

    def test_committee_decisions_are_not_individual_transitions(self):
        assert not set(individual_transitions("eligible")) & set(DECIDED_TOGETHER)
        assert individual_transitions("reserve") == ["rejected", "eligible", "withdrawn"]
        assert "eligible" in individual_transitions("rejected")


# The statuses that one application can get by itself, as the handbook lists them.
ALONE = {
    "submitted": "eligible not_eligible withdrawn",
    "not_eligible": "submitted withdrawn",
    "eligible": "submitted withdrawn",
    "reserve": "eligible rejected withdrawn",
    "rejected": "eligible withdrawn",
    "funded": "eligible running terminated withdrawn",
    "running": "funded completed terminated withdrawn",
    "completed": "running",
    "terminated": "running",
    "withdrawn": "submitted",
}


@pytest.mark.parametrize("before", ALONE)
def test_only_transitions_of_the_handbook_succeed(anna, before):
    for after in ProjectStatus:
        project = make_project(status=before)
        listed = [make_ineligibility_reason(project.call)] if after == "not_eligible" else []
        if after in ALONE[before].split():
            change_status([project], after, anna, "It is so.", listed)
            assert status_of(project) == after
            continue
        sentence = "cannot become" if after not in TRANSITIONS[before] else "from the decision on"
        sentence = "already" if after == before else sentence
        assert sentence in refusal(change_status, [project], after, anna, "It is so.", listed)
        assert status_of(project) == before


class TestRights:
    def test_each_change_needs_the_permission_of_its_later_status(self):
        assert permission_for("submitted", "eligible") == CHECK
        assert permission_for("eligible", "withdrawn") == CHECK
        assert permission_for("withdrawn", "submitted") == CHECK
        assert permission_for("rejected", "eligible") == DECIDE
        assert permission_for("funded", "withdrawn") == DECIDE
        assert permission_for("funded", "running") == MANAGE_AWARDS
        assert permission_for("running", "funded") == MANAGE_AWARDS
        assert permission_for("running", "completed") == MANAGE_AWARDS
        assert permission_for("terminated", "running") == MANAGE_AWARDS

    @pytest.mark.parametrize("role", ["", "Viewer", "Editor"])
    def test_accounts_without_permission_change_no_status(self, role):
        project = make_project()
        with pytest.raises(PermissionDenied):
            change_status([project], "eligible", make_account(role))
        with pytest.raises(PermissionDenied):
            waive(project, "states", make_account(role), "Because.")
        assert status_of(project) == "submitted"


class TestChangeStatus:
    def test_the_history_keeps_account_and_reason(self, anna):
        project = make_project(status="rejected")
        change_status([project], "eligible", anna, "  The committee looked again. ")
        change_set = ChangeSet.objects.latest("pk")
        assert (change_set.who, change_set.channel) == ("Anna Ozola", Channel.STATUS)
        assert change_set.reason == "The committee looked again."

    def test_all_applications_change_or_none(self, anna):
        projects = [make_project(), make_project(status="withdrawn")]
        assert projects[1].reference in refusal(change_status, projects, "eligible", anna)
        assert status_of(projects[0]) == "submitted"
        assert not ChangeSet.objects.filter(channel=Channel.STATUS).exists()

    def test_several_applications_are_one_change_set(self, anna):
        projects = [make_project(), make_project()]
        change_status(projects, "eligible", anna)
        assert {status_of(project) for project in projects} == {"eligible"}
        versions = Project.objects.order_by("pk").values_list("version", flat=True)
        assert list(versions) == [project.version + 1 for project in projects]
        assert ChangeSet.objects.filter(channel=Channel.STATUS).count() == 1

    def test_not_eligible_needs_a_reason_from_the_list_of_the_call(self, anna):
        project = make_project()
        assert "at least one reason" in refusal(change_status, [project], "not_eligible", anna)
        foreign = make_ineligibility_reason(make_call())
        assert "another call" in refusal(
            change_status, [project], "not_eligible", anna, ineligibility_reasons=[foreign]
        )
        ineligibility_reason = make_ineligibility_reason(project.call)
        change_status([project], "not_eligible", anna, ineligibility_reasons=[ineligibility_reason])
        assert (
            str(project.ineligibility_findings.select_related("reason").get())
            == "The lead partner is missing."
        )
        change_status([project], "submitted", anna, "It was there.")
        assert not IneligibilityFinding.objects.exists()

    def test_a_project_that_loses_funding_keeps_only_its_ceiling(self, anna):
        award = make_project(status="funded", amount_eur=Decimal(5), amount_kind="awarded")
        ceiling = make_project(status="funded", amount_eur=Decimal(5), amount_kind="ceiling")
        change_status([award, ceiling], "eligible", anna, "Decided too early.")
        award.refresh_from_db()
        ceiling.refresh_from_db()
        assert (award.amount_eur, award.amount_kind) == (None, "not_published")
        assert (ceiling.amount_eur, ceiling.amount_kind) == (5, "ceiling")

    def test_a_public_project_stays_funded(self, anna):
        project = make_public_project()
        assert "must stay funded" in refusal(change_status, [project], "withdrawn", anna, "Gone.")
        agreement = make_agreement(project)
        error = refusal(change_status, [project], "withdrawn", anna, "Gone.")
        assert "choose “terminated”" in error and "Unpublish" not in error
        agreement.delete()
        change_status([project], "running", anna)
        assert status_of(project) == "running"


class TestRules:
    @pytest.fixture
    def project(self):
        make_membership("LV")
        call = make_call(min_member_states=3, closes_at=datetime(2023, 3, 31, tzinfo=UTC))
        project = make_project(call)
        make_partnership(project, country="LV", role="lead")
        return project

    def finding(self, project):
        return rules.check_rules(Project.objects.for_rules().get(pk=project.pk))[0]

    def test_a_broken_rule_blocks_eligibility_until_it_is_waived(self, anna, project):
        assert "Not met, or not known: Partners" in refusal(
            change_status, [project], "eligible", anna
        )
        waive(project, "states", anna, " A pilot with one state. ")
        finding = self.finding(project)
        assert finding.verdict == rules.Verdict.WAIVED
        assert "Counted: LV." in finding.working
        assert finding.working.endswith("Waived: A pilot with one state.")
        change_status([project], "eligible", anna)
        assert status_of(project) == "eligible"

    def test_a_waived_rule_can_still_be_met(self, anna, project):
        waive(project, "states", anna, "A pilot.")
        for code in ["EE", "LT"]:
            make_membership(code)
            make_partnership(project, country=code)
        assert self.finding(project).verdict == rules.Verdict.MET

    def test_a_waiver_keeps_account_and_reason(self, anna, project):
        waiver = waive(project, "states", anna, "A pilot.")
        assert (waiver.given_by, str(waiver)) == (anna, "Partners: A pilot.")
        change_set = ChangeSet.objects.latest("pk")
        assert (change_set.channel, change_set.reason) == (Channel.STATUS, "A pilot.")
        with pytest.raises(ValidationError, match="already has a waiver"):
            waive(project, "states", anna, "Again.")

    @pytest.mark.parametrize(("rule", "reason"), [("states", " "), ("grant", "No.")])
    def test_a_waiver_needs_a_reason_and_a_rule_of_the_call(self, anna, project, rule, reason):
        with pytest.raises(ValidationError):
            waive(project, rule, anna, reason)
        assert not Waiver.objects.exists()

    def test_a_waiver_can_end(self, anna, project):
        waive(project, "states", anna, "A pilot.")
        assert Project.objects.get().version == project.version + 1  # open forms are out of date
        end_waiver(project, "states", anna)
        assert Project.objects.get().version == project.version + 2
        assert self.finding(project).verdict == rules.Verdict.BROKEN
        with pytest.raises(ValidationError, match="no waiver"):
            end_waiver(project, "states", anna)


class TestPages:
    STEPS = "/admin/projects/project/change-status/"

    def change_status(self, client, to, *projects, **data):
        url = selection_url([one.pk for one in projects], to=to)
        data = {"version": versions_in(client.get(url))} | data
        return client.post(url, data)

    def test_the_form_of_a_project_leads_to_the_change_of_status(self, anna):
        client, project = signed_in(anna), make_project()
        page = client.get(reverse("admin:projects_project_change", args=[project.pk])).content
        assert f"{self.STEPS}?project={project.pk}".encode() in page
        page = client.get(self.STEPS, {"project": project.pk}).content.decode()
        assert "Eligible" in page and "Not eligible" in page and "Withdrawn" in page
        response = self.change_status(client, "eligible", project)
        assert response.url == reverse("admin:projects_project_change", args=[project.pk])
        assert status_of(project) == "eligible"

    def test_several_applications_change_from_the_list(self, anna):
        client, projects = signed_in(anna), [make_project(), make_project()]
        response = client.post("/admin/projects/project/", selection_of(*projects))
        assert response.url.startswith(self.STEPS)
        page = client.get(f"{response.url}&to=eligible").content.decode()
        assert all(one.reference in page for one in projects)
        response = self.change_status(client, "eligible", *projects)
        assert response.url == "/admin/projects/project/"
        assert {status_of(project) for project in projects} == {"eligible"}

    def test_a_status_out_of_reach_is_refused(self, anna):
        client, url = signed_in(anna), f"{self.STEPS}?project={make_project().pk}&to="
        assert client.get(f"{url}reserve").status_code == 403
        page = client.get(f"{url}completed")
        assert "A project that is submitted cannot become completed, only" in page.text
        assert 'value="Change status"' not in page.text

    def test_a_colleague_who_was_faster_is_no_lack_of_permission(self, anna):
        client, project = signed_in(anna), make_project()
        url = f"{self.STEPS}?to=eligible&project={project.pk}"
        page = client.get(url)
        assert 'value="Change status"' in page.text
        opened = {"version": versions_in(page)}
        assert client.post(url, opened).status_code == 302
        assert f"{project.reference} is eligible already." in client.get(url).text
        page = client.post(url, opened).content.decode()
        assert f"{project.reference} is eligible already." in page
        assert "the records have changed" in page

    def test_the_usual_next_status_is_suggested(self, anna):
        client = signed_in(anna)
        for status, shown, others in [
            ("submitted", "eligible", ["not_eligible", "withdrawn"]),
            ("reserve", "", ["eligible", "rejected", "withdrawn"]),
        ]:
            project = make_project(status=status)
            url = f"{self.STEPS}?project={project.pk}"
            response = client.get(url)
            assert response.context["status"] == shown
            page = response.content.decode()
            assert ('Change status" class' in page) == bool(shown)
            for other in others:
                assert f"&amp;to={other}" in page
            if shown:
                data = {"version": versions_in(response), "reason": ""}
                assert client.post(url, data).status_code == 302
                assert status_of(project) == shown

    def test_a_form_without_a_status_changes_nothing(self, anna):
        client, project = signed_in(anna), make_project(status="reserve")
        url = f"{self.STEPS}?project={project.pk}"
        data = {"version": versions_in(client.get(url)), "reason": ""}
        assert "Choose the new status." in client.post(url, data).content.decode()
        assert status_of(project) == "reserve"

    def test_the_page_warns_that_a_late_application_becomes_eligible(self, anna):
        client, call = signed_in(anna), make_call(closes_at=datetime(2025, 3, 31, tzinfo=UTC))
        late = make_project(call, reference="PSF-2025-02", received_on="2025-04-02")
        url = f"{self.STEPS}?project={late.pk}&to="
        sentence = "PSF-2025-02: Received on 2 April 2025"
        assert sentence in client.get(f"{url}eligible").content.decode()
        assert sentence not in client.get(f"{url}withdrawn").content.decode()

    def test_a_late_application_becomes_eligible_only_with_a_reason(self, anna):
        client, call = signed_in(anna), make_call(closes_at=datetime(2025, 3, 31, tzinfo=UTC))
        rows = [make_project(call, received_on=day) for day in ["2025-04-02", "2025-03-30"]]
        with pytest.raises(ValidationError, match=r"Received on 2 April .* Enter a reason to"):
            change_status(rows, "eligible", anna)
        url = selection_url([row.pk for row in rows], to="eligible")
        page = confirm(client, url, {"reason": ""}).content.decode()
        assert "This field is required." in page
        assert not Project.objects.filter(status="eligible").exists()
        confirm(client, url, {"reason": "The server was down."})
        assert Project.objects.filter(status="eligible").count() == 2
        assert ChangeSet.objects.latest("pk").reason == "The server was down."
        change_status([make_project(call, received_on="2025-03-30")], "eligible", anna)

    @pytest.mark.parametrize(
        ("status", "field", "to", "sentence"),
        [
            ("running", "ends_on", "completed", "The project has not ended: until"),
            ("funded", "starts_on", "running", "The project has not started: from"),
        ],
    )
    def test_the_page_warns_of_an_early_status(self, anna, status, field, to, sentence):
        client, today = signed_in(anna), timezone.localdate()
        for day, is_warned in [(today + timedelta(days=1), True), (today, False), (None, False)]:
            project = make_project(status=status, **{field: day})
            page = client.get(f"{self.STEPS}?project={project.pk}&to={to}").content.decode()
            assert (sentence in page) == is_warned

    def test_the_page_previews_the_impact_on_readers(self, anna):
        client, project = signed_in(anna), make_public_project(title="Safe Ports")
        other = make_project(project.call, status=project.status, title="Hidden Ports")
        url = f"{self.STEPS}?to=running&project={project.pk}.{other.pk}"
        [(_label, seen)] = client.get(url).context["impacts"]
        assert [(line.record, line.label, line.old, line.new) for line in seen.lines] == [
            (f"{project.reference} Safe Ports", "Status", "funded", "running")
        ]
        assert status_of(project) == "funded"
        url = f"{self.STEPS}?to=running&project={other.pk}"
        assert client.get(url).context["impacts"] == []

    def test_the_form_offers_the_reasons_of_the_call(self, anna):
        client, project = signed_in(anna), make_project()
        ineligibility_reason = make_ineligibility_reason(project.call)
        make_ineligibility_reason(make_call(), "Of another call.")
        response = self.change_status(client, "not_eligible", project)
        page = response.content.decode()
        assert "at least one reason" in page
        assert "Of another call." not in page
        self.change_status(
            client, "not_eligible", project, ineligibility_reasons=[ineligibility_reason.pk]
        )
        assert status_of(project) == "not_eligible"

    @pytest.mark.parametrize("query", ["", "project=x", "project=999999", "project=" + "9" * 30])
    def test_an_address_without_applications_is_not_found(self, anna, query):
        assert signed_in(anna).get(f"{self.STEPS}?{query}").status_code == 404

    def test_the_address_of_the_most_applications_is_no_too_long_one(self):
        query = selection_url([10**7] * MOST_AT_ONCE, to="not_eligible").partition("?")[2]
        assert RejectBadInput.refusal("/", query) is None

    def test_too_many_selected_applications_are_refused(self, anna, monkeypatch):
        monkeypatch.setattr("projects.workflow.admin.MOST_AT_ONCE", 1)
        projects, client = [make_project(), make_project()], signed_in(anna)
        for number, sentence in [
            (2, "Select at most 1 projects."),
            (1, f"Change status of {projects[0].reference}"),
        ]:
            data = selection_of(*projects[:number])
            response = client.post("/admin/projects/project/", data, follow=True)
            assert sentence in response.content.decode()

    def test_a_waiver_is_granted_and_ended(self, anna):
        make_membership("LV")
        client, project = signed_in(anna), make_project(make_call(min_member_states=1))
        change = reverse("admin:projects_project_change", args=[project.pk])
        rule = reverse("admin:projects_project_rule", args=[project.pk, "states"])
        assert rule in client.get(change).content.decode()
        assert "This field is required" in client.post(rule, {"reason": ""}).content.decode()
        sent = {"version": versions_in(client.get(rule)), "reason": "A pilot."}
        assert client.post(rule, sent).url == change
        assert "End the waiver…" in client.get(change).content.decode()
        again = client.post(rule, sent).content.decode()  # by a second click, or by a colleague
        assert "Nothing was saved" in again and "End the waiver" in again
        assert client.post(rule, {"version": versions_in(client.get(rule))}).url == change
        assert not Waiver.objects.exists()
        other = reverse("admin:projects_project_rule", args=[project.pk, "grant"])
        assert client.get(other).status_code == 404
