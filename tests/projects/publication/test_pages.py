"""Preview, publishing and unpublishing: pages of staff, records, and pages of readers."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from projects.models import Decision
from psf.text.dates import describe_moment
from tests.support import factories
from tests.support.accounts import client_of, confirm, save, url_of

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode()


def noon(days):
    """Noon so many days ahead, and the fields of the form that say so. Each day has one noon."""
    at = (timezone.localtime() + timedelta(days=days)).replace(hour=12, minute=0)
    return at, {"at_0": f"{at:%d/%m/%Y}", "at_1": "12:00"}


@pytest.fixture
def ready():
    """A funded project with a lead partner in a public call, ready to be published."""
    project = factories.make_project(status="funded", title="Safe House")
    factories.make_partnership(project, factories.make_partner("Stellit", "RU"), role="lead")
    factories.make_partnership(project, country="EE")
    return project


class TestPreview:
    def test_preview_is_the_public_page_and_is_not_cached(self, ready):
        viewer = client_of("Viewer")
        response = viewer.get(url_of(ready, "preview"))
        assert response.templates[0].name == "projects/project_detail.html"
        assert "Safe House" in text(response)
        assert "as readers will see it once it is public" in text(response)
        assert response.headers["Cache-Control"] == "no-store, private"
        assert Client().get(ready.get_absolute_url()).status_code == 404

    def test_banner_says_whether_readers_see_the_page(self, ready):
        project = factories.make_public_project()
        page = text(client_of("Viewer").get(url_of(project, "preview")))
        assert "Preview: the page as readers see it." in page


class TestPublishProject:
    def test_page_shows_what_will_be_public(self, publisher, ready):
        ready.announced_countries.set([factories.make_country("FI")])
        page = text(publisher.get(url_of(ready, "publish")))
        for sentence in [
            "Safe House",
            f"/projects/{ready.slug}/",
            "Stellit, Russia",
            "Russia, Estonia",
            "amount not published",
            "There is no summary",
            "No organisation is named for Estonia.",
            "only in the headline: Finland; only in the list of partners: Russia and Estonia.",
            "Time zone: ",
            '<section class="psf-impact"',
        ]:
            assert sentence in page, sentence

    def test_confirming_publishes_and_is_recorded(self, publisher, ready):
        response = confirm(publisher, url_of(ready, "publish"), follow=True)
        ready.refresh_from_db()
        assert ready.is_public()
        assert "Published: the project." in text(response)
        assert f'<a href="{ready.get_absolute_url()}">See the public page</a>' in text(response)
        entry = LogEntry.objects.get()
        assert entry.change_message.startswith("Published: the project.")
        assert entry.object_id == str(ready.pk)

    def test_publication_can_be_scheduled(self, publisher, ready):
        later, data = noon(days=3)
        response = confirm(publisher, url_of(ready, "publish"), data, follow=True)
        ready.refresh_from_db()
        assert not ready.is_public()
        assert ready.is_public(later)
        assert "See the public page" not in text(response)
        assert "Scheduled for" in text(response)

    @pytest.mark.parametrize(
        ("day", "time", "sentence"),
        [
            ("16/8/2019", "10:00", "This time has passed."),
            ("1/1/0001", "0:00", "The year 0001 cannot be right"),
            ("nonsense", "", "Write a day as 31/03/2027"),
            ("1/1/99999", "", "Write a day as 31/03/2027"),
            ("3/2097", "", "Write the day as 31/03/2027."),
            ("", "10:00", "Write the whole day"),
            ("27/10/2030", "2:30", "this time comes twice"),
        ],
    )
    def test_impossible_moment_is_refused(self, publisher, ready, day, time, sentence):
        data = {"at_0": day, "at_1": time}
        response = confirm(publisher, url_of(ready, "publish"), data)
        [error] = response.context["form"].errors["at"]
        assert sentence in error
        ready.refresh_from_db()
        assert ready.published_at is None

    def test_blockers_are_shown_before_and_after(self, publisher):
        project = factories.make_project(factories.make_call(published_at=None))
        for response in [
            publisher.get(url_of(project, "publish")),
            confirm(publisher, url_of(project, "publish")),
        ]:
            page = text(response)
            assert "Only a funded project can be public" in page
            assert "has no lead partner" in page
            assert "Publish the call first" in page
        assert not LogEntry.objects.exists()

    def test_call_public_by_then_is_no_blocker(self, publisher, ready):
        ready.call.published_at = timezone.now() + timedelta(days=2)
        ready.call.save()
        assert "Publish the call first" not in text(publisher.get(url_of(ready, "publish")))


class TestUnpublishProject:
    def test_reason_is_required(self, publisher):
        project = factories.make_public_project()
        for reason in ["", "   "]:
            response = confirm(publisher, url_of(project, "unpublish"), {"reason": reason})
            assert response.context["form"].errors["reason"]
        project.refresh_from_db()
        assert project.is_public()

    def test_reason_replaces_the_page_and_is_corrected(self, publisher):
        project = factories.make_public_project()
        data = {"reason": "An eror."}
        answer = confirm(publisher, url_of(project, "unpublish"), data, follow=True)
        assert "Unpublished: An eror." in text(answer)
        address = url_of(project, "unpublish")
        assert address in text(publisher.get(url_of(project, "change")))
        page = publisher.get(address)
        assert page.context["form"].initial["reason"] == "An eror."
        assert "Your reason replaces the present reason." in text(page)
        confirm(publisher, address, {"reason": "An error."})
        gone = Client().get(project.get_absolute_url())
        assert gone.status_code == 410
        assert "Reason: An error." in text(gone)


class TestCall:
    def test_call_page_is_published_without_results(self, publisher, ready):
        call = ready.call
        call.published_at = None
        call.save()
        factories.make_decision(call, published_at=None)
        form = publisher.get(url_of(call, "publish")).context["form"]
        assert form.initial["what"] == "page"
        assert [value for value, _label in form.fields["what"].choices] == ["page", "results"]
        assert confirm(publisher, url_of(call, "publish"), {}).context["form"].errors["what"]
        response = confirm(publisher, url_of(call, "publish"), {"what": "page"}, follow=True)
        assert "Published: the call’s page." in text(response)
        assert Client().get(call.get_absolute_url()).status_code == 200
        assert Client().get(ready.get_absolute_url()).status_code == 404
        form = publisher.get(url_of(call, "publish")).context["form"]
        assert [value for value, _label in form.fields["what"].choices] == ["results"]

    def test_results_are_listed_and_published_together(self, publisher, ready):
        call = ready.call
        factories.make_decision(call, published_at=None)
        page = text(publisher.get(url_of(call, "publish")))
        assert "Safe House" in page
        assert "Committee of Senior Officials" in page
        response = confirm(publisher, url_of(call, "publish"), {"what": "results"}, follow=True)
        assert "Published: the results, with 1 project." in text(response)
        assert Client().get(ready.get_absolute_url()).status_code == 200
        assert call.decision.__class__.objects.public().exists()

    def test_missing_facts_of_hidden_results_are_named(self, publisher, ready):
        decision = factories.make_decision(ready.call, published_at=None)
        sentence = "Applications received will read “not published”."
        assert sentence in text(publisher.get(url_of(ready.call, "publish")))
        Decision.objects.filter(pk=decision.pk).update(published_at=timezone.now())
        assert sentence not in text(publisher.get(url_of(ready.call, "publish")))

    def test_results_and_then_the_page_are_unpublished_with_a_reason(self, publisher):
        project = factories.make_public_project()
        url = url_of(project.call, "unpublish")
        page = {"what": "page", "reason": "An error."}
        assert "has public or scheduled projects" in text(confirm(publisher, url, page))
        results = {"what": "results", "reason": "Wrong minutes."}
        answer = text(confirm(publisher, url, results, follow=True))
        assert "The decision and 1 project were unpublished. Wrong minutes." in answer
        again = text(publisher.get(url_of(project.call, "publish")))
        assert "again; unpublished with the results: “Wrong minutes.”" in again
        empty = factories.make_call()
        url = url_of(empty, "unpublish")
        assert "This field is required" in text(confirm(publisher, url, {"what": "page"}))
        response = confirm(publisher, url, page, follow=True)
        assert "The call’s page was unpublished. An error." in text(response)
        assert "Unpublished on" in text(response)
        answer = Client().get(empty.get_absolute_url())
        assert (answer.status_code, "An error." in text(answer)) == (410, True)
        assert "cannot be deleted" in text(publisher.get(url_of(empty, "delete")))

    def test_record_page_links_to_actions(self, publisher, ready):
        call = ready.call
        page = text(publisher.get(url_of(call, "cockpit")))
        for name in ["preview", "publish", "unpublish", "history"]:
            assert url_of(call, name) in page, name
        assert "Public page" in page
        ready.delete()
        offered = publisher.get(url_of(call, "cockpit")).context["links"]["publish"]
        assert "Publish…" not in [link.label for link in offered]
        factories.make_decision(call, published_at=None)
        offered = publisher.get(url_of(call, "cockpit")).context["links"]["publish"]
        assert "Publish…" in [link.label for link in offered]

    def test_draft_has_no_link_to_a_public_page(self):
        call = factories.make_call(published_at=None)
        page = text(client_of("Publisher").get(url_of(call, "change")))
        assert "See public page" not in page
        assert url_of(call, "unpublish") not in page
        page = text(client_of("Editor").get(url_of(call, "change")))
        assert url_of(call, "preview") in page
        assert url_of(call, "publish") not in page


class TestCallForm:
    def test_slug_is_made_once_from_the_title(self):
        editor = client_of("Editor")
        for title, slug in [("PSF 2030", "psf-2030"), ("PSF-2030", "psf-2030-call")]:
            save(editor, reverse("admin:projects_call_add"), title=title)
            call = factories.Call.objects.get(slug=slug)
        save(editor, url_of(call, "change"), title="Another title", slug="mine")
        call.refresh_from_db()
        assert (call.title, call.slug) == ("Another title", "psf-2030-call")

    def test_closing_is_typed_and_shown_in_the_zone_of_the_form(self):
        call = factories.make_call(description="Closes at 23:59 EET.")
        editor = client_of("Editor")
        typed = {"closes_at_0": "2026-03-31", "closes_at_1": "23:59:00"}
        save(editor, url_of(call, "change"), time_zone="Europe/Helsinki", **typed)
        call.refresh_from_db()
        assert call.closes() == "31 March 2026, 23:59 EEST"
        page = text(editor.get(url_of(call, "change")))
        assert 'value="23:59"' in page
        assert "The text says “23:59 EET”" in page
        save(editor, url_of(call, "change"))
        call.refresh_from_db()
        assert call.closes() == "31 March 2026, 23:59 EEST"

    def test_unknown_zone_is_refused_and_the_time_stays(self):
        call = factories.make_call()
        response = save(client_of("Editor"), url_of(call, "change"), time_zone="Mars/Base")
        assert "Enter a time zone such as Europe/Stockholm." in text(response)

    def test_ceiling_stays_above_amounts_of_projects(self):
        project = factories.make_project(amount_eur=65000, amount_kind="ceiling")
        editor = client_of("Editor")
        response = save(editor, url_of(project.call, "change"), ceiling_eur="64999")
        assert "The ceiling cannot be lower" in text(response)
        url = url_of(project.call, "change")
        assert save(editor, url, ceiling_eur="65000").status_code == 302
        assert save(editor, url, ceiling_eur="").status_code == 302

    def test_only_deciders_edit_the_decision(self):
        call = factories.make_call()
        row = {"decision-TOTAL_FORMS": "1", "decision-0-body": "CSO", "decision-0-mode": "silent"}
        save(client_of("Editor"), url_of(call, "change"), **row)
        assert not Decision.objects.exists()
        save(client_of("Publisher"), url_of(call, "change"), **row)
        assert Decision.objects.get().body == "CSO"
        forged = {"decision-0-body": "Mine", "decision-INITIAL_FORMS": "1"}
        forged |= {"decision-0-id": Decision.objects.get().pk, "decision-TOTAL_FORMS": "1"}
        save(client_of("Editor"), url_of(call, "change"), **forged)
        assert Decision.objects.get().body == "CSO"

    @pytest.mark.unmeasured
    @pytest.mark.parametrize(
        ("fields", "stays"),
        [
            ({}, True),
            ({"published_at": None}, False),
            ({"published_at": None, "applied_at": factories.LONG_AGO}, True),
            (
                {
                    "published_at": None,
                    "unpublished_at": factories.LONG_AGO,
                    "unpublished_reason": "An error.",
                },
                True,
            ),
        ],
    )
    def test_applied_or_public_decision_is_not_deleted(self, fields, stays):
        decision = factories.make_decision(factories.make_call(), **fields)
        publisher = client_of("Publisher")
        save(publisher, url_of(decision.call, "change"), **{"decision-0-DELETE": "on"})
        assert Decision.objects.exists() is stays

    def test_the_results_of_a_call_that_was_never_public_protect_it(self):
        decision = factories.make_decision(factories.make_call(published_at=None))
        response = confirm(client_of("Publisher"), url_of(decision.call, "delete"))
        assert "The results of" in text(response)
        assert "is public, or will be" not in text(response)
        assert response.status_code == 403


class TestCallList:
    url = "/admin/projects/call/"

    def test_list_is_filtered_by_phase_and_counts_projects(self):
        project = factories.make_public_project()
        factories.make_project(project.call)
        coming = factories.make_call(opens_at=None, closes_at=None)
        editor = client_of("Editor")
        page = editor.get(self.url, {"phase": "closed"})
        assert [call.pk for call in page.context["cl"].result_list] == [project.call.pk]
        assert '<td class="field-number_of_projects">2</td>' in text(page)
        assert '<td class="field-number_public">1</td>' in text(page)
        page = editor.get(self.url, {"phase": "coming"})
        assert [call.pk for call in page.context["cl"].result_list] == [coming.pk]
        assert len(editor.get(self.url, {"phase": "boss"}).context["cl"].result_list) == 2


class TestTerms:
    def test_used_term_is_not_deleted(self):
        used, unused = factories.make_priority("Used"), factories.make_priority("Unused")
        factories.make_project().priorities.add(used)
        publisher = client_of("Publisher")
        url = "admin:projects_priority_delete"
        response = confirm(publisher, reverse(url, args=[used.pk]))
        assert "is used by calls or projects" in text(response)
        response = confirm(publisher, reverse(url, args=[unused.pk]))
        assert response.status_code == 302
        assert factories.Priority.objects.get() == used


class TestScheduledResults:
    @pytest.fixture
    def call(self, ready, publisher):
        """A public call whose results were scheduled on the page."""
        call = ready.call
        factories.make_decision(call, published_at=None)
        data = {"what": "results"} | noon(days=2)[1]
        self.answer = text(confirm(publisher, url_of(call, "publish"), data, follow=True))
        call.refresh_from_db()
        return call

    def moment(self, call):
        return describe_moment(call.decision.published_at)

    def test_message_says_when_the_results_become_public(self, call):
        sentence = f"Scheduled for {self.moment(call)}: the results, with 1 project."
        assert sentence in self.answer
        assert "See the public page" in self.answer

    def test_a_later_project_is_scheduled_alone(self, publisher, ready):
        call = ready.call
        factories.make_decision(call)
        page = text(publisher.get(url_of(call, "publish")))
        assert "These projects become public:" in page
        assert "All of this becomes public" not in page
        data = {"what": "results"} | noon(days=2)[1]
        answer = text(confirm(publisher, url_of(call, "publish"), data, follow=True))
        assert "the results, with 1 project." in answer
        assert call.public_decision()

    def test_page_list_and_calendar_show_the_moment(self, call, publisher):
        scheduled = f"Scheduled for {self.moment(call)}"
        assert f"Results: {scheduled}." in text(publisher.get(url_of(call, "change")))
        calls = reverse("admin:projects_call_changelist")
        assert f"public; results: {scheduled}" in text(publisher.get(calls))
        projects = reverse("admin:projects_project_changelist")
        assert scheduled in text(publisher.get(projects))
        calendar = text(publisher.get(reverse("admin:calendar")))
        assert f"The results become public: {self.moment(call)}" in calendar
        assert "The project becomes public" not in calendar

    def test_results_are_cancelled_on_the_page_of_the_call(self, call, ready, publisher):
        url = url_of(call, "cancel_publication")
        assert url in text(publisher.get(url_of(call, "cockpit")))
        answer = text(confirm(publisher, url, follow=True))
        assert "Cancelled: nothing scheduled becomes public." in answer
        ready.refresh_from_db()
        assert (ready.published_at, Decision.objects.get().published_at) == (None, None)
        call.refresh_from_db()
        assert call.is_public()
        assert url not in text(publisher.get(url_of(call, "cockpit")))

    def test_one_project_is_cancelled_and_shown_apart_from_the_results(
        self, call, ready, publisher
    ):
        ready.refresh_from_db()
        type(ready).objects.update(published_at=ready.published_at + timedelta(days=1))
        calendar = text(publisher.get(reverse("admin:calendar")))
        assert "The project becomes public" in calendar
        confirm(publisher, url_of(ready, "cancel_publication"))
        ready.refresh_from_db()
        assert ready.published_at is None
        assert Decision.objects.get().published_at
        assert url_of(ready, "cancel_publication") not in text(
            publisher.get(url_of(ready, "change"))
        )


def test_scheduled_page_of_a_call_is_cancelled_with_its_results(publisher):
    moment = timezone.now() + timedelta(days=2)
    call = factories.make_call(published_at=moment)
    factories.make_decision(call, published_at=moment)
    calendar = text(publisher.get(reverse("admin:calendar")))
    assert f"The page becomes public: {describe_moment(moment)}" in calendar
    confirm(publisher, url_of(call, "cancel_publication"))
    call.refresh_from_db()
    assert (call.published_at, call.decision.published_at) == (None, None)
    assert call.unpublished_at is None
