"""Readers download the form; staff read many filled forms at once and save the chosen ones."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from io import BytesIO, StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl import load_workbook

from partners.matching.merge import merge_partners
from partners.models import Partner
from projects.application_forms.batch import (
    add_mail,
    read_batch,
    save_batch,
    send_mails,
)
from projects.application_forms.layout import Form
from projects.application_forms.reader import read_form
from projects.application_forms.records import differences, values_of
from projects.call_setup.copy import copy_setup
from projects.dossier.contents import files_of
from projects.imports.plan import Author
from projects.imports.problems import Refused
from projects.models import Call, Contact, FormMail, Import, Letter, Project
from projects.pages.form_versions import form_versions
from projects.personal_data.mentions import erase_person, find_mentions
from projects.personal_data.retention import purge_contacts
from projects.post_award.documents import delete_item
from psf.files import store
from psf.history import recording
from psf.history.models import Channel
from psf.history.restore import undo_blockers
from tests.projects.application_forms.support import (
    answers_of,
    confirm,
    file_of,
    filled,
    make_open_call,
    plain,
    shown,
    upload,
    words,
)
from tests.support import factories
from tests.support.accounts import client_of, make_account, signed_in, url_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def call():
    return make_open_call()


# The empty form


def test_readers_get_the_form_while_the_call_is_public_and_not_closed(call, client):
    address = "/calls/psf-2027/application-form.xlsx"
    response = client.get(address)
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="psf-2027-application-form.xlsx"'
    )
    book = load_workbook(BytesIO(response.content))
    names = "Read me,Project,Partners,Budget,Questions,Contact,Check,Lists"
    assert book.sheetnames == names.split(",")
    assert book["Lists"].sheet_state == "hidden"
    assert all(
        sheet.protection.sheet and not sheet.protection.password
        for sheet in book
        if sheet.title != "Lists"
    )
    assert not any(sheet.merged_cells.ranges for sheet in book)
    read_me = {row[0]: row[1] for row in book["Read me"].iter_rows(min_row=4, values_only=True)}
    assert read_me["Closes"] == call.closes()
    assert "three different member states" in read_me["Partners"]
    questions = [row[0] for row in book["Questions"].iter_rows(min_row=4, values_only=True)]
    assert questions == ["Why?\nIn short.", None, "How?"]
    for change in [
        {"published_at": None},
        {"closes_at": timezone.now() - timedelta(minutes=1)},
    ]:
        Call.objects.filter(pk=call.pk).update(**change)
        assert client.get(address).status_code == 404
        Call.objects.filter(pk=call.pk).update(
            published_at=call.published_at, closes_at=call.closes_at
        )
    call.questions.all().delete()
    assert client.get(address).status_code == 404


def test_answers_are_open_and_everything_between_is_locked(call):
    book = load_workbook(BytesIO(file_of(call, {})))
    sheet = book["Questions"]
    locked = {
        (cell.row, cell.column) for row in sheet["A1:C8"] for cell in row if cell.protection.locked
    }
    assert {(4, 2), (6, 2)}.isdisjoint(locked)
    assert {(5, 2), (4, 1), (4, 3)} <= locked
    assert sheet.row_dimensions[5].height < 5  # the locked row between two answers
    assert sheet.row_dimensions[6].height <= 409


def test_a_change_after_readers_have_the_form_makes_a_version_that_says_it(call, client):
    before = file_of(call)
    with recording.change_set(None, channel=Channel.COMMAND):
        call.questions.filter(text="How?").update(limit=1500, position=9)
    with recording.change_set(None, channel=Channel.COMMAND):
        Call.objects.filter(pk=call.pk).update(ceiling_eur=70000, internal_note="Secret", version=9)
    with recording.change_set(None, channel=Channel.COMMAND):
        factories.make_question(call, text="When?")
    with recording.change_set(None, channel=Channel.COMMAND):
        call.questions.filter(text="Who?").delete()
    with recording.change_set(None, channel=Channel.COMMAND):
        Call.objects.filter(pk=call.pk).update(internal_note="Secret again")
    call.refresh_from_db()
    changed = [
        "Question “How?”: Longest answer changed from “2000” to “1500”.",
        "Ceiling of a grant changed from “65 000 EUR” to “70 000 EUR”.",
        "Question “When?” added.",
        "Question “Who?” (longest answer 50; for each partner yes) deleted.",
    ]
    versions = [plain(" ".join(version.changes)) for version in form_versions(call)]
    assert versions == changed
    page = words(client.get("/calls/psf-2027/"))
    rows = load_workbook(BytesIO(file_of(call, {})))["Read me"].iter_rows(
        min_col=2, values_only=True
    )
    read_me = plain(" ".join(cell for (cell,) in rows if cell))
    older = plain(" ".join(read_form(before, "form.xlsx", Form(call)).notes))
    for number, sentence in enumerate(changed, start=2):
        assert sentence in read_me
        assert sentence in older
        assert sentence in page.partition(f"Version {number} of")[2]
    Call.objects.filter(pk=call.pk).update(published_at=None)
    call.refresh_from_db()
    assert form_versions(call) == []


def test_an_older_form_is_read_by_its_own_questions_and_limits(call):
    cells = filled(call) | {("Questions", answers_of(call)["How?"], 1): "x" * 1900}
    before = file_of(call, cells)
    newer = file_of(call, cells | {("Questions", answers_of(call)["How?"], 1): "By lights."})
    with recording.change_set(None, channel=Channel.COMMAND):
        call.questions.filter(text="Why?").update(text="For which reason?", hint="")
        call.questions.filter(text="How?").update(limit=1500, position=9)
        call.questions.filter(text="Who?").delete()
        factories.make_question(call, text="When?")
    call.priorities.add(factories.make_priority("Another priority"))  # a list with two cells now
    Call.objects.filter(pk=call.pk).update(closes_at=timezone.now(), version=9)
    call.refresh_from_db()
    older = read_form(before, "form.xlsx", Form(call))
    assert older.faults == []
    assert "“Why?” to “For which reason?”" in older.notes[0]
    assert [note for note in older.notes if "Who?" in note or "We watch, 2." in note]
    save_one(client_of("Editor"), call, before)
    project = Project.objects.get()
    assert {answer.question.text: answer.text for answer in project.answers.all()} == {
        "For which reason?": "Storms come\nwithout a warning.",
        "How?": "x" * 1900,
    }
    with recording.change_set(None, channel=Channel.COMMAND):
        call.questions.filter(text="How?").update(for_each_partner=True, limit=500)
    read = read_form(newer, "form.xlsx", Form(call))
    assert differences(Form(call), project, read) == [("How?", "x" * 1900, "By lights.")]


# The questions


def test_standard_questions_are_added_once_and_can_be_changed(call):
    call.questions.all().delete()
    client, page = client_of("Editor"), url_of(call, "application_form")
    assert "The call has no questions yet." in words(client.get(page))
    client.post(page)
    assert call.questions.count() == 10
    assert call.questions.first().text == "Which need does the project meet?"
    assert "You change the questions in the form of the call" in words(client.get(page))
    assert "already" in words(client.post(page))
    assert call.questions.count() == 10


def test_questions_are_copied_with_the_criterion_of_the_new_call(call):
    new = factories.make_call(title="PSF 2028", published_at=None)
    copy_setup(new, call, make_account("Editor"))
    question = new.questions.get(text="Why?")
    assert (question.criterion.call, question.criterion.name) == (new, "Relevance")
    assert new.questions.count() == 3


def test_questions_are_locked_once_an_application_has_answers(call):
    client, viewer = client_of("Editor"), client_of("Viewer")
    assert 'name="questions-0-text"' in client.get(url_of(call)).content.decode()
    assert 'name="questions-0-text"' not in viewer.get(url_of(call)).content.decode()
    assert "Why?" in words(viewer.get(url_of(call)))
    with recording.change_set(None, channel=Channel.FORM) as change:
        call.questions.filter(text="Who?").update(limit=40)
    assert undo_blockers(change) == []
    project = factories.make_project(call)
    factories.make_answer(project, question_id=call.questions.first().pk)
    assert "the questions are locked" in undo_blockers(change)[0].sentence
    assert 'name="questions-0-text"' not in client.get(url_of(call)).content.decode()


def test_a_question_serves_a_criterion_of_its_own_call(call):
    other = factories.make_criterion(factories.make_call(), name="Impact")
    page = client_of("Editor").get(url_of(call)).content.decode()
    select = re.search(r'<select name="questions-0-criterion".*?</select>', page, re.DOTALL)[0]
    assert "Relevance" in select
    assert "Impact" not in select
    question = call.questions.first()
    question.criterion = other
    with pytest.raises(Exception, match="Choose a criterion of this call"):
        question.full_clean()


# Reading in


def test_many_forms_are_read_shown_and_saved_at_once(call):
    client = client_of("Editor")
    first = file_of(call)
    second = file_of(call, filled(call, "Ice Watch"))
    poor = filled(call, "Fog Watch") | {("Partners", "partner_country", 3): "Belarus"}
    faulty = file_of(call, filled(call, "No Watch") | {("Contact", "email", 1): "nobody"})
    files = first, second, file_of(call, poor), faulty
    page = words(upload(client, call, *files, received_on="2026-01-02"))
    assert "Nothing is saved yet." in page
    assert "Cannot be saved: 1" in page
    assert "Contact B8, “E-mail”: Enter a valid e-mail address." in page
    assert "Can be saved: 3" in page
    assert "Counted: EE, LV. Not counted: BY (observer)." in page
    assert not Project.objects.exists()
    assert page.count("all met") == 2
    moment = {"0-received_on": "2026-01-02", "0-received_time": "14:30"}
    saved = confirm(client, call, moment | {"1-take": None})
    assert "Add more applications" in words(saved)
    storm, fog = Project.objects.order_by("reference")
    assert (storm.reference, storm.title) == ("PSF-2027-01", "Storm Watch")
    assert (fog.reference, fog.title) == ("PSF-2027-03", "Fog Watch")
    assert f"{storm.received_on} {storm.received_time}" == "2026-01-02 14:30:00"
    assert (storm.status, storm.published_at) == ("submitted", None)
    assert shown(call, values_of(storm, with_contact=True)) == filled(call)
    document = storm.documents.get()
    assert (document.kind, document.sha256) == ("application", sha256(first).hexdigest())
    assert document.published_at is None
    assert store.path_of(document.stored_name).read_bytes() == first


def save_one(client, call, content):
    upload(client, call, content)
    return confirm(client, call)


def test_the_same_file_changes_nothing_and_a_newer_version_shows_its_differences(call):
    client, first = client_of("Editor"), file_of(call)
    save_one(client, call, first)
    assert "Saved before: 1" in words(upload(client, call, first))
    newer = file_of(call, filled(call) | {("Project", "acronym", 1): "STORM"})
    assert "SW" in words(upload(client, call, newer))
    confirm(client, call)
    project = Project.objects.get()
    assert project.acronym == "STORM"
    assert (project.answers.count(), project.documents.count()) == (5, 2)
    renamed = words(upload(client, call, file_of(call, filled(call, "Storm Signals"))))
    assert "PSF-2027-01, “Storm Watch”, has the same lead partner." in renamed
    other = filled(call, "Storm Signals") | {("Partners", "partner_name", 1): "Hamn"}
    assert "has the same lead partner" not in words(upload(client, call, file_of(call, other)))
    led_by_another = {("Partners", "partner_name", 1): "Sadams"}
    page = words(upload(client, call, file_of(call, filled(call) | led_by_another)))
    assert "PSF-2027-01, “Storm Watch”, has the same title. Is this a newer form?" in page
    Project.objects.update(status="eligible")
    page = words(upload(client, call, file_of(call, filled(call, "storm watch"))))
    assert "PSF-2027-01 is recorded as “eligible”. Only submitted ones can be replaced." in page
    assert "No mail: the form itself has no fault." in page
    confirm(client, call)
    assert not FormMail.objects.filter(project=None).exists()


def test_an_application_saved_by_a_colleague_meanwhile_is_not_replaced(call):
    first = read_batch([("a.xlsx", file_of(call))], call)
    second = read_batch([("b.xlsx", file_of(call, filled(call, "Storm Signals")))], call)
    author = Author("forms", make_account(), may_decide=False)
    save_batch(first, author)
    with pytest.raises(Refused, match="changed"):
        save_batch(second, author)
    assert Project.objects.get().title == "Storm Watch"


def test_a_newer_form_names_every_difference_also_of_answers_and_budget(call):
    client, keys = client_of("Editor"), answers_of(call)
    save_one(client, call, file_of(call))
    changes = {
        ("Questions", keys["How?"], 1): "By lights.",
        ("Partners", keys["Who?"], 2): None,
        ("Budget", "travel_eur", 3): Decimal("1.5"),
        ("Project", "activity_countries-2", 1): "Latvia",
        ("Contact", "telephone", 1): "+371 1",
        ("Partners", "english", 1): "Another name",
    }
    newer = file_of(call, filled(call) | changes)
    read = read_form(newer, "newer.xlsx", Form(call))
    assert differences(Form(call), Project.objects.get(), read) == [
        ("Country of activity", "Sweden", "Latvia; Sweden"),
        ("Partners 2, Who?", "We watch, 2.", ""),
        ("How?", "By signals.", "By lights."),
        ("Budget 3, Travel", "", "1.50"),
        ("Telephone", "", "+371 1"),
    ]
    Project.objects.update(requested_eur=52000)  # by staff
    page = words(upload(client, call, newer, received_on="2026-01-02", received_time="14:30"))
    assert "newer version" in page
    assert "By signals. By lights." in page
    for line in ["Amount requested 52 000 EUR 52 503 EUR", "Time of receipt empty 14:30"]:
        assert line in page
    assert "Changed: 1 project." in words(confirm(client, call))


def test_cells_with_the_same_label_are_compared_one_by_one(call):
    factories.make_question(call, text="Acronym")
    names = [("Project", "acronym", 1), ("Questions", answers_of(call)["Acronym"], 1)]
    first, second = (dict(zip(names, words, strict=True)) for words in ["AB", "BA"])
    save_one(client_of("Editor"), call, file_of(call, filled(call) | first))
    read = read_form(file_of(call, filled(call) | second), "", Form(call))
    found = differences(Form(call), Project.objects.get(), read)
    assert found == [("Acronym", "A", "B"), ("Acronym", "B", "A")]


def test_the_filled_form_has_terms_languages_and_names_that_no_new_form_has(call):
    client = client_of("Editor")
    call.priorities.add(factories.make_priority("Old"))
    save_one(client, call, file_of(call, filled(call) | {("Project", "priority-2", 1): "Old"}))
    call.priorities.set([factories.make_priority("Fun")])  # a list with one cell
    sadam = Partner.objects.get(name="Sadam")
    Partner.objects.update(name_language="ar")
    factories.make_partner_name(sadam, "S" * 60, kind="abbreviation")
    project = Project.objects.get()
    content = client.get(url_of(project, "form_file")).content
    assert read_form(content, "", Form(call)).faults == [
        "Project B16, “Priority”: Use one of these words: Fun.",
        "Project B18, “Priority 2”: Use one of these words: Fun.",
    ]
    [read] = read_batch([("form.xlsx", content)], call).saved_before
    assert (read.faults, read.notes, read.differences) == ([], [], [])


def test_the_filled_form_of_any_record_reads_back_without_a_change(call):
    """Also if the call allows less since then, or the record lacks what an applicant fills in."""
    client, keys = client_of("Editor"), answers_of(call)
    save_one(client, call, file_of(call))
    project = Project.objects.get()
    call.questions.filter(text="Why?").update(limit=9)
    project.contacts.all().delete()
    factories.make_partnership(project, partner=None, country_id="SE", position=9)
    typed = factories.make_project(call, title="Typed by staff")
    for row in [project, typed]:
        content = client.get(url_of(row, "form_file")).content
        batch = read_batch([("form.xlsx", content)], call)
        assert [read.recorded for read in batch.saved_before] == [row]
    book = load_workbook(BytesIO(client.get(url_of(project, "form_file")).content))
    book["Project"]["B6"] = "STORM"  # the acronym
    saved = BytesIO()
    book.save(saved)
    [read] = read_batch([("form.xlsx", saved.getvalue())], call).stopped
    assert [fault.partition(",")[0] for fault in read.faults] == [
        "Partners B7",
        "Contact B4",
        "Contact B8",
        "Contact B12",
    ]
    cells = shown(call, values_of(project)) | {("Questions", keys["Why?"], 1): "Longer, by far."}
    [read] = read_batch([("form.xlsx", file_of(call, cells))], call).stopped
    assert "“Why?”: The text has 15 characters." in read.faults[0]


def test_of_two_recorded_applications_with_one_name_none_is_taken(call):
    client = client_of("Editor")
    save_one(client, call, file_of(call))
    save_one(client, call, file_of(call, filled(call, "Storm Signals")))
    Project.objects.update(title="Storm Watch")
    newer = file_of(call, filled(call) | {("Project", "acronym", 1): "STORM"})
    page = words(upload(client, call, newer))
    assert "PSF-2027-01 and PSF-2027-02 have this title and lead partner. Change all" in page
    assert "Is this a newer form?" not in page
    assert "Can be saved" not in page


def test_what_the_rules_say_of_a_newer_form_counts_only_its_own_partners(call):
    client = client_of("Editor")
    save_one(client, call, file_of(call))
    fewer = {key: cell for key, cell in filled(call).items() if key[2] < 3}
    page = words(upload(client, call, file_of(call, fewer)))
    assert "not met. Counted: EE, LV." in page
    assert "Partners 3, Name in its own language Satama empty" in page


def test_an_application_with_more_than_a_form_has_is_not_replaced(call):
    client = client_of("Editor")
    save_one(client, call, file_of(call))
    project = Project.objects.get()
    project.topics.add(*(factories.make_topic(f"Topic {number}") for number in range(3)))
    copy = shown(call, values_of(project, with_contact=True))
    assert "Saved before: 1" in words(upload(client, call, file_of(call, copy)))
    newer = file_of(call, filled(call) | {("Project", "acronym", 1): "STORM"})
    why = "PSF-2027-01 has more partners, topics or places than a form. Change the record."
    assert why in words(upload(client, call, newer))
    confirm(client, call)
    assert project.topics.count() == 4


def test_a_newer_form_may_leave_out_partners_and_change_their_order(call):
    client = client_of("Editor")
    same_name = {("Partners", "partner_name", 2): "Satama"}
    save_one(client, call, file_of(call, filled(call) | same_name))
    order = {1: 1, 3: 2}
    cells = {
        (sheet, key, order[number] if sheet in ["Partners", "Budget"] else number): value
        for (sheet, key, number), value in filled(call).items()
        if number != 2
    }
    cells |= {("Partners", "partner_name", 3): "Hamn", ("Partners", "partner_country", 3): "Sweden"}
    save_one(client, call, file_of(call, cells))
    project = Project.objects.get()
    assert shown(call, values_of(project, with_contact=True)) == cells
    factories.make_partner_name(Partner.objects.get(name="Hamn"), "Port of Visby")
    other_name = {("Partners", "partner_name", 3): "Port of Visby"}
    save_one(client, call, file_of(call, cells | other_name))
    assert project.partnerships.count() == 3


def test_amounts_and_answers_stay_beside_their_partner(call):
    """Also when staff reorder, rename, merge, remove and replace partners."""
    client, keys = client_of("Editor"), answers_of(call)
    cells = filled(call) | {
        ("Budget", name, number): amount * number if number != 2 else None
        for number in [1, 2, 3]
        for name, amount in [("personnel_eur", Decimal("100.00")), ("own_share_eur", Decimal(10))]
    }
    cells |= {("Partners", "partner_name", 4): "Hamn", ("Partners", "partner_country", 4): "Sweden"}
    save_one(client, call, file_of(call, cells))
    project, sadam = Project.objects.get(), Partner.objects.get(name="Sadam")

    def of_partners():
        values = [row for number, row in values_of(project).items() if number]
        names = ["partner_name", "personnel_eur", keys["Who?"]]
        return [tuple(row.get(name) for name in names) for row in values]

    lead = "Ostas pārvalde", Decimal(100), "We watch, 1."
    satama = "Satama", Decimal(300), "We watch, 3."
    assert of_partners() == [lead, ("Sadam", None, "We watch, 2."), satama, ("Hamn", None, None)]
    project.partnerships.filter(partner__name="Satama").update(position=1)
    merge_partners(factories.make_partner("Port of Tallinn", "EE"), sadam, make_account())
    sadam = "Port of Tallinn", None, "We watch, 2."
    assert of_partners() == [lead, satama, sadam, ("Hamn", None, None)]
    project.partnerships.filter(partner__name="Satama").delete()
    new = factories.make_partner("Satakunta", "FI")
    project.partnerships.filter(partner__name="Hamn").update(partner=new)
    project.partnerships.filter(role="lead").update(partner=None, name_as_published=lead[0])
    assert of_partners() == [(lead[0], None, None), sadam, ("Satakunta", None, None)]
    page = words(client.get(url_of(project, "application")))
    for line in ["Who? · Satama We watch, 3.", "Satama 300 – – – – 30 – 270"]:
        assert line in page


def test_one_organisation_by_two_of_its_names_keeps_both_budgets(call):
    factories.make_partner_name(factories.make_partner("Sadam", "EE"), "Port of Tallinn")
    name = {("Partners", "partner_name", 3): "Port of Tallinn"}
    name |= {("Partners", "partner_country", 3): "Estonia"}
    cells = filled(call) | name | {("Budget", "travel_eur", 2): Decimal("5.00")}
    save_one(client_of("Editor"), call, file_of(call, cells))
    saved = shown(call, values_of(Project.objects.get()))
    of_partners = {key: cell for key, cell in cells.items() if key[0] in ["Partners", "Budget"]}
    assert {key: saved.get(key) for key in of_partners} == of_partners


@pytest.mark.parametrize(("clock", "late"), [("14:59", False), ("15:00", True)])
def test_a_form_that_arrived_an_hour_late_says_so(call, clock, late):
    closes_at = datetime(2026, 1, 2, 14, tzinfo=UTC)  # 15:00 in the time zone of the call
    moment = {"opens_at": None, "closes_at": closes_at, "closes_precision": "minute"}
    Call.objects.filter(pk=call.pk).update(**moment)
    page = upload(
        client_of("Editor"), call, file_of(call), received_on="2026-01-02", received_time=clock
    )
    said = f"Received on 2 January 2026, {clock} CET, after “PSF 2027” closed on 2 January 2026"
    assert (said in words(page)) == late


def test_pages_that_name_contact_persons_need_the_permission_to_see_them(call):
    save_one(client_of("Editor"), call, file_of(call))
    account = make_account("Editor")
    upload(signed_in(account), call, file_of(call))
    account.groups.clear()
    others = Permission.objects.filter(group__name="Editor").exclude(codename="view_contact")
    account.user_permissions.set(others)
    client, row = signed_in(account), Import.objects.latest("pk")
    assert client.get(url_of(call, "import")).status_code == 200
    for page in [["add_applications"], ["add_applications_preview", row.pk], ["form_mails"]]:
        assert client.get(url_of(call, *page)).status_code == 403, page


def test_a_newer_form_keeps_contacts_of_other_purposes_and_bumps_the_version(call):
    client = client_of("Editor")
    save_one(client, call, file_of(call))
    project, later = Project.objects.get(), date(2040, 1, 1)
    others = [
        factories.make_contact(
            project, email="anna@harbour.example", purpose=purpose, keep_until=later
        )
        for purpose in ["reports", "payments"]
    ]
    newer = {("Questions", answers_of(call)["How?"], 1): "By lights."}
    newer |= {("Contact", "telephone", 1): "+371 1"}
    save_one(client, call, file_of(call, filled(call) | newer))
    assert project.contacts.first().telephone == "+371 1"  # the newest form counts
    assert project.contacts.count() == 4
    assert {Contact.objects.get(pk=row.pk).purpose for row in others} == {"reports", "payments"}
    assert Project.objects.get().version > project.version  # so that open forms notice it


def test_an_undo_of_the_import_brings_the_earlier_contact_person_back(call):
    client, publisher = client_of("Editor"), client_of("Administrator")
    save_one(client, call, file_of(call))
    project = Project.objects.get()
    project.contacts.update(function="Secretary")  # by staff
    before = [*project.contacts.values()]
    newer = {("Contact", "name", 1): "Bo Berg", ("Contact", "email", 1): "bo@harbour.example"}
    save_one(client, call, file_of(call, filled(call) | newer))
    assert Letter(project=project).recipient() == "bo@harbour.example"
    assert shown(call, values_of(project, with_contact=True))["Contact", "name", 1] == "Bo Berg"
    document = project.documents.first()
    with pytest.raises(ValidationError, match="This form named a contact person"):
        delete_item(document)
    page = url_of(call, "import_undo", Import.objects.latest("pk").pk)
    publisher.post(page, {"reason": "By mistake."})
    assert project.documents.count() == 1
    assert [*project.contacts.values()] == before
    assert Letter(project=Project.objects.get()).recipient() == "anna@harbour.example"


@pytest.mark.parametrize(("day", "clock"), [("2026-01-02", time(14, 30)), ("2026-01-09", None)])
def test_a_newer_form_keeps_the_time_of_receipt_of_the_same_day_only(call, day, clock):
    client = client_of("Editor")
    upload(client, call, file_of(call))
    confirm(client, call, {"0-received_on": "2026-01-02", "0-received_time": "14:30"})
    upload(client, call, file_of(call, filled(call) | {("Project", "acronym", 1): "STORM"}))
    confirm(client, call, {"0-received_on": day})
    project = Project.objects.get()
    assert (str(project.received_on), project.received_time) == (day, clock)


def test_a_newer_form_empties_what_it_leaves_out(call):
    client = client_of("Editor")
    cells = filled(call) | {("Contact", "telephone", 1): "+371 1"}
    save_one(client, call, file_of(call, cells))
    left_out = [("Project", "acronym", 1), ("Project", "topics-1", 1), ("Contact", "telephone", 1)]
    newer = {
        key: value for key, value in cells.items() if key not in left_out and key[0] != "Budget"
    }
    page = words(upload(client, call, file_of(call, newer)))
    assert "Total budget 60 001.50 EUR empty" in page
    confirm(client, call)
    project = Project.objects.get()
    assert shown(call, values_of(project, with_contact=True)) == newer
    assert (project.total_budget_eur, project.requested_eur) == (None, None)
    Project.objects.update(requested_eur=52000)  # by staff, for a form without amounts
    save_one(client, call, file_of(call, newer | {("Project", "acronym", 1): "STORM"}))
    project.refresh_from_db()
    assert (project.acronym, project.requested_eur) == ("STORM", 52000)


def test_partners_without_an_organisation_stay(call):
    client = client_of("Editor")
    save_one(client, call, file_of(call))
    project = Project.objects.get()
    rows = project.partnerships.filter(partner__name="Sadam")
    rows.update(partner=None, name_as_published="Sadam", position=9)
    factories.make_partnership(project, partner=None, country_id="SE")
    save_one(client, call, file_of(call, filled(call) | {("Project", "acronym", 1): "STORM"}))
    assert project.partnerships.count() == 4
    assert project.partnerships.get(name_as_published="Sadam").position == 2


def test_an_organisation_that_left_and_joined_again_keeps_both_times(call):
    client = client_of("Editor")
    save_one(client, call, file_of(call))
    project, sadam = Project.objects.get(), Partner.objects.get(name="Sadam")
    project.partnerships.filter(partner=sadam).update(left_on=date(2028, 1, 1))
    factories.make_partnership(project, partner=sadam, joined_on=date(2028, 6, 1), position=2)
    copy = shown(call, values_of(project, with_contact=True))
    assert copy == filled(call)
    save_one(client, call, file_of(call, copy | {("Project", "acronym", 1): "STORM"}))
    assert project.partnerships.filter(partner=sadam).count() == 2


def test_facts_of_recorded_organisations_stay(call):
    port = factories.make_partner("Ostas pārvalde", "LV", kind="other")
    save_one(client_of("Editor"), call, file_of(call))
    port.refresh_from_db()
    assert (port.kind, port.website, port.names.count()) == ("other", "", 0)


def test_of_two_versions_of_an_application_none_is_saved_before_staff_choose(call):
    client, other = client_of("Editor"), file_of(call, filled(call, "Ice Watch"))
    newer = file_of(call, filled(call) | {("Project", "acronym", 1): "X"})
    same = file_of(call, filled(call, "Ice Watch"), edit=lambda book: None)  # by another program
    page = words(upload(client, call, file_of(call), newer, other, same))
    for number in [1, 2]:
        why = f"“form {number}.xlsx” has the same title and lead partner. Choose only the file"
        assert why in page
    assert "Can be saved: 1" in page
    assert "form 3.xlsx “form 4.xlsx” has the same content." in page
    confirm(client, call)
    assert [*Project.objects.values_list("title", flat=True)] == ["Ice Watch"]
    assert FormMail.objects.get().project
    page = words(upload(client, call, other, other))
    assert "form 1.xlsx : Ice Watch “form 2.xlsx” has the same content." in page


def test_one_organisation_by_two_of_its_names_is_refused_as_lead(call):
    factories.make_partner_name(factories.make_partner("Ostas pārvalde", "LV"), "Port of Liepāja")
    twice = filled(call, "Twice") | {("Partners", "partner_name", 2): "Port of Liepāja"}
    twice = file_of(call, twice | {("Partners", "partner_country", 2): "Latvia"})
    page = words(upload(client_of("Editor"), call, twice, file_of(call)))
    assert "Cannot be saved: 1" in page
    assert "Can be saved: 1" in page
    page = upload(client_of("Editor"), call, twice)
    assert "Can be saved" not in words(page)
    assert "Keep the mails" not in page.content.decode()
    page = upload(
        client_of("Editor"), call, file_of(call, filled(call) | {("Project", "title", 1): None})
    )
    assert 'value="Keep the mails"' in page.content.decode()


def test_a_similar_name_is_asked_and_the_records_of_the_preview_must_still_hold(call):
    factories.make_partner("Ostas pārvaldes", "LV")
    client = client_of("Editor")
    upload(client, call, file_of(call))
    page = words(confirm(client, call))
    assert "Choose the organisation" in page
    assert "1 similar, 2 new" in page
    assert not Project.objects.exists()
    page = words(confirm(client, call, {"preview": "0", "similar-LV-ostas parvalde": "new"}))
    assert "Nothing was saved. The records have changed since this preview." in page
    confirm(client, call, {"similar-LV-ostas parvalde": "new"})
    assert Project.objects.count() == 1
    row = Import.objects.latest("pk")
    assert row.content == b""
    page = url_of(call, "add_applications_preview", row.pk)
    for again in [client.post(page), client.get(page)]:
        assert again.url == url_of(call, "form_mails")


def test_nothing_chosen_and_no_file_save_nothing(call):
    client = client_of("Editor")
    upload(client, call, file_of(call))
    assert "Choose at least one application." in words(confirm(client, call, {"0-take": None}))
    assert "This field is required." in words(client.post(url_of(call, "add_applications"), {}))
    assert not Project.objects.exists()


def test_a_time_of_receipt_needs_its_day(call):
    client = client_of("Editor")
    page = words(upload(client, call, file_of(call), received_time="14:30"))
    assert "Enter the day of receipt too." in page
    assert not Import.objects.exists()
    upload(client, call, file_of(call))
    page = words(confirm(client, call, {"0-received_time": "14:30"}))
    assert "Enter the day of receipt too." in page
    assert not Project.objects.exists()


def test_uploaded_forms_are_no_upload_of_a_table(call):
    client = client_of("Editor")
    upload(client, call, file_of(call))
    page = url_of(call, "import_preview", Import.objects.latest("pk").pk)
    assert client.get(page).status_code == 404


# The command


def run(tmp_path, *contents, **options):
    paths = []
    for number, content in enumerate(contents, start=1):
        path = tmp_path / f"form {number}.xlsx"
        path.write_bytes(content)
        paths.append(str(path))
    out = StringIO()
    call_command("import_applications", *paths, call="psf-2027", stdout=out, **options)
    return out.getvalue()


def test_the_command_saves_all_files_or_none(call, tmp_path):
    faulty = file_of(call, filled(call) | {("Contact", "email", 1): "nobody"})
    with pytest.raises(CommandError, match=r"form 2.xlsx: Contact B8, “E-mail”: Enter a valid"):
        run(tmp_path, file_of(call), faulty)
    assert not Project.objects.exists()
    assert "PSF-2027-01 is new: Storm Watch" in run(tmp_path, file_of(call), dry_run=True)
    assert not Project.objects.exists()
    content = file_of(call)
    assert run(tmp_path, content).startswith("Imported. New: 1 project.")
    assert Contact.objects.exists()
    assert "Nothing changes." in run(tmp_path, content)
    newer = file_of(call, filled(call) | {("Questions", answers_of(call)["How?"], 1): "By lights."})
    told = run(tmp_path, newer, dry_run=True)
    assert "PSF-2027-01: How?: By signals. → By lights." in told
    assert "Changed: 1 project." in told
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_applications", "missing.xlsx", call="psf-2027")


def test_the_command_never_guesses_which_organisation_a_name_means(call, tmp_path):
    factories.make_partner("Ostas pārvaldes", "LV")
    ministry = factories.make_partner("Ministry of the Interior", "EE").name
    cells = filled(call) | {("Partners", "partner_name", 2): ministry}
    for dry_run in [True, False]:
        with pytest.raises(CommandError) as error:
            run(tmp_path, file_of(call, cells), dry_run=dry_run)
        for name, similar in [
            ("Ostas pārvalde” (LV", "Ostas pārvaldes"),
            (ministry + "” (EE", ministry),
        ]:
            assert f"form 1.xlsx: “{name}) may mean “{similar}”. Save this" in str(error.value)
    assert not Project.objects.exists()


def test_the_page_of_an_open_call_leads_to_its_form(call, client):
    Call.objects.filter(pk=call.pk).update(application_form_url="https://psf.example/form.docx")
    link = '<a class="button" href="{}">Application form'
    for address in ["/apply/", "/calls/psf-2027/"]:
        page = client.get(address).content.decode()
        assert link.format("/calls/psf-2027/application-form.xlsx") in page
    call.questions.all().delete()
    Call.objects.filter(pk=call.pk).update(version=9)
    page = client.get("/calls/psf-2027/").content.decode()
    assert link.format("https://psf.example/form.docx") in page


def test_a_saved_application_is_shown_and_its_form_reads_back_without_a_change(call):
    client = client_of("Editor")
    save_one(client, call, file_of(call))
    project = Project.objects.get()
    page = words(client.get(url_of(project, "application")))
    assert "Why? Criterion: Relevance Storms come without a warning." in page
    assert "Who? · Sadam We watch, 2." in page
    assert "Sadam 20 000.50 – – – – 2 500 – 17 500.50" in page.replace("\xa0", " ")
    response = client.get(url_of(project, "form_file"))
    assert shown(call, values_of(project, with_contact=True)) == filled(call)
    read = read_form(response.content, "form.xlsx", Form(call))
    assert (read.faults, read.notes) == ([], [])
    assert differences(Form(call), project, read) == []
    hidden = client_of("Viewer").get(url_of(project, "form_file")).content
    assert "anna@" not in str([*load_workbook(BytesIO(hidden))["Contact"].values])
    dossier = files_of(project, make_account("Publisher"))[0].content
    assert "Storms come\nwithout a warning." in dossier
    assert "Personnel: 20 000.50 EUR" in dossier.replace("\xa0", " ")


def test_a_partner_of_which_only_the_country_is_known_is_in_the_filled_form(call):
    project = factories.make_project(call)
    factories.make_partnership(project, partner=None, country_id="SE")
    assert values_of(project)[1] == {"partner_country": "SE"}


# The mails


def test_receipts_and_mails_about_faults_wait_until_staff_send_them(call, mailoutbox, settings):
    settings.EMAIL_HOST = "mail.example"
    Call.objects.filter(pk=call.pk).update(contact="Ask Eva.", time_zone="Europe/Helsinki")
    call.refresh_from_db()
    client, good = client_of("Editor"), file_of(call)
    faulty = file_of(
        call, filled(call, "No Watch") | {("Questions", answers_of(call)["Why?"], 1): None}
    )
    lost = file_of(call, filled(call, "Lost") | {("Contact", "email", 1): "nobody"})
    page = words(upload(client, call, good, faulty, lost, received_on="2026-01-02"))
    assert "Mail to anna@harbour.example" in page
    assert "The form names no address for a mail." in page
    moment = {"0-received_on": "2026-01-02", "0-received_time": "14:30"}
    page = words(confirm(client, call, moment))
    assert "Waiting: 2" in page
    assert not mailoutbox
    outbox = client_of("Publisher").get(url_of(call, "outbox"))
    assert "2 mails about application forms wait" in words(outbox)
    receipt, about_faults = FormMail.objects.order_by("pk")
    assert receipt.subject == str(receipt) == "PSF 2027: application PSF-2027-01 received"
    for line in [
        "We have received your application “Storm Watch” for PSF 2027.",
        "Reference: PSF-2027-01",
        "Received: 2 January 2026, 14:30 EET",
        "Received: 2 January 2026, 12:30 UTC",
        f"SHA-256 of the file: {sha256(good).hexdigest()}",
        "Whom to ask: Ask Eva.",
    ]:
        assert line in receipt.text.splitlines()
    assert about_faults.subject == "PSF 2027: please correct your application “No Watch”"
    assert "* Questions B4, “Why?”: This cell is empty. Fill it in." in about_faults.text
    assert call.closes() in about_faults.text
    chosen = {"mails": [receipt.pk]}
    assert "1 mail was sent." in words(
        client.post(url_of(call, "form_mails"), chosen | {"_send": ""}, follow=True)
    )
    [message] = mailoutbox
    assert (message.to, message.body) == (["anna@harbour.example"], receipt.text)
    assert "does not wait any more" in words(
        client.post(url_of(call, "form_mails"), chosen | {"_send": ""})
    )
    assert send_mails([receipt], make_account("Editor")) == 0  # as a colleague would
    client.post(url_of(call, "form_mails"), {"mails": [about_faults.pk], "_remove": ""})
    assert [*FormMail.objects.all()] == [receipt]


def test_a_mail_that_the_server_refuses_still_waits(call, settings):
    settings.EMAIL_HOST = "mail.example"
    mail = factories.make_form_mail(call, subject="two\nlines")
    page = url_of(call, "form_mails")
    response = client_of("Editor").post(page, {"mails": [mail.pk], "_send": ""})
    assert "The mail server refused the mail to" in words(response)
    assert FormMail.objects.waiting().exists()
    settings.EMAIL_HOST = ""
    response = client_of("Editor").post(page, {"mails": [mail.pk], "_hand": ""}, follow=True)
    assert "Sent: 1" in words(response)


def test_a_mail_names_the_first_faults_and_replaces_the_same_mail_that_waits(call):
    read = read_form(file_of(call, filled(call)), "form.xlsx", Form(call))
    read.faults = ["Project B4, “Title”: Why."] * 51
    add_mail(call, read)
    add_mail(call, read)
    assert "* 1 further cell has a fault." in FormMail.objects.get().text


@pytest.mark.parametrize(
    ("day", "moment", "words"),
    [
        (None, None, []),
        (date(2026, 7, 1), None, ["1 July 2026"]),
        (date(2026, 7, 1), time(9, 5), ["1 July 2026, 09:05 UTC"]),
    ],
)
def test_a_receipt_says_the_moment_as_far_as_it_is_known(call, day, moment, words):
    call.time_zone = "UTC"
    project = factories.make_project(call, received_on=day, received_time=moment)
    add_mail(call, read_form(file_of(call), "form.xlsx", Form(call)), project)
    lines = FormMail.objects.get(project=project).text.splitlines()
    assert [line for line in lines if line.startswith("Received")] == [
        f"Received: {word}" for word in words
    ]


def test_mails_about_forms_are_deleted_after_a_year_and_their_addresses_on_request(call):
    mail = factories.make_form_mail(call, address="Anna@harbour.example")
    past, project = {"keep_until": date(2020, 1, 1)}, factories.make_project(call)
    factories.make_form_mail(call, address="Bo@harbour.example", project=project)
    for email in ["anna@harbour.example", "bo@harbour.example"]:
        factories.make_contact(project, email=email, **past)
    purge_contacts(date(2021, 1, 1))
    # The mail to Anna is about another application.
    assert [*FormMail.objects.values_list("address", flat=True)] == [mail.address, ""]
    found = find_mentions("anna@harbour.example")
    [mention] = [row for row in found if row.field != "File"]  # the files of other tests stay
    assert (mention.field, mention.is_erased) == ("E-mail address", True)
    assert erase_person("anna@harbour.example", make_account()).letters == 1
    mail.refresh_from_db()
    assert (mail.address, FormMail.objects.waiting().count()) == ("", 0)
    day = timezone.localdate(mail.made_at) + timedelta(days=365)
    purge_contacts(day, dry_run=True)
    purge_contacts(day)
    assert FormMail.objects.exists()
    purge_contacts(day + timedelta(days=1))
    assert not FormMail.objects.exists()
