"""Staff pages: paste, draft, save; the written announcement; the evidence."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from partners.models import DuplicateCandidate, Partner
from projects.announcements.country_names import Places
from projects.announcements.drafts import make_drafts
from projects.announcements.parser import parse_announcement
from projects.models import Announcement, Call, Project, Source
from psf.history.models import ChangeSet
from tests.projects.announcements import texts
from tests.projects.announcements.texts import SHOWN
from tests.support.accounts import FormReader, client_of, save
from tests.support.factories import (
    make_announcement_flag,
    make_call,
    make_country,
    make_decision,
    make_partner,
    make_partnership,
    make_priority,
    make_project,
    make_source,
)

pytestmark = pytest.mark.django_db

PASTE = "/admin/projects/call/announcement/"


@pytest.fixture(autouse=True)
def countries():
    for code, _name in SHOWN:
        make_country(code)


def text_of(response):
    return response.content.decode()


def form_in(response):
    """Return the data that a browser sends for the draft."""
    reader = FormReader()
    reader.feed(text_of(response))
    return reader.data


def drafted(client, text, call=""):
    response = client.post(PASTE, {"text": text, "call": call})
    assert response.status_code == 200
    return response


def saved(client, text, call="", **changes):
    """Save a draft with corrected fields and return the response."""
    data = form_in(drafted(client, text, call)) | {"_save": "Save"}
    return client.post(PASTE, data | changes)


class TestPaste:
    def test_the_form_needs_permission_to_add_records(self):
        for role, offered in [("Viewer", False), ("Editor", True), ("Publisher", True)]:
            client = client_of(role)
            page = text_of(client.get("/admin/projects/call/"))
            assert (PASTE in page) is offered
            assert client.get(PASTE).status_code == (200 if offered else 403)
            assert client.post(PASTE).status_code == (200 if offered else 403)

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "This field is required."),
            (" \n\n ", "This text describes neither a call nor a project."),
            ("\n" * 30_000, "at most 20,000 are read"),
            ("a\0b", "Null characters are not allowed."),
        ],
    )
    def test_unreadable_text_is_answered_with_a_sentence(self, publisher, text, sentence):
        response = publisher.post(PASTE, {"text": text})
        assert response.status_code == 200
        assert sentence in text_of(response)
        assert "<title>Error:" in text_of(response)

    def test_text_too_large_for_one_page_is_refused(self, publisher):
        text = "\n".join(f"Lead partner: Latvia (Org {n})" for n in range(200))
        assert "200 projects with their partners do not fit on one page" in text_of(
            publisher.post(PASTE, {"text": text})
        )

    def test_several_calls_do_not_go_into_one(self, publisher):
        call = make_call()
        text = f"{texts.YEAR_2018}\n{texts.YEAR_2021}"
        assert "describes 2 calls" in text_of(
            publisher.post(PASTE, {"text": text, "call": call.pk})
        )


class TestNames:
    """Staff split joined names and complete shortened names."""

    TEXT = (
        "The Facility funds projects in 2031\n\n"
        "Lead partner: Latvia (Ministry of Seas / Министерство морей) "
        "in partnership with Estonia.\n"
        "Latvia: Ministry of Seas / Министерство морей\n"
        "Estonia: Association of\n"
    )

    def row_of(self, client, name, text=""):
        """Return the prefix of the row with this name, and the data of the form."""
        data = form_in(drafted(client, text or self.TEXT))
        prefix = next(key[:-5] for key, value in data.items() if value == [name])
        return prefix, data | {"_save": "Save", "call-0-title": "PSF 2031"}

    def test_one_click_splits_them_with_their_languages(self, publisher):
        prefix, data = self.row_of(publisher, "Ministry of Seas / Министерство морей")
        page = text_of(drafted(publisher, self.TEXT))
        assert "“Ministry of Seas” (en?), “Министерство морей” (ru?)" in page
        publisher.post(PASTE, data | {f"{prefix}-split": "on"})
        partner = Partner.objects.get(country="LV")
        assert (partner.name, partner.name_language) == ("Ministry of Seas", "en")
        names = set(partner.names.values_list("text", "language", "kind"))
        assert names == {
            ("Министерство морей", "ru", "official"),
            ("Ministry of Seas / Министерство морей", "", "as_published"),
        }

    def test_names_stay_as_printed_without_the_tick(self, publisher):
        _prefix, data = self.row_of(publisher, "Ministry of Seas / Министерство морей")
        publisher.post(PASTE, data)
        partner = Partner.objects.get(country="LV")
        assert partner.name == "Ministry of Seas / Министерство морей"
        assert not partner.names.exists()

    def test_one_single_name_identifies_the_organisation(self, publisher):
        known = make_partner("Министерство морей", "LV")
        prefix, data = self.row_of(publisher, "Ministry of Seas / Министерство морей")
        assert data[f"{prefix}-partner"] == [str(known.pk)]
        publisher.post(PASTE, data | {f"{prefix}-split": "on"})
        assert set(known.names.values_list("text", "language", "kind")) == {
            ("Ministry of Seas", "en", "english"),
            ("Ministry of Seas / Министерство морей", "", "as_published"),
        }

    def test_full_name_and_printed_name_are_both_saved(self, publisher):
        prefix, data = self.row_of(publisher, "Association of")
        assert f"{prefix}-split" not in data
        publisher.post(PASTE, data | {f"{prefix}-whole_name": "Association of Ports"})
        partner = Partner.objects.get(country="EE")
        assert partner.name == "Association of Ports"
        assert partner.names.get().text == "Association of"

    def test_names_of_no_language_that_is_known(self, publisher):
        text = self.TEXT.replace("Ministry of Seas / Министерство морей", "Vanemuine / Kungla")
        prefix, data = self.row_of(publisher, "Vanemuine / Kungla", text)
        publisher.post(PASTE, data | {f"{prefix}-split": "on"})
        partner = Partner.objects.get(country="LV")
        assert partner.name == "Vanemuine"
        assert ("Kungla", "") in partner.names.values_list("text", "language")


@pytest.mark.unmeasured
class TestFlags:
    """Flags stay with the record until somebody settles them."""

    def test_ticked_flags_are_settled(self, publisher):
        data = form_in(drafted(publisher, texts.YEAR_2019)) | {"_save": "Save"}
        publisher.post(PASTE, data | {"project-1-settled": ["0"]})
        project = Project.objects.order_by("reference")[1]
        settled = list(project.flags.filter(is_settled=True))
        assert len(settled) == 1
        assert project.flags.filter(is_settled=False).exists()
        assert Call.objects.get().flags.exists()

    def test_ticks_remain_after_an_error(self, publisher):
        data = form_in(drafted(publisher, texts.YEAR_2019)) | {"_save": "Save"}
        page = text_of(
            publisher.post(PASTE, data | {"project-1-settled": ["0"], "call-0-ceiling_eur": "x"})
        )
        ticks = re.findall(r'name="project-1-settled" value="(\d)"([^>]*)>', page)
        assert [number for number, attributes in ticks if "checked" in attributes] == ["0"]
        assert len(ticks) > 1

    @pytest.mark.parametrize("kind", ["call", "project"])
    def test_flags_are_settled_on_the_record(self, kind):
        record = {"call": make_call, "project": make_project}[kind]()
        flag = make_announcement_flag(**{kind: record})
        client, url = client_of("Editor"), f"/admin/projects/{kind}/{record.pk}/change/"
        assert "Enter a title." in text_of(client.get(url))
        assert save(client, url, **{"flags-0-is_settled": "on"}).status_code == 302
        flag.refresh_from_db()
        assert flag.is_settled

    def test_record_without_flags_shows_none(self):
        project = make_project()
        page = text_of(client_of("Editor").get(f"/admin/projects/project/{project.pk}/change/"))
        assert "doubtful points in the announcement" not in page.lower()


class TestSource:
    """The source of the text, as entered by staff."""

    TEXT = "PSF 2018\n\nIsland Festival\nLead partner: Sweden (Island Radio)\nA festival of music."
    SOURCE = {"source_title": "CBSS, news", "source_url": "https://cbss.org/news"}

    def save(self, client, **said):
        data = form_in(client.post(PASTE, {"text": self.TEXT} | said))
        return client.post(PASTE, data | {"_save": "Save"})

    def test_call_and_projects_name_the_source(self, publisher):
        self.save(publisher, **self.SOURCE)
        rows = Source.objects.values_list("about", "citation", "url")
        assert set(rows) == {("announcement", "CBSS, news", "https://cbss.org/news")}
        assert Source.objects.filter(call__isnull=False).count() == 1
        assert Source.objects.filter(project__isnull=False).count() == Project.objects.count()

    def test_web_address_alone_is_a_source(self, publisher):
        self.save(publisher, source_url="https://cbss.org/news")
        assert {row.citation for row in Source.objects.all()} == {"https://cbss.org/news"}

    def test_empty_source_creates_none(self, publisher):
        self.save(publisher)
        assert Project.objects.exists()
        assert not Source.objects.exists()

    def test_readers_see_no_source_before_staff_confirm_the_change(self, publisher, client):
        call = make_call(title="PSF 2018")
        data = form_in(publisher.post(PASTE, self.of(call))) | {"_save": "Save"}
        page = text_of(publisher.post(PASTE, data))
        assert "Nothing is saved yet: this draft would change public pages." in page
        assert "CBSS, news, https://cbss.org/news" in page
        assert (call.sources.count(), call.projects.count()) == (0, 0)
        assert "CBSS, news" not in text_of(client.get(call.get_absolute_url()))
        del data["_save"]
        assert publisher.post(PASTE, data | {"_confirm": "Save"}).status_code == 302
        assert "CBSS, news" in text_of(client.get(call.get_absolute_url()))

    def test_draft_of_a_hidden_call_is_saved_without_another_question(self, publisher):
        call = make_call(title="PSF 2018", published_at=None)
        data = form_in(publisher.post(PASTE, self.of(call)))
        assert publisher.post(PASTE, data | {"_save": "Save"}).status_code == 302
        assert call.sources.count() == 1

    def of(self, call):
        return {"text": self.TEXT, "call": call.pk, **self.SOURCE}

    def test_source_of_a_call_is_not_repeated(self, publisher):
        call = make_call(title="PSF 2018", published_at=None)
        make_source(call=call, citation="CBSS, news", url="https://cbss.org/news")
        self.save(publisher, call=call.pk, **self.SOURCE)
        assert call.sources.count() == 1

    def test_invalid_web_address_is_refused(self, publisher):
        data = {"text": self.TEXT, "source_url": "javascript:x"}
        page = text_of(publisher.post(PASTE, data))
        assert "Enter a valid URL." in page


class TestDraft:
    def test_each_line_shows_its_kind(self, publisher):
        page = text_of(drafted(publisher, texts.YEAR_2019))
        lines = re.findall(
            r'psf-line--(\w+)" id="line-(\d+)">\s*<span class="psf-line__kind">\d+ · ([^<]+)<', page
        )
        assert len(lines) == len([line for line in texts.YEAR_2019.split("\n") if line])
        assert ("lead", "9", "lead partner") in lines
        assert ("partner", "17", "partner") in lines

    def test_contradiction_is_shown_in_the_draft(self, publisher):
        page = text_of(drafted(publisher, texts.YEAR_2019))
        assert "The announcement contradicts itself." in page
        assert "Only in the headline: Estonia (EE)." in page

    def test_deadline_in_another_time_zone_is_pointed_out(self, publisher):
        text = f"{texts.YEAR_2021}\nDeadline: 31 March 2021, 23:59 EEST\n"
        page = text_of(drafted(publisher, text))
        assert "The text says “23:59 EEST”, but the deadline was read as" in page
        assert "“31 March 2021, 23:59 CEST”: check it." in page
        call = make_call(title="PSF 2021", time_zone="Europe/Helsinki")
        assert "The text says “23:59" not in text_of(drafted(publisher, text, call.pk))
        [draft] = make_drafts(parse_announcement(text), Places.from_database(), call)
        assert draft.closes_at == datetime(2021, 3, 31, 20, 59, tzinfo=UTC)

    def test_lines_not_understood_are_listed(self, publisher):
        page = text_of(drafted(publisher, f"{texts.YEAR_2023}and others"))
        assert "<h2>Not understood</h2>" in page
        assert 'href="#line-12">Line 12</a>: and others' in page

    def test_reading_saves_nothing(self, publisher):
        drafted(publisher, texts.YEAR_2019)
        assert not Call.objects.exists()
        assert not Announcement.objects.exists()

    def test_personal_data_are_not_even_sent_back(self, publisher):
        page = text_of(drafted(publisher, f"{texts.YEAR_2021}\nContact: anna@example.org"))
        assert "anna" not in page
        assert "left out: personal data" in page

    def test_recognised_and_similar_organisations_are_offered(self, publisher):
        known = make_partner("Island Radio", country="SE")
        like = make_partner("Saaristoradio ry", country="FI")
        page = text_of(drafted(publisher, texts.YEAR_2018))
        assert f'<option value="{known.pk}" selected>Island Radio</option>' in page
        assert "Recognised by its name." in page
        assert f'<option value="{like.pk}">Saaristoradio ry</option>' in page
        assert "Organisations with a similar name" in page

    def test_project_without_any_facts_has_no_working_title(self, publisher):
        page = text_of(drafted(publisher, "PSF 2001\nPriority: Youth\nCountries: here"))
        assert "A project</h2>" in page
        assert "Leave empty to use" not in page

    def test_words_from_the_text_are_escaped(self, publisher):
        page = text_of(drafted(publisher, "PSF 2001\nLead partner: Latvia (<b>X</b>)"))
        assert "<b>X" not in page


class TestSaving:
    def test_rejected_similar_organisations_are_remembered(self, publisher):
        like = make_partner("Saaristoradio ry", country="FI")
        saved(publisher, texts.YEAR_2018)
        row = DuplicateCandidate.objects.get(first=like)
        assert row.second.name == "Saaristoradio"
        assert row.decided_by.username
        assert not DuplicateCandidate.objects.waiting().exists()

    def test_saving_is_one_change_set_of_the_user(self, publisher):
        saved(publisher, texts.YEAR_2019)
        change_set = ChangeSet.objects.get(door="announcement")
        assert change_set.who
        assert change_set.reason == "The Facility gives money to projects for safety"

    @pytest.mark.unmeasured
    def test_draft_becomes_hidden_records(self, publisher):
        make_priority("Safe and Secure Region")
        response = saved(publisher, texts.YEAR_2019)
        call = Call.objects.get()
        assert response.headers["Location"] == f"/admin/projects/call/{call.pk}/change/"
        page = text_of(publisher.get(response.headers["Location"]))
        assert "Saved as drafts: 2 projects in “PSF 2019”. They are not public yet." in page
        assert (call.eligible_count, call.decision.body) == (12, "Committee of Senior Officials")
        first, second = Project.objects.order_by("reference")
        assert (first.status, first.amount_kind) == ("funded", "ceiling")
        assert [row.country_id for row in first.partnerships.all()] == ["NO", "LV", "SE", "RU"]
        assert second.partnerships.count() == 5
        assert first.published_at is None
        title = "The Facility gives money to projects for safety"
        assert Announcement.objects.get().title == title
        assert [line.number for line in first.announcement_lines.all()][:2] == [9, 11]

    def test_all_created_records_are_in_the_history(self, publisher):
        saved(publisher, texts.YEAR_2023)
        entries = [entry.get_change_message() for entry in LogEntry.objects.all()]
        assert entries == ["Read from an announcement."] * 4  # call, project, two organisations

    def test_corrections_are_saved(self, publisher):
        changes = {
            "call-0-title": "PSF of 2020",
            "call-0-closes_on": "2020-03-31",
            "call-0-ceiling_eur": "65000",
            "call-0-priorities": "Regional Identity\r\n\r\nYouth",
            "project-0-title": "Dare",
            "project-0-announced": "Latvia, Estonia",
            "project-0-row-0-country": "Latvia",
            "project-0-row-0-kind": "ngo",
            "project-1-keep": [],
        }
        saved(publisher, texts.YEAR_2020, **changes)
        call = Call.objects.get()
        assert (call.title, call.closes(), call.ceiling_eur) == (
            "PSF of 2020",
            "31 March 2020",
            65000,
        )
        assert {str(priority) for priority in call.priorities.all()} == {
            "Regional Identity",
            "Youth",
        }
        assert Partner.objects.get().kind == "ngo"
        (project,) = call.projects.all()
        assert project.title == "Dare"
        assert {country.code for country in project.announced_countries.all()} == {"LV", "EE"}
        assert [(row.role, row.country_id) for row in project.partnerships.all()] == [
            ("lead", "LV"),
            ("partner", "EE"),
            ("partner", "LT"),
        ]
        kept = {line.project_id for line in Announcement.objects.get().lines.all()}
        assert kept == {None, project.pk}

    def test_unchanged_deadline_keeps_its_minute(self, publisher):
        saved(publisher, "PSF 2001\nDeadline: 31 March 2001, 12:00\nLead partner: Latvia (X)")
        assert Call.objects.get().closes() == "31 March 2001, 12:00 CEST"

    def test_chosen_organisation_is_saved(self, publisher):
        known = make_partner("Active Neighbours Association", country="LT")
        saved(publisher, texts.YEAR_2021, **{"project-0-row-0-country": "Lithuania"})
        assert Partner.objects.count() == 2  # the new one, for nobody said that they are one
        assert known.partnerships.count() == 0
        Project.objects.all().delete()
        Announcement.objects.all().delete()
        text = "PSF 2001\nLead partner: Lithuania (Active Neighbours) in partnership with Latvia"
        saved(publisher, text, **{"project-0-row-0-partner": str(known.pk)})
        assert known.partnerships.get().name_as_published == "Active Neighbours"

    def test_invalid_fields_are_marked_and_nothing_is_saved(self, publisher):
        changes = {
            "project-0-row-0-country": "Atlantis",
            "project-0-announced": "Latvia, Utopia",
            "call-0-eligible_count": "many",
            "project-0-row-1-partner": "999999",
        }
        response = saved(publisher, texts.YEAR_2018, **changes)
        page = text_of(response)
        assert "correct the fields that are marked" in page
        assert "“Atlantis” is not a known country" in page
        assert "“Utopia” is not a known country" in page
        assert "Enter a whole number." in page
        assert "Select a valid choice." in page
        assert 'value="Atlantis"' in page
        assert not Call.objects.exists()

    def test_errors_of_records_are_shown_and_nothing_is_saved(self, publisher):
        make_call(title="PSF 2019", slug="psf-2019")
        page = text_of(saved(publisher, texts.YEAR_2019))
        assert "“PSF 2019” (psf-2019) is already recorded: choose it" in page
        assert not Project.objects.exists()

    def test_a_chosen_call_is_filled(self, publisher):
        call = make_call(title="PSF 2019", eligible_count=13, published_at=None)
        response = saved(publisher, texts.YEAR_2019, call=call.pk)
        page = text_of(publisher.get(response.headers["Location"]))
        assert "keeps 13 for “applications eligible”. The text says 12." in page
        call.refresh_from_db()
        assert (call.projects.count(), call.funded_count) == (2, 2)

    def test_text_of_another_call_needs_a_tick(self, publisher):
        call = make_call(title="PSF 2021", opens_at=None, closes_at=None, published_at=None)
        response = saved(publisher, texts.YEAR_2019, call=call.pk)
        page = text_of(response)
        assert "The text is about “PSF 2019”, but you chose “PSF 2021”: check the call." in page
        assert "if the call is right, or choose another call." in page
        assert not Project.objects.exists()
        saved(publisher, texts.YEAR_2019, call=call.pk, **{"call-0-settled": "0"})
        assert call.projects.count() == 2

    def test_editor_saves_projects_as_applications(self):
        editor = client_of("Editor")
        assert "decided_by" not in text_of(drafted(editor, texts.YEAR_2019))
        saved(editor, texts.YEAR_2019, **{"call-0-decided_by": "Me"})
        assert {project.status for project in Project.objects.all()} == {"submitted"}
        assert not hasattr(Call.objects.get(), "decision")


class TestEvidence:
    def test_project_shows_the_lines_of_its_announcement(self, publisher):
        saved(publisher, texts.YEAR_2019)
        project = Project.objects.order_by("reference").first()
        page = text_of(publisher.get(f"/admin/projects/project/{project.pk}/change/"))
        assert "line 17 · partner</span> <span>Latvia: Association Centre</span>" in page
        assert "Turvaa" not in page.split("psf-evidence")[1].split("</ol>")[0]

    def test_project_entered_by_hand_has_no_lines(self, publisher):
        project = make_project()
        for place in [f"{project.pk}/change", "add"]:
            page = text_of(publisher.get(f"/admin/projects/project/{place}/"))
            assert '<div class="readonly">none</div>' in page
            assert "psf-evidence" not in page


class TestWritten:
    def url_of(self, call):
        return reverse("admin:projects_call_written", args=[call.pk])

    def make(self):
        call = make_call(title="PSF 2031", received_count=43)
        make_decision(call)
        project = make_project(
            call, status="funded", title="Storm <Watch>", description="It.\n\nIs."
        )
        project.priorities.add(make_priority("Regional Identity"))
        make_partnership(project, make_partner("Osta", name_language="lv"), role="lead")
        make_partnership(project, country="EE")
        project.announced_countries.set(["LV", "FI"])
        return call

    def test_announcement_is_shown_formatted_as_text_and_as_html(self):
        call = self.make()
        page = text_of(client_of("Viewer").get(self.url_of(call)))
        assert "Applications received: 43" in page
        assert "Lead partner: Latvia (Osta) in partnership with Finland" in page
        assert "<p>Note: The headline names Finland, but the partner list does not." in page
        assert "<h4>Storm &lt;Watch&gt;</h4>" in page
        assert '<bdi lang="lv">Osta</bdi>' in page
        assert "&lt;h4&gt;Storm &amp;lt;Watch&amp;gt;&lt;/h4&gt;" in page

    def test_decided_call_links_to_its_announcement(self):
        call = self.make()
        viewer = client_of("Viewer")
        change = f"/admin/projects/call/{call.pk}/change/"
        assert f'<a href="{self.url_of(call)}">Announcement</a>' in text_of(viewer.get(change))
        other = make_call()
        assert "Announcement</a>" not in text_of(
            viewer.get(f"/admin/projects/call/{other.pk}/change/")
        )

    def test_undecided_or_unknown_call_has_no_announcement(self):
        viewer = client_of("Viewer")
        assert viewer.get(self.url_of(make_call())).status_code == 404
        assert viewer.get("/admin/projects/call/999999/announcement/").status_code == 404
