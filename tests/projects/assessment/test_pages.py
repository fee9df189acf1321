"""The pages of assessors and of lead assessors."""

import csv
from datetime import date, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from projects.assessment import assess as acts
from projects.models import Assessment, Call, Consensus, Criterion, Project
from psf.history.words import field_in_words
from tests.projects.assessment.call_in_assessment import assess, eligible, with_partners
from tests.support.accounts import (
    client_of,
    confirm,
    filled_in,
    make_account,
    save,
    signed_in,
    url_of,
)
from tests.support.factories import (
    make_assessment,
    make_call,
    make_consensus,
    make_project,
    make_submitted,
)
from tests.support.hidden_records import number_of_queries, words

pytestmark = pytest.mark.django_db


def writing(world, version, *points, **fields):
    """The data that a browser sends with the form of an assessment."""
    data = {"version": version, "comment": "Sound.", "recommendation": "fund"}
    for criterion, given in zip(world.criteria, points, strict=True):
        data |= {f"points-{criterion.pk}": given, f"comment-{criterion.pk}": f"On {criterion}"}
    return data | fields


class TestAssessor:
    def test_an_assessor_sees_only_own_assessments(self, world):
        make_assessment(world.project, world.anna)
        other = eligible(world.call)
        make_assessment(other, world.ben)
        client = signed_in(world.anna)
        index = words(client.get("/admin/"))
        assert "Assessments" in index and "Add" not in index
        page = words(client.get("/admin/projects/assessment/"))
        assert world.project.reference in page and other.reference not in page
        assert "not declared yet" in page and "0 of 2" in page and "no deadline" in page
        assert "ben" not in page

    def test_the_first_page_says_how_many_wait_and_until_when(self, world):
        client = signed_in(world.anna)
        assert "Your assessments" not in words(client.get("/admin/"))
        for project in [world.project, eligible(world.call), eligible(world.call)]:
            make_assessment(project, world.anna)
        Project.objects.filter(pk=world.project.pk).update(status="withdrawn")
        make_assessment(world.project, world.ben)
        page = client.get("/admin/")
        assert "PSF 2031: 2 applications wait for your assessment." in words(page)
        assert "There is no deadline." in words(page)
        link = f"/admin/projects/assessment/?state=to_do&amp;call={world.call.pk}"
        assert link in page.content.decode()
        listed = client.get(link.replace("&amp;", "&")).context["cl"].result_list
        assert len(listed) == 2
        today = timezone.localdate()
        for day, said in [(today, "The last day is"), (today - timedelta(1), "It was due on")]:
            Call.objects.update(assessments_due_on=day)
            assert f"{said} {day.day} {day:%B %Y}." in words(client.get("/admin/"))
        assert "Your assessments" not in words(signed_in(world.publisher).get("/admin/"))

    def test_a_submitted_assessment_leads_to_the_next_application(self, world):
        done = assess(world, make_assessment(world.project, world.anna), 4, 10)
        client, change = signed_in(world.anna), url_of(done, "change")
        make_assessment(eligible(world.call), world.ben)
        make_assessment(eligible(world.call, status="withdrawn"), world.anna)
        assert "Next application" not in words(client.get(change))
        make_assessment(eligible(make_call()), world.anna)  # without a last day
        call = make_call(assessments_due_on=date(2031, 6, 1))
        waiting = make_assessment(eligible(call), world.anna)
        page = words(client.get(change))
        assert (
            f'href="{url_of(waiting, "change")}">Next application: {waiting.project.reference}'
            in page
        )
        assert "Next application" not in words(signed_in(world.publisher).get(change))

    def test_the_last_submission_stays_on_its_page(self, world):
        last = make_assessment(world.project, world.anna, declaration="none")
        data = writing(world, 0, 4, 10, _submit="")
        page = signed_in(world.anna).post(url_of(last, "change"), data, follow=True)
        assert "Submitted. Thank you: nothing else waits for you." in words(page)

    def test_an_empty_field_of_another_window_replaces_nothing(self, world):
        assessment = make_assessment(world.project, world.anna, declaration="none")
        client, change = signed_in(world.anna), url_of(assessment, "change")
        first, second = world.criteria
        client.post(change, writing(world, "0", "4", "", comment="Typed first."))
        other = writing(world, "0", "", "9", comment="") | {f"comment-{first.pk}": ""}
        response = client.post(change, other)
        assert "empty fields have the saved text" in words(response)
        form = response.context["form"]
        shown = {name: form[name].value() for name in form.fields} | {"version": form.version}
        assert client.post(change, shown).status_code == 302
        assessment.refresh_from_db()
        assert assessment.comment == "Typed first."
        scores = assessment.scores.values_list("criterion", "points", "comment")
        assert set(scores) == {
            (first.pk, 4, f"On {first}"),
            (second.pk, 9, f"On {second}"),
        }

    def test_from_the_declaration_to_the_submission(self, world):
        Project.objects.update(description="Whole story.", summary="Short story.")
        assessment = make_assessment(world.project, world.anna)
        client, change = signed_in(world.anna), url_of(assessment, "change")
        page = words(client.get(change, follow=True))
        assert "Short story." in page and "Whole story." not in page
        answer = client.post(url_of(assessment, "declare"), {"declaration": "none"}, follow=True)
        assert "Declared. You can assess" in words(answer)
        assert "Whole story." in words(answer)
        data = writing(world, 1, 4, "")
        answer = client.post(change, data | {"_submit": ""})
        assert "Give points for “Partnership”." in words(answer)
        assert [*answer.context["form"].errors] == [f"points-{world.criteria[1].pk}"]
        assert not assessment.scores.exists()
        assert 'name="version" value="1"' in answer.content.decode()
        assert "Saved." in words(client.post(change, data | {"_save": ""}, follow=True))
        page = client.get(change).content.decode()
        assert 'value="4"' in page and 'name="version" value="2"' in page
        following = make_assessment(eligible(world.call), world.anna)
        page = words(client.get(change))
        assert "Application 1 of 2" in page and "Give points for “Partnership”." in page
        assert url_of(following, "change") in page
        answer = client.post(change, writing(world, 2, 4, 10, _submit=""), follow=True)
        assert "Submitted. This is the next application." in words(answer)
        assert answer.redirect_chain[-1][0] == url_of(following, "declare")
        answer = client.get(change)
        assert "85.0 per cent of the maximum" in words(answer)  # 100 × (3 × 4/5 + 1) / 4
        assert "<textarea" not in answer.content.decode()
        answer = client.post(change, writing(world, 4, 1, 1, _save=""))
        assert "This assessment is submitted." in words(answer)

    def test_an_account_without_the_role_opens_no_assessment_of_its_own(self, world):
        assessment = make_assessment(world.project, world.publisher)
        url = url_of(assessment, "change")
        assert signed_in(world.publisher).get(url, follow=True).status_code == 403

    def test_a_conflict_needs_words_and_closes_the_page(self, world):
        assessment = make_assessment(world.project, world.anna)
        client, declare = signed_in(world.anna), url_of(assessment, "declare")
        answer = client.post(declare, {"declaration": "conflict"})
        assert "Describe the conflict of interest in a sentence." in words(answer)
        answer = client.post(declare, {"declaration": "none", "conflict": "I advise a partner."})
        assert "Choose that you have a conflict, or empty this field." in words(answer)
        data = {"declaration": "conflict", "conflict": "I advise a partner."}
        answer = client.post(declare, data, follow=True)
        assert "The application is closed to you." in words(answer)
        assert "I advise a partner." in words(answer)
        assert "The application<" not in answer.content.decode()
        assert "this declaration already" in words(client.post(declare, data))
        assert client.get(url_of(assessment, "sheet")).status_code == 404
        page = signed_in(world.publisher).get(url_of(world.call, "assessment"))
        assert "conflict of interest: I advise a partner." in words(page)

    def test_a_decided_assessment_is_read_only(self, world):
        assessment = make_assessment(world.project, world.anna, declaration="none")
        Project.objects.update(status="reserve")
        page = words(signed_in(world.anna).get(url_of(assessment, "change")))
        assert "The assessment of this application has ended" in page
        assert "Submit and open" not in page and "reserve" not in page
        Assessment.objects.update(declaration="not_yet")
        page = words(signed_in(world.anna).get(url_of(assessment, "change"), follow=True))
        assert "The assessment of this application has ended" in page
        assert "Declare" not in page.partition("<main")[2] and "reserve" not in page

    def test_no_page_of_an_anonymised_application_names_an_organisation(self, world):
        with_partners(world.project)
        Project.objects.update(title="Waters of Kaunas City Municipality")
        Call.objects.update(is_anonymised=True)
        assessment = make_assessment(world.project, world.anna, declaration="none")
        client = signed_in(world.anna)
        addresses = [url_of(assessment, p) for p in ["change", "declare", "sheet"]]
        query = {"app_label": "projects", "model_name": "score", "field_name": "assessment"}
        assert client.get(reverse("admin:autocomplete"), query).status_code in [403, 404]
        for address in [*addresses, "/admin/projects/assessment/"]:
            page = words(client.get(address))
            assert "Kaun" not in page and "[Partner 1]" in page, address

    def test_the_assessment_is_printed_as_it_is_saved(self, world):
        assessment = make_submitted(world.project, world.anna, 4, 7)
        filled = words(signed_in(world.anna).get(url_of(assessment, "sheet")))
        assert "4 / 5" in filled and "Sound." in filled

    def test_the_list_is_narrowed_by_call_and_state(self, world):
        make_submitted(world.project, world.anna, 4, 7)
        other = eligible(world.call)
        make_assessment(other, world.anna, declaration="conflict", conflict="A partner.")
        third = eligible(world.call)
        make_assessment(third, world.anna)
        client = signed_in(world.anna)
        for query, found in [
            ({"state": "to_do"}, [third]),
            ({"state": "submitted"}, [world.project]),
            ({"state": "conflict"}, [other]),
            ({"state": "x", "call": "x"}, [world.project, other, third]),
            (
                {"call": world.call.pk, "q": "any"},
                [world.project, other, third],
            ),
        ]:
            page = client.get("/admin/projects/assessment/", query)
            shown = {row.project for row in page.context["cl"].result_list}
            assert shown == set(found), query
        hidden = client.get("/admin/projects/assessment/", {"comment__startswith": "S"})
        assert hidden.status_code in [302, 400]


class TestProgress:
    def test_assessors_are_assigned_to_several_applications_at_once(
        self, world, settings, mailoutbox
    ):
        settings.EMAIL_HOST = "mail.example.org"
        other = eligible(world.call)
        with_partners(other)
        world.anna.email = "anna@kaunas.lt"
        world.anna.save()
        client, url = signed_in(world.publisher), url_of(world.call, "assessment")
        answer = client.post(url, {"projects": [world.project.pk]})
        assert "Choose assessors." in words(answer)
        data = {
            "projects": [world.project.pk, other.pk],
            "assessors": [world.anna.pk, world.ben.pk],
        }
        preview = confirm(client, url, data | {"_preview": "Preview"})
        assert words(preview).count("would assess") == 4
        assert "Save 4 assignments" in preview.content.decode()
        assert not Assessment.objects.exists()
        refused = confirm(client, url, data | {"planned": "1-1"})
        assert "the assignments differ from the preview" in words(refused)
        data["planned"] = preview.context["form"].planned
        Call.objects.filter(pk=world.call.pk).update(title="PSF & Co 2031")
        answer = words(confirm(client, url, data, follow=True))
        assert "4 assignments were made." in answer
        question = "anna and “Kaunas City Municipality” share a domain. Is that a conflict of"
        assert f"{other.reference}: {question}" in answer
        assert answer.count(question) == 2
        assert Assessment.objects.count() == 4
        assert "No mail was sent to ben." in answer
        [mail] = mailoutbox
        assert mail.to == ["anna@kaunas.lt"]
        assert mail.subject == "Applications to assess: PSF & Co 2031"
        assert "2 applications of PSF & Co 2031 wait for your assessment." in mail.body
        assert other.title not in mail.body

    @pytest.mark.parametrize("button", ["_preview", "_assign"])
    def test_if_nobody_can_be_assigned_the_page_says_so(self, world, button):
        client, url = signed_in(world.publisher), url_of(world.call, "assessment")
        make_assessment(world.project, world.anna)
        data = {"projects": [world.project.pk], "assessors": [world.anna.pk], button: "1"}
        assert "Nobody can be assigned." in words(confirm(client, url, data, follow=True))
        assert Assessment.objects.count() == 1

    def test_mails_are_announced_and_wrong_applications_refused(self, world, settings):
        settings.EMAIL_HOST = "mail.example.org"
        client, url = signed_in(world.publisher), url_of(world.call, "assessment")
        User.objects.update(email="anna@example.org")
        data = {"projects": [world.project.pk], "assessors": [world.anna.pk]}
        data["planned"] = f"{world.project.pk}-{world.anna.pk}"
        assert "The assessors get a mail." in words(confirm(client, url, data, follow=True))
        make_consensus(world.project, world.publisher)
        again = data | {"additional": "on", "_preview": "Preview"}
        assert "has a consensus already" in words(confirm(client, url, again))

    def test_a_call_without_all_it_needs_says_so(self):
        call = make_project().call
        page = words(client_of("Publisher").get(url_of(call, "assessment")))
        for sentence in [
            "The call has no criteria yet",
            "No application of this call is eligible.",
            "No account has the role Assessor",
        ]:
            assert sentence in page

    def test_opening_again_and_taking_off(self, world):
        done = make_submitted(world.project, world.anna, 4, 7)
        begun = make_assessment(world.project, world.ben, declaration="none")
        client = signed_in(world.publisher)
        reopen, remove = url_of(done, "reopen"), url_of(begun, "remove_assessor")
        assert "Reopen" in words(client.get(reopen))
        assert "This field is required." in words(client.post(reopen))
        answer = client.post(reopen, {"reason": "Mixed up."}, follow=True)
        assert "The assessment is open again." in words(answer)
        assert "This assessment is not submitted." in words(
            client.post(reopen, {"reason": "Mixed up."})
        )
        page = words(client.get(url_of(done, "change")))
        assert "Changes" in page and "Mixed up." in page
        assert "The assessor was removed." in words(
            client.post(remove, {"reason": "Ill."}, follow=True)
        )
        assert list(Assessment.objects.all()) == [done]
        assert client.get(remove).status_code == 404

    def test_it_costs_the_same_for_one_application_and_for_three(self, world):
        client = signed_in(world.publisher)
        pages = [url_of(world.call, "assessment"), url_of(world.call, "ranking")]
        pages.append("/admin/projects/assessment/")
        costs = []
        for rows in [1, 3]:
            while world.call.projects.filter(assessments__isnull=False).count() < rows * 2:
                project = eligible(world.call)
                with_partners(project)
                for account in [world.anna, world.ben]:
                    make_submitted(project, account, 1, 2)
                make_consensus(project, world.publisher)
            costs.append([number_of_queries(client, page) for page in pages])
        assert costs[0] == costs[1]


class TestRanking:
    def ranked(self, world):
        """Four applications of 60 000, 30 000, 20 000 and an unknown amount, the best first."""
        world.project.delete()
        self.projects = [eligible(world.call, requested_eur=n * 1000) for n in [60, 30, 20]]
        self.projects.append(eligible(world.call, requested_eur=None))
        for project, anna, ben in zip(
            self.projects,
            [(5, 10), (5, 6), (2, 5), (1, 1)],
            [(5, 10), (1, 2), (2, 5), (1, 1)],
            strict=True,
        ):
            make_submitted(project, world.anna, *anna)
            make_submitted(project, world.ben, *ben)
        return signed_in(world.publisher)

    def rows(self, client, world):
        answer = client.get(url_of(world.call, "ranking_csv"))
        text = b"".join(answer).decode("utf-8-sig")
        return list(csv.DictReader(StringIO(text)))

    def test_places_results_and_where_the_money_ends(self, world):
        client = self.ranked(world)
        rows = self.rows(client, world)
        assert [row["Reference"] for row in rows] == [one.reference for one in self.projects]
        assert [row["Place"] for row in rows] == ["1", "2", "3", "4"]
        assert [row["Result (per cent)"] for row in rows] == ["100.0", "55.0", "42.5", "17.5"]
        assert [row["Within the budget"] for row in rows] == ["yes", "yes", "no", "no"]
        assert rows[1]["Disagreement"] == (
            "The assessors differ by more than 20 points: 20.0 and 90.0."
        )
        assert rows[1]["Requested so far (EUR)"] == "90000.00"
        page = words(client.get(url_of(world.call, "ranking")))
        line = "The budget ends here: the next application requests more than the remainder."
        assert page.count(line) == 1
        assert page.index(self.projects[1].reference) < page.rindex(line)
        assert page.rindex(line) < page.index(self.projects[2].reference)

    @pytest.mark.parametrize(
        ("budget", "requested", "sentence"),
        [
            (None, [1], "The call has no budget."),
            (9, [], "No application is ranked yet."),
            (9, [1, 1], "The budget covers all ranked applications."),
            (9, [1, None], "An amount requested is missing here, so the totals end."),
            (9, [5, 5], "The budget ends here, between applications with the same result."),
        ],
    )
    def test_how_far_the_budget_goes_is_said(self, world, budget, requested, sentence):
        Call.objects.update(budget_eur=budget)
        for amount in requested:
            make_submitted(eligible(world.call, requested_eur=amount), world.anna, 5, 10)
        assert sentence in words(signed_in(world.publisher).get(url_of(world.call, "ranking")))

    def test_a_consensus_takes_the_place_of_the_mean(self, world):
        client = self.ranked(world)
        make_consensus(self.projects[3], world.publisher, agreed_percent=60)
        make_consensus(self.projects[0], world.publisher, recommendation="reject")
        rows = self.rows(client, world)
        assert [row["Reference"] for row in rows][1] == self.projects[3].reference
        assert rows[1]["Agreed on (per cent)"] == "60.0"
        assert rows[0]["Recommendations"] == "do not fund"

    def test_applications_without_an_assessment_are_ranked_last(self, world):
        client = self.ranked(world)
        eligible(world.call, reference="A-FIRST")
        make_project(world.call, status="submitted")
        rejected = make_project(world.call, status="rejected")
        make_submitted(rejected, world.anna, 5, 9)
        rows = self.rows(client, world)
        assert [row["Reference"] for row in rows][1] == rejected.reference
        assert (rows[-1]["Reference"], rows[-1]["Place"]) == ("A-FIRST", "")
        assert len(rows) == 6


def test_nobody_writes_in_the_assessment_of_another_person(world):
    assessment = make_submitted(world.project, world.anna, 5, 10)
    data = writing(world, str(assessment.version), 1, 1, recommendation="reject")
    answer = signed_in(world.publisher).post(url_of(assessment, "change"), data)
    assert answer.status_code == 403
    assessment.refresh_from_db()
    assert assessment.recommendation == "fund"


class TestConsensus:
    def test_consensus_is_shown_beside_the_scores_of_each_assessor(self, world):
        make_submitted(world.project, world.anna, 5, 10)
        client, url = signed_in(world.publisher), url_of(world.project, "consensus")
        make_submitted(world.project, world.ben, 1, 1)
        page = words(client.get(url))
        assert "differ by more than 20 points: 17.5 and 100.0." in page and "17.5" in page
        assert "agreed result, or describe" in words(client.post(url, {"recommendation": "fund"}))
        data = {"agreed_percent": "66.55", "text": "After a talk.", "recommendation": "fund"}
        assert "Write per cent such as 85 or 85.5." in words(client.post(url, data))
        data["agreed_percent"] = "66,5"
        answer = words(client.post(url, data, follow=True))
        assert "The consensus is recorded." in answer
        assert "66.5 per cent of the maximum" in answer and "After a talk." in answer
        consensus = Consensus.objects.get()
        assert consensus.recorded_by == world.publisher
        assert field_in_words(consensus, Consensus._meta.get_field("agreed_percent")) == "66.5"

    def test_a_conflict_of_one_of_three_assessors_is_no_dead_end(self, world):
        Call.objects.update(assessors_needed=3)
        partial = make_account("Administrator")
        rows = [make_assessment(world.project, who) for who in [world.anna, world.ben, partial]]
        decision, client = url_of(world.call, "decision"), signed_in(world.publisher)
        consensus = url_of(world.project, "consensus")

        def said(sentence):
            assert f"Not assessed yet: {world.project.reference}." in words(client.get(decision))
            return sentence in words(client.get(consensus))

        assert said("3 assessors have not submitted yet. Wait, or remove them")
        acts.declare(rows[2], partial, "A partner.")
        for row in rows[:2]:
            row.delete()
        assert said("Nobody assesses this application. Assign assessors")
        for who in [world.anna, world.ben]:
            make_submitted(world.project, who, 5, 10)
        assert said("2 of the 3 assessors needed have submitted.")
        data = {"agreed_percent": "66", "recommendation": "fund"}
        assert "This field is required." in words(client.post(consensus, data))
        client.post(consensus, data | {"text": "Two are enough for a small project."})
        assert Consensus.objects.get().agreed_percent == 66
        assert "Not assessed yet" not in words(client.get(decision))

    def test_the_consensus_of_a_colleague_is_not_replaced_unseen(self, world):
        make_submitted(world.project, world.anna, 5, 10)
        make_submitted(world.project, world.ben, 1, 1)
        url, data = url_of(world.project, "consensus"), {"recommendation": "fund"}
        first, second = signed_in(world.publisher), client_of("Publisher")
        first.post(url, data | {"text": "Typed first."})
        response = second.post(url, data | {"text": "Typed second."})
        page = words(response)
        assert "Nothing was saved" in page and "Typed first." in page and "Typed second." in page
        assert Consensus.objects.get().text == "Typed first."
        shown = {"text": "Typed second.", "version": response.context["form"].version}
        assert second.post(url, data | shown).status_code == 302
        assert Consensus.objects.get().text == "Typed second."

    def test_once_it_is_decided_it_is_only_read(self, world):
        make_consensus(world.project, world.publisher)
        Project.objects.update(status="funded")
        Call.objects.update(assessors_needed=0)
        page = words(signed_in(world.publisher).get(url_of(world.project, "consensus")))
        assert "the mean of the assessors" in page and "Record the consensus" not in page


@pytest.mark.unmeasured
class TestRecords:
    def test_criteria_are_edited_with_the_call_until_they_have_scores(self, world):
        client, change = client_of("Editor"), url_of(world.call, "change")
        save(client, change, **{"criteria-0-weight": "7"})
        assert Criterion.objects.get(name="Relevance").weight == 7
        make_submitted(world.project, world.anna, 1, 1)
        assert "so the criteria are locked" in words(client.get(change))
        assert "criteria-0-weight" not in filled_in(client, change)
        refused = client.post(change, filled_in(client, change) | {"criteria-0-weight": "9"})
        assert refused.context["refusal"].endswith(": 9")
        assert Criterion.objects.get(name="Relevance").weight == 7
        save(client, change, title="Other")
        assert Call.objects.get().title == "Other"
        add = filled_in(client_of("Editor"), reverse("admin:projects_call_add"))
        assert "criteria-TOTAL_FORMS" in add

    def test_assigned_assessments_stay(self, world):
        make_assessment(world.project, world.anna)
        response = confirm(signed_in(world.publisher), url_of(world.project, "delete"))
        assert response.status_code == 403
        assert "was assigned to assessors, so it cannot be deleted" in words(response)

    def test_who_assesses_stays_too(self, world):
        make_assessment(world.project, world.anna)
        response = confirm(
            client_of("Administrator"), reverse("admin:auth_user_delete", args=[world.anna.pk])
        )
        assert response.status_code == 403

    def test_the_list_of_publishers_names_the_assessors(self, world):
        assess(world, make_assessment(world.project, world.anna), 1, 1)
        page = words(signed_in(world.publisher).get("/admin/projects/assessment/"))
        assert "anna" in page and "2 of 2" in page
        found = signed_in(world.publisher).get("/admin/projects/assessment/", {"q": "nothing"})
        assert found.context["cl"].result_count == 0
        assert acts.submission_blockers(Assessment.objects.get()) == {}
