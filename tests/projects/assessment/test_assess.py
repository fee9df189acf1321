"""The actions of an assessment: permissions, moments and refusals."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError

from projects.assessment import assess as acts
from projects.assessment.assess import record_consensus
from projects.assessment.assignment import (
    assessors,
    assign,
    country_of,
    hint,
    not_assessed,
    plan,
    tell_assessors,
    workloads,
)
from projects.assessment.ranking import ranked_list
from projects.cockpit.state import state_of
from projects.models import Assessment, Consensus, Criterion, Project, Score
from psf.history import recording
from psf.history.models import ChangeSet, Channel
from psf.history.restore import undo_blockers
from tests.projects.assessment.call_in_assessment import assess, eligible, said, with_partners
from tests.support.accounts import make_account
from tests.support.factories import (
    make_assessment,
    make_call,
    make_partner,
    make_partnership,
    make_project,
)

pytestmark = pytest.mark.django_db


def mine(world, **fields):
    return make_assessment(world.project, world.anna, **fields)


def refuses(words):
    return pytest.raises(ValidationError, match=words)


def test_a_former_assessor_changes_no_assessment(world):
    row = mine(world)
    world.anna.groups.clear()
    with pytest.raises(PermissionDenied):
        acts.declare(row, world.anna)


class TestAssigning:
    def test_applications_are_spread_evenly_over_assessors(self, world):
        projects = [world.project, *(eligible(world.call) for _ in range(5))]
        accounts = [world.anna, world.ben, make_account("Assessor"), make_account("Assessor")]
        made = assign(projects, world.publisher, accounts)
        assert len(made) == 12
        for project in projects:
            assert project.assessments.count() == 2
        assert {account.assessments.count() for account in accounts} == {3}
        assert assign(projects, world.publisher, accounts) == []

    def test_nobody_assesses_an_application_of_the_own_country(self, world):
        projects = [world.project, eligible(world.call), eligible(world.call)]
        for project, country in zip(projects, ["LT", "GB", "LV"], strict=True):
            make_partnership(project, make_partner(country=country), role="lead")
        for account, address in [(world.anna, "a@x.lt"), (world.ben, "b@x.co.uk")]:
            User.objects.filter(pk=account.pk).update(email=address)
        make_account("Assessor", email="c@x.eu")
        rows = plan(projects, assessors(), other_countries=True)
        names = {(row.project, row.assessor.email) for row in rows}
        assert (projects[0], "a@x.lt") not in names
        assert (projects[1], "b@x.co.uk") not in names
        assert len(rows) == 6
        assert not Assessment.objects.exists()
        assert [country_of(row) for row in assessors()] == ["LT", "GB", ""]

    def test_who_gets_no_mail_is_named(self, world, settings):
        settings.EMAIL_HOST = "mail.example.org"
        world.anna.email = "a@x.lt\nBcc: all@x.lt"
        assert tell_assessors(world.call, [world.anna, world.ben]) == [world.anna, world.ben]
        world.anna.email, settings.EMAIL_HOST = "a@x.lt", ""
        assert tell_assessors(world.call, [world.anna]) == [world.anna]

    def test_an_assessor_with_a_conflict_is_replaced_by_another(self, world):
        made = assign([world.project], world.publisher, [world.anna, world.ben])
        assert {row.assessor for row in made} == {world.anna, world.ben}
        acts.declare(made[0], made[0].assessor, "I work for a partner.")
        assert assign([world.project], world.publisher, [world.anna, world.ben]) == []
        third = make_account("Assessor")
        (row,) = assign([world.project], world.publisher, [world.anna, world.ben, third])
        assert row.assessor == third

    def test_an_assessor_whose_account_ends_is_replaced_by_another(self, world):
        world.call.assessors_needed = 2
        world.call.save()
        anna, ben = assign([world.project], world.publisher, assessors())
        assess(world, anna, 5, 5)
        User.objects.update(is_active=False)
        assert state_of(world.call.pk)["to-assign"] == 1
        assert state_of(world.call.pk)["assigned"] == 1
        assert [row.username for row in workloads(world.call, User.objects.none())] == ["anna"]
        assert not Assessment.objects.to_do().exists()
        User.objects.filter(pk=world.publisher.pk).update(is_active=True)
        [row] = ranked_list(world.call, world.publisher).rows
        assert (row.done, row.counting) == (1, 1)
        carol = make_account("Assessor")
        [new] = assign([world.project], world.publisher, assessors())
        assert new.assessor == carol
        ben.refresh_from_db()
        assert ben.state() == "the account is not active, so another assessor is needed"
        acts.remove_assessor(ben, world.publisher, "Left.")

    def test_conflicts_and_applications_of_other_calls_are_no_workload(self, world):
        conflict = {"declaration": "conflict", "conflict": "I work for a partner."}
        for _application in range(2):
            make_assessment(eligible(world.call), world.anna, **conflict)
            make_assessment(eligible(make_call()), world.anna)
        make_assessment(eligible(world.call), world.ben)
        world.call.assessors_needed = 1
        world.call.save()
        (row,) = assign([world.project], world.publisher, [world.anna, world.ben])
        assert row.assessor == world.anna

    def test_only_eligible_applications_are_assigned(self, world):
        other = make_project(world.call, status="submitted")
        with refuses("only eligible applications"):
            assign([world.project, other], world.publisher, [world.anna])
        assert not Assessment.objects.exists()

    def test_assigning_needs_the_permission(self, world):
        for account in [world.anna, make_account("Editor")]:
            with pytest.raises(PermissionDenied):
                assign([world.project], account, [world.anna])

    def test_who_seems_to_belong_to_a_partner_comes_last(self, world):
        with_partners(world.project)
        world.anna.email = "anna@it.kaunas.lt"
        world.anna.save()
        make_assessment(eligible(world.call), world.ben)
        Project.objects.filter(pk=world.project.pk).update(call=world.call)
        world.call.assessors_needed = 1
        world.call.save()
        (row,) = assign([world.project], world.publisher, [world.anna, world.ben])
        assert row.assessor == world.ben

    @pytest.mark.parametrize(
        ("email", "website", "belongs"),
        [
            ("a@kaunas.lt", "https://www.kaunas.lt/en", True),
            ("a@IT.Kaunas.lt", "https://kaunas.lt", True),
            ("a@notkaunas.lt", "https://kaunas.lt", False),
            ("a@kaunas.lt", "", False),
            ("", "https://kaunas.lt", False),
        ],
    )
    def test_a_shared_domain_is_a_hint(self, world, email, website, belongs):
        partner = make_partner(website=website)
        make_partnership(world.project, None, "EE")
        make_partnership(world.project, partner)
        world.anna.email = email
        question = f"anna and “{partner}” share a domain. Is that a conflict of interest?"
        assert hint(world.anna, world.project) == (question if belongs else "")


class TestDeclaring:
    def test_a_conflict_closes_the_scoring_for_good(self, world):
        assessment = mine(world)
        acts.declare(assessment, world.anna)
        acts.save(assessment, world.anna, *said(world, 1, 2))
        acts.declare(assessment, world.anna, "My brother works there.")
        assert not Score.objects.exists()
        assert (assessment.comment, assessment.recommendation) == ("", "not_yet")
        for act in [
            lambda: acts.save(assessment, world.anna, *said(world, 1, 2)),
            lambda: acts.submit(assessment, world.anna),
            lambda: acts.declare(assessment, world.anna),
            lambda: acts.remove_assessor(assessment, world.publisher, "Another try."),
        ]:
            with pytest.raises(ValidationError):
                act()
        assert Assessment.objects.get().conflict == "My brother works there."

    def test_nothing_is_written_before_the_declaration(self, world):
        assessment = mine(world)
        with refuses("Declare first"):
            acts.save(assessment, world.anna, *said(world, 1, 2))


class TestWriting:
    def test_a_draft_is_saved_and_completed_later(self, world):
        assessment = mine(world)
        acts.declare(assessment, world.anna)
        acts.save(assessment, world.anna, *said(world, None, 0))
        with refuses("Give points for “Relevance”"):
            acts.submit(assessment, world.anna)
        acts.save(assessment, world.anna, *said(world, 5, 0))
        acts.submit(assessment, world.anna)
        stored = Assessment.objects.get()
        assert stored.submitted_at
        points = [(score.criterion.name, score.points) for score in stored.scores.all()]
        assert points == [("Relevance", 5), ("Partnership", 0)]
        with refuses("This assessment is submitted"):
            acts.save(assessment, world.anna, *said(world, 1, 1))

    def test_missing_scores_are_named(self, world):
        assessment = mine(world, declaration="none")
        assert [*acts.submission_blockers(assessment).values()] == [
            "Give points for “Relevance”.",
            "Give points for “Partnership”.",
            "Write an overall comment.",
            "Choose a recommendation.",
        ]
        Criterion.objects.all().delete()
        assert "The call has no criteria yet." in acts.submission_blockers(assessment).values()

    def test_points_beyond_the_scale_are_refused(self, world):
        assessment = mine(world, declaration="none")
        with refuses("at most 5 points"):
            acts.save(assessment, world.anna, *said(world, 6, 0))
        assert not Score.objects.exists()

    def test_an_assessor_cannot_write_for_another(self, world):
        assessment = mine(world)
        for account in [world.ben, world.publisher, make_account("superuser")]:
            for act in [
                lambda by: acts.declare(assessment, by),
                lambda by: acts.save(assessment, by, *said(world, 1, 1)),
                lambda by: acts.submit(assessment, by),
            ]:
                with pytest.raises(PermissionDenied):
                    act(account)

    def test_only_while_the_application_is_eligible(self, world):
        assessment = mine(world)
        Project.objects.update(status="withdrawn")
        with pytest.raises(ValidationError) as refusal:
            acts.declare(assessment, world.anna)
        # An assessor learns neither what became of it nor, by its title, who applied.
        assert refusal.value.messages == ["The assessment of this application has ended."]


class TestLeading:
    def test_opened_again_with_a_reason_and_the_consensus_goes(self, world):
        anna, ben = (
            assess(world, make_assessment(world.project, who), 1, 2)
            for who in [world.anna, world.ben]
        )
        record_consensus(world.project, world.publisher, 40, "Agreed.", "fund")
        with refuses("Enter the reason"):
            acts.reopen(anna, world.publisher, " ")
        acts.reopen(anna, world.publisher, "Points were mixed up.")
        assert not Consensus.objects.exists()
        with refuses("not submitted"):
            acts.reopen(anna, world.publisher, "Again.")
        with refuses("1 assessor has not submitted yet"):
            record_consensus(world.project, world.publisher, 40, "", "fund")
        with refuses("cannot be removed"):
            acts.remove_assessor(ben, world.publisher, "Late.")

    def test_an_assignment_that_came_to_nothing_ends(self, world):
        assessment = mine(world, declaration="none")
        with pytest.raises(PermissionDenied):
            acts.remove_assessor(assessment, world.ben, "I want it.")
        with refuses("Enter the reason"):
            acts.remove_assessor(assessment, world.publisher, "")
        acts.remove_assessor(assessment, world.publisher, "Ill.")
        assert not Assessment.objects.exists()

    def test_an_assessor_cannot_record_the_consensus(self, world):
        both = make_account("Administrator")
        assessment = make_assessment(world.project, both)
        for act in [acts.reopen, acts.remove_assessor]:
            with refuses("This is your own"):
                act(assessment, both, "To look at the others.")

    def test_a_consensus_waits_for_all_assessments_and_can_be_replaced(self, world):
        def record(by, percent=70, **fields):
            values = {"agreed_percent": percent, "text": "", "recommendation": "fund"}
            return record_consensus(world.project, by, **values | fields)

        with refuses("Nobody assesses this application."):
            record(world.publisher)
        anna, ben = (make_assessment(world.project, who) for who in [world.anna, world.ben])
        with refuses("2 assessors have not submitted"):
            record(world.publisher)
        assess(world, anna, 1, 2)
        with refuses("1 assessor has not submitted"):
            record(world.publisher)
        assess(world, ben, 5, 10)
        with pytest.raises(PermissionDenied):
            record(world.anna)
        with refuses("agreed result, or describe"):
            record(world.publisher, None, text=" ")
        record(world.publisher)
        record(world.publisher, 80, text=" Better. ")
        consensus = Consensus.objects.get()
        assert (consensus.agreed_percent, consensus.text) == (80, "Better.")
        assert consensus.recorded_by == world.publisher
        Project.objects.update(status="rejected")
        with refuses("only eligible"):
            record(world.publisher)

    def test_fewer_assessors_than_needed_agree_with_a_reason(self, world):
        assess(world, make_assessment(world.project, world.anna), 1, 2)
        values = [Decimal("85.5"), " ", "fund"]
        with refuses("1 of the 2 assessors needed have submitted. Say why these are enough."):
            record_consensus(world.project, world.publisher, *values)
        values[1] = "Nobody else knows the field."
        record_consensus(world.project, world.publisher, *values)
        assert not not_assessed(world.call).exists()
        (row,) = ranked_list(world.call, world.publisher).rows
        assert float(row.result) == 85.5

    def test_who_has_a_conflict_records_no_consensus(self, world):
        for who in [world.anna, world.ben]:
            assess(world, make_assessment(world.project, who), 1, 2)
        partial = make_account("Administrator")
        acts.declare(make_assessment(world.project, partial), partial, "A partner.")
        with pytest.raises(PermissionDenied):
            record_consensus(world.project, partial, 40, "", "fund")


class TestHistory:
    def test_assessments_are_not_undone_by_the_way(self, world):
        with recording.change_set(world.publisher, channel=Channel.ASSESSMENT):
            made = assign([world.project], world.publisher, [world.anna, world.ben])
        with recording.change_set(world.anna, channel=Channel.ASSESSMENT):
            assess(world, made[0], 1, 2)
        for change_set in ChangeSet.objects.filter(channel=Channel.ASSESSMENT):
            sentences = [each.sentence for each in undo_blockers(change_set)]
            assert "This belongs to an assessment. A lead assessor can reopen it." in sentences

    def test_criteria_can_be_restored_until_they_have_scores(self, world):
        with recording.change_set(world.publisher, channel=Channel.ASSESSMENT) as change_set:
            world.criteria[0].weight = 9
            world.criteria[0].save()
        assert undo_blockers(change_set) == []
        assess(world, mine(world), 1, 2)
        assert "the criteria are locked" in " ".join(
            each.sentence for each in undo_blockers(change_set)
        )
