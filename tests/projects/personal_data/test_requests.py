"""A person asks for access or erasure."""

import io
import re
from datetime import date

import pytest
from django.urls import reverse
from openpyxl import Workbook

from partners.models import Partner
from projects.models import Contact, Document, Letter
from projects.personal_data.mentions import Erasure, erase_person, excerpt, find_mentions
from projects.personal_data.retention import purge_contacts
from psf.audit.models import Kind
from psf.audit.recording import record_event
from psf.files.store import path_of
from psf.history.models import Change
from tests.support.accounts import client_of, filled_in, form_data, make_account, versions_in
from tests.support.factories import (
    LONG_AGO,
    make_announcement_line,
    make_consensus,
    make_contact,
    make_document,
    make_letter,
    make_partner,
    make_project,
)

pytestmark = pytest.mark.django_db

NAME, EMAIL, PHONE = "Anna Aalto", "anna.aalto@example.org", "+358 40 1234567"


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    """Files of other tests stay after their rows."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def project():
    project = make_project(summary=f"Ask {NAME}.")
    make_contact(project, name=NAME, email=EMAIL, telephone=PHONE)
    make_letter(project, address=EMAIL, sent_at=LONG_AGO, text=f"Dear {NAME}, call {PHONE}. Yours")
    make_account("Viewer", email=EMAIL)
    return project


def test_browsers_do_not_keep_the_data_of_persons(project, settings):
    settings.EMAIL_HOST = "mail.example.org"
    letter = make_letter(make_project())
    address = f"/admin/projects/call/{letter.project.call_id}/letter/{letter.pk}/"
    for page, name in [
        (f"/admin/projects/project/{project.pk}/change/", "contacts-0-name"),
        (f"/admin/projects/project/{project.pk}/change/", "contacts-0-email"),
        (f"/admin/projects/project/{project.pk}/change/", "contacts-0-telephone"),
        (address, "address"),
        ("/admin/projects/project/personal-data/", "text"),
    ]:
        html = client_of("Administrator").get(page).text
        (field,) = re.findall(rf'<input[^>]* name="{name}"[^>]*>', html)
        assert 'autocomplete="off"' in field


def erase(text):
    return erase_person(text, make_account("Administrator"))


# By the name of a person, and all persons whose last day was before.
ERASE = [erase, lambda _name: purge_contacts(date(2021, 1, 1))]


def places(text):
    return {(mention.record.partition(":")[0], mention.field) for mention in find_mentions(text)}


class TestAccess:
    def test_every_text_that_names_the_person_is_found(self, project):
        assert places("ANNA AALTO") == {
            ("Contact person", "Name"),
            ("Letter", "Text"),
            ("Project", "Summary"),
            ("Project " + str(project.pk), "Change"),
            ("Letter " + str(Letter.objects.get().pk), "Change"),
        }
        assert ("Account", "E-mail address") in places(EMAIL)

    def test_capitals_with_accents_are_found_and_erased(self):
        make_contact(make_project(), name="Jānis BĒRZIŅŠ")
        assert ("Contact person", "Name") in places("Jānis Bērziņš")
        assert erase("Jānis Bērziņš").contacts == 1

    def test_words_for_the_search_are_no_further_mention(self):
        make_partner(NAME)
        assert {field for _record, field in places(NAME)} == {"Name", "Change"}

    def test_a_former_value_older_than_the_history_is_found(self):
        partner = make_partner(NAME)
        Change.objects.all().delete()
        Partner.objects.update(name="Another name")
        assert places(NAME) == {(f"Organisation {partner.pk}", "Change")}

    def test_files_that_can_be_read_are_searched(self, project):
        book, cells = Workbook(), io.BytesIO()
        book.active.append(["Contact person", f"{NAME} & Sons"])
        book.save(cells)
        files = {
            "xlsx": cells.getvalue(),
            "txt": NAME.encode(),
            "pdf": b"%PDF-1.7 " + NAME.encode(),
        }
        for extension, content in files.items():
            make_document(project, content, title=extension, extension=extension)
        make_document(project, cells.getvalue()[:-40], extension="docx")
        lost = make_document(project, extension="odt")
        path_of(lost.stored_name).unlink()
        found = [row for row in find_mentions(f"{NAME.upper()}") if row.field == "File"]
        assert [row.record for row in found] == [
            f"Document: {project.reference}, {title}" for title in ["xlsx", "txt"]
        ]
        assert not found[0].is_erased and "until you remove" in found[0].stays_in
        removed = Document.objects.get(title="txt")
        removed.delete()
        [_xlsx, left] = [row for row in find_mentions(NAME) if row.field == "File"]
        assert left.record == f"Document: removed, file {removed.stored_name}"
        assert (left.url, left.stays_in) == ("", "the file, until an operator deletes it")
        assert any(row.field == "File" for row in find_mentions(f"{NAME} & Sons"))
        assert not find_mentions("Nobody Else")

    def test_the_audit_log_is_searched(self):
        account = make_account("Viewer", username="anna.aalto")
        record_event(Kind.SIGNED_IN, account)
        [event] = [row for row in find_mentions("anna.aalto") if row.record.startswith("Audit")]
        assert (event.field, event.stays_in) == ("Name of the account", "the audit log")

    def test_a_mention_leads_to_the_form_and_hides_confidential_texts(self, project):
        form = reverse("admin:projects_project_change", args=[project.pk])
        by_record = {mention.record.partition(":")[0]: mention for mention in find_mentions(NAME)}
        assert by_record["Contact person"].url == by_record["Project"].url == form
        assert by_record["Contact person"].excerpt == NAME
        assert by_record["Project"].excerpt == ""

    def test_a_record_without_a_form_has_no_address(self):
        make_announcement_line(text=f"Contact: {NAME}")
        assert {mention.url for mention in find_mentions(NAME)} == {""}

    def test_excerpt_has_the_surroundings(self):
        text = "a" * 100 + NAME + "b" * 100
        assert excerpt(text, NAME) == "…" + "a" * 60 + NAME + "b" * 60 + "…"
        whole = "a" * 60 + NAME + "b" * 60
        assert excerpt(whole, NAME) == whole


class TestErasure:
    @pytest.mark.parametrize("text", [NAME, EMAIL, PHONE])
    def test_erasure_removes_the_person_from_contacts_letters_and_history(self, project, text):
        assert erase(text) == Erasure(1, 1)
        assert not Contact.objects.exists()
        letter = Letter.objects.get()
        assert (letter.address, letter.text) == ("", "Dear […], call […]. Yours")
        assert {record for record, _field in places(NAME)} == {"Project", f"Project {project.pk}"}

    def test_an_address_of_another_contact_person_stays(self, project):
        make_contact(project, name="Bert Berg", email=EMAIL.upper())
        assert erase(NAME) == Erasure(1, 1)
        letter = Letter.objects.get()
        assert (letter.address, letter.text) == (EMAIL, "Dear […], call […]. Yours")
        assert erase(EMAIL) == Erasure(1, 1)
        assert Letter.objects.get().address == ""

    def test_a_part_of_a_name_is_not_announced_as_erased(self, project):
        assert [mention.is_erased for mention in find_mentions("Anna A")] == [False] * 5
        assert erase("Anna A") == Erasure(0, 0)

    def test_texts_of_other_records_and_their_history_stay(self):
        make_consensus(make_project(), make_account(), text=f"{NAME} agreed.")
        assert erase(NAME) == Erasure(0, 0)
        assert [mention.is_erased for mention in find_mentions(NAME)] == [False] * 2

    @pytest.mark.parametrize("erase", ERASE, ids=["request", "time"])
    def test_a_text_of_two_characters_identifies_nobody(self, erase):
        project = make_project()
        make_letter(project, sent_at=LONG_AGO, text="Dear Ann, call 12.")
        make_contact(project, name="Ann", telephone="12", keep_until=date(2020, 1, 1))
        erase("Ann")
        assert Letter.objects.get().text == "Dear […], call 12."

    @pytest.mark.parametrize("erase", ERASE, ids=["request", "time"])
    def test_an_open_form_of_the_project_can_still_be_saved(self, project, erase):
        Contact.objects.update(keep_until=date(2020, 1, 1))
        client = client_of("Editor")
        form = reverse("admin:projects_project_change", args=[project.pk])
        opened = filled_in(client, form, summary="Typed meanwhile")
        erase(NAME)
        response = client.post(form, opened)
        assert "Nothing was saved." in response.content.decode()
        assert client.post(form, form_data(response)).status_code == 302
        project.refresh_from_db()
        assert project.summary == "Typed meanwhile"
        assert not Contact.objects.exists()


class TestPage:
    URL = "/admin/projects/project/personal-data/"

    def test_administrator_searches_then_erases_and_sees_what_is_left(self, project):
        make_document(project, NAME.encode(), title="Form", extension="txt")
        client = client_of("Administrator")
        assert "Erase contact persons" not in client.get(self.URL).content.decode()
        page = client.post(self.URL, {"text": NAME}).content.decode()
        assert "6 texts name the person" in page
        assert page.count(">by this page<") == 3  # the contact person, the letter, and its history
        assert page.count(">in its form<") == page.count(">stays in the history<") == 1
        assert "Erase contact persons and letters" in page
        erase = {"text": NAME, "version": NAME, "erase": "1"}
        page = client.post(self.URL, erase).content.decode()
        assert "1 contact person deleted. 1 letter redacted." in page
        assert not Contact.objects.exists()
        assert "3 texts name the person" in page
        assert f"Document: {project.reference}, Form</a>" in page
        assert ">by this page<" not in page and "Erase contact persons and letters" not in page

    def test_a_text_that_was_not_searched_is_not_erased(self, project):
        make_contact(project, name="Bert Berg")
        client = client_of("Administrator")
        found = versions_in(client.post(self.URL, {"text": " Bert Berg "}))
        assert found == ["Bert Berg"]
        erase = {"text": NAME, "version": found, "erase": "1"}
        response = client.post(self.URL, erase)
        page = response.content.decode()
        assert "Nothing was erased: this is another text." in page
        assert "5 texts name the person" in page
        assert Contact.objects.count() == 2
        client.post(self.URL, erase | {"version": versions_in(response)})
        assert Contact.objects.get().name == "Bert Berg"

    def test_page_counts_only_what_it_erased(self, project):
        make_contact(project, name="Bert Berg")
        client = client_of("Administrator")
        erase = {"text": "Bert Berg", "version": "Bert Berg", "erase": "1"}
        page = client.post(self.URL, erase).content.decode()
        assert "1 contact person deleted." in page
        assert "redacted" not in page
        page = client.post(self.URL, erase).content.decode()
        assert "Addresses and the history of letters were erased." in page

    def test_a_short_text_is_not_searched(self, project):
        response = client_of("Administrator").post(self.URL, {"text": "Ann", "version": "Ann"})
        assert list(response.context["form"].errors) == ["text"]
        assert Contact.objects.exists()
