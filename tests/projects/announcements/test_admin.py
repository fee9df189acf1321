"""Staff pages: paste, draft, save; the written announcement; the evidence."""

import re

import pytest
from django.urls import reverse

from projects.models import Announcement, Call, Project
from psf.history.models import ChangeSet
from tests.projects.announcements import texts
from tests.projects.announcements.texts import SHOWN
from tests.support.accounts import client_of
from tests.support.factories import (
    make_call,
    make_country,
    make_decision,
    make_partner,
    make_partnership,
    make_priority,
    make_project,
)
from tests.support.forms import read_form

pytestmark = pytest.mark.django_db

PASTE = "/admin/projects/call/announcement/"
SOURCE = {"source_url": "https://cbss.org/news"}


@pytest.fixture(autouse=True)
def countries():
    for code, _name in SHOWN:
        make_country(code)


def text_of(response):
    return response.content.decode()


def form_in(response):
    """Return the data that a browser sends for the draft."""
    return read_form(text_of(response))


def drafted(client, text, call="", **data):
    response = client.post(PASTE, {"text": text, "call": call, **data})
    assert response.status_code == 200
    return response


def saved(client, text, call="", **changes):
    """Save a draft with typed facts and return the response."""
    return client.post(PASTE, form_in(drafted(client, text, call)) | changes)


class TestPaste:
    def test_the_page_asks_for_a_text(self, publisher):
        assert 'name="text"' in text_of(publisher.get(PASTE))

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "This field is required."),
            (" \n\n ", "This text describes neither a call nor a project."),
            ("x\n" * 60_000, "At most 100,000 characters are read"),
            ("a\0b", "Null characters are not allowed."),
            (f"{texts.YEAR_2018}\n{texts.YEAR_2021}", "about several calls"),
        ],
    )
    def test_unreadable_text_is_answered_with_a_sentence(self, publisher, text, sentence):
        page = text_of(drafted(publisher, text))
        assert sentence in page
        assert "<title>Error:" in page


class TestDraft:
    def test_text_and_facts_are_beside_each_other_and_nothing_is_saved(self, publisher):
        page = text_of(drafted(publisher, texts.YEAR_2019))
        lines = re.findall(
            r'psf-line--(\w+)" id="line-(\d+)">\s*<span class="psf-line__kind">\d+ · ([^<]+)<', page
        )
        assert len(lines) == len([line for line in texts.YEAR_2019.split("\n") if line])
        assert ("partner", "17", "partner") in lines
        assert "names Estonia (EE) and Russia (RU)." in page
        assert "<li>lead partner: NO: FOC Norway/Harbour Forum</li>" in page
        assert "<h3>Project led by Ministry of the Interior of the Republic of Latvia" in page
        assert "<h2>Not read</h2>" not in page
        assert not Call.objects.exists()
        assert not Announcement.objects.exists()

    def test_lines_not_read_are_listed(self, publisher):
        page = text_of(drafted(publisher, f"{texts.YEAR_2020}Partners:\nand others"))
        assert "<h2>Not read</h2>" in page
        assert 'href="#line-14">Line 14</a>: and others' in page
        assert "<li>lead partner: country not stated: MARTA center</li>" in page
        assert "Priorities: Safe and Secure Region" in page

    def test_personal_data_are_not_even_sent_back(self, publisher):
        page = text_of(drafted(publisher, f"{texts.YEAR_2021}\nContact: anna@example.org"))
        assert "anna" not in page
        assert "left out: personal data" in page

    def test_words_from_the_text_are_escaped(self, publisher):
        page = text_of(drafted(publisher, "PSF 2001\nLead partner: Latvia (<é>X)"))
        assert "&lt;é&gt;X" in page
        assert "<é>" not in page


class TestSaving:
    def test_draft_becomes_hidden_records(self, publisher):
        typed = {"eligible_count": "12", "ceiling_eur": "65000"}
        response = saved(publisher, texts.YEAR_2019, **typed)
        call = Call.objects.get()
        assert response.headers["Location"] == f"/admin/projects/call/{call.pk}/change/"
        page = text_of(publisher.get(response.headers["Location"]))
        assert (
            "Saved as drafts. New: 2 projects. New: 9 partner rows. New: 9 organisations." in page
        )
        assert (call.title, call.eligible_count, call.ceiling_eur) == ("PSF 2019", 12, 65000)
        first, second = Project.objects.order_by("reference")
        assert (first.status, first.amount_kind, first.published_at) == ("funded", "ceiling", None)
        assert second.partnerships.count() == 5
        assert [line.number for line in first.announcement_lines.all()][:2] == [9, 11]
        change_set = ChangeSet.objects.get(channel="announcement")
        assert change_set.who
        assert change_set.reason == "The Facility gives money to projects for safety"

    def test_invalid_fields_are_marked_and_nothing_is_saved(self, publisher):
        response = saved(publisher, texts.YEAR_2018, eligible_count="many")
        page = text_of(response)
        assert "Write a whole number, such as 12." in page
        assert 'value="many"' in page
        assert 'id="line-7"' in page
        assert not Project.objects.exists()
        assert (
            publisher.post(PASTE, form_in(response) | {"eligible_count": "12"}).status_code == 302
        )

    def test_refused_draft_keeps_what_was_typed(self, publisher):
        make_call(title="PSF 2018", slug="psf-2018")
        page = text_of(saved(publisher, texts.YEAR_2018, eligible_count="12"))
        assert "“PSF 2018” (psf-2018) is already recorded: choose it" in page
        assert 'value="12"' in page
        assert not Project.objects.exists()

    def test_only_empty_numbers_of_a_chosen_call_are_filled(self, publisher):
        call = make_call(title="PSF 2018", eligible_count=13, published_at=None)
        typed = {"eligible_count": "12", "funded_count": "7", **SOURCE}
        assert saved(publisher, texts.YEAR_2018, call.pk, **typed).status_code == 302
        call.refresh_from_db()
        assert (call.eligible_count, call.funded_count) == (13, 7)
        assert (call.projects.count(), call.sources.count()) == (2, 1)

    def test_editor_saves_applications_and_learns_what_could_not_be_saved(self):
        editor = client_of("Editor")
        response = saved(editor, texts.YEAR_2020, ceiling_eur="65000")
        assert {project.status for project in Project.objects.all()} == {"submitted"}
        page = text_of(editor.get(response.headers["Location"]))
        assert "because the country is missing: MARTA center." in page

    def test_readers_see_no_change_before_it_was_shown_to_staff(self, publisher, client):
        call = make_call(title="PSF 2018")
        data = form_in(drafted(publisher, texts.YEAR_2018, call.pk)) | SOURCE
        response = publisher.post(PASTE, data)
        page = text_of(response)
        assert "Nothing is saved yet: this draft changes public pages." in page
        assert SOURCE["source_url"] in page.split("What readers will see change")[1]
        assert (call.sources.count(), call.projects.count()) == (0, 0)
        assert publisher.post(PASTE, form_in(response)).status_code == 302
        assert SOURCE["source_url"] in text_of(client.get(call.get_absolute_url()))


class TestEvidence:
    def test_project_shows_the_lines_of_its_announcement(self, publisher):
        saved(publisher, texts.YEAR_2019)
        project = Project.objects.order_by("reference").first()
        page = text_of(publisher.get(f"/admin/projects/project/{project.pk}/change/"))
        assert ">17 · partner</span> <span>Latvia: Association Centre</span>" in page
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
        viewer, decided, other = client_of("Viewer"), self.make(), make_call()
        link = f'<a href="{self.url_of(decided)}">Announcement</a>'
        assert link in text_of(viewer.get(f"/admin/projects/call/{decided.pk}/"))
        page = text_of(viewer.get(f"/admin/projects/call/{other.pk}/"))
        assert "Announcement</a>" not in page

    def test_undecided_or_unknown_call_has_no_announcement(self):
        viewer = client_of("Viewer")
        assert viewer.get(self.url_of(make_call())).status_code == 404
        assert viewer.get("/admin/projects/call/999999/announcement/").status_code == 404
