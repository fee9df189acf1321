"""Two people edit one record: the second sees the conflict, and no input is lost."""

import html
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.db import IntegrityError, connection
from django.urls import reverse

from partners.models import Partner
from projects.models import Call, Project, Topic
from psf.history.models import Change, Channel
from tests.support import factories
from tests.support.accounts import (
    client_of,
    confirm,
    errors_of,
    filled_in,
    make_account,
    named,
    new_row,
    save,
    send,
    signed_in,
    url_of,
    versions_in,
)

pytestmark = pytest.mark.django_db

FIRST, SECOND = "Typed first", "Typed second"


@pytest.fixture
def anna():
    return signed_in(make_account("superuser", first_name="Anna", last_name="Ozola"))


@pytest.fixture
def bo():
    return client_of("superuser")


@pytest.fixture
def meet(anna, bo):
    """Both open the form of a record, Anna saves fields, Bo sends others. The answer to Bo."""

    def meet(record, by_anna, by_bo):
        url = url_of(record)
        opened = filled_in(bo, url)
        assert save(anna, url, **by_anna).status_code == 302
        return bo.post(url, opened | by_bo)

    return meet


@pytest.fixture
def insist(bo):
    """Bo, who knows the conflict now, sends the form that was shown again."""

    def insist(record, response, **changes):
        assert send(bo, url_of(record), again(response, **changes)).status_code == 302

    return insist


def differences(response):
    """The differences on the page: (part, field, stored, typed)."""
    return [
        (group.name, *difference)
        for group in response.context["groups"]
        for difference in group.differences
    ]


def again(response, **changes):
    """The data that a browser sends with the form that was shown again."""

    class Drawn:
        def get(self, _url):
            return response

    return filled_in(Drawn(), "", **changes)


RECORDS = {
    "call": (lambda: factories.make_call(published_at=None), "title"),
    "project": (factories.make_project, "title"),
    "partner": (factories.make_partner, "name"),
    "priority": (factories.make_priority, "name"),
    "topic": (factories.make_topic, "name"),
    "membership": (lambda: factories.make_membership(None, organisation="EU"), "source"),
    "account": (make_account, "first_name"),
    "role": (lambda: Group.objects.get(name="Viewer"), "name"),
}
WITHOUT_HISTORY = ["account", "role"]
# A number, and a fingerprint of the fields.
BOTH_KINDS_OF_VERSION = ["topic", "account"]
WRONG_VERSIONS = ["", "x", "0", "0.", "0." + "9" * 40, "-1.999999999", "².²"]


@pytest.mark.parametrize("kind", RECORDS)
class TestEveryRecord:
    @pytest.mark.unmeasured
    def test_the_second_editor_sees_the_conflict_and_keeps_typed_values(self, kind, meet, insist):
        make, field = RECORDS[kind]
        record = make()
        response = meet(record, {field: FIRST}, {field: SECOND})
        assert response.status_code == 200
        page = response.content.decode()
        assert "Nothing was saved." in page
        assert "<title>Error:" in page
        record.refresh_from_db()
        assert getattr(record, field) == FIRST
        changes = response.context["conflict"].changes
        if kind in WITHOUT_HISTORY:
            assert changes == []
        else:
            (change,) = changes
            assert change.who == "Anna Ozola"
            assert f"to “{FIRST}”." in change.what
        assert [(stored, typed) for _part, _label, stored, typed in differences(response)] == [
            (FIRST, SECOND)
        ]

        insist(record, response)
        record.refresh_from_db()
        assert getattr(record, field) == SECOND

    def test_a_save_without_changes_causes_no_conflict(self, kind, anna, bo):
        make, field = RECORDS[kind]
        url = url_of(make())
        opened = filled_in(bo, url)
        assert save(anna, url).status_code == 302
        assert send(bo, url, opened | {field: SECOND}).status_code == 302

    @pytest.mark.unmeasured
    def test_a_form_without_its_version_saves_nothing(self, kind, bo):
        make, field = RECORDS[kind]
        record = make()
        if hasattr(record, "version"):
            type(record).objects.update(version=5)
        url = url_of(record)
        opened = filled_in(bo, url)
        for version in WRONG_VERSIONS if kind in BOTH_KINDS_OF_VERSION else ["0"]:
            response = send(bo, url, opened | {field: SECOND, "version": version})
            assert response.status_code == 200, version
            assert response.context["conflict"].changes == [], version
            record.refresh_from_db()
            assert getattr(record, field) != SECOND, version


@pytest.mark.parametrize("kind", BOTH_KINDS_OF_VERSION)
def test_a_third_change_is_a_new_conflict(kind, anna, bo):
    make, field = RECORDS[kind]
    url = url_of(make())
    opened = filled_in(bo, url)
    save(anna, url, **{field: "One"})
    response = bo.post(url, opened | {field: SECOND})
    save(anna, url, **{field: "Two"})
    response = bo.post(url, again(response))
    assert differences(response)[0][2:] == ("Two", SECOND)


DELETE = {"partnerships-0-DELETE": "on"}


def with_lead(name):
    project = factories.make_project()
    factories.make_partnership(project, factories.make_partner(name), role="lead")
    return project


class TestParts:
    """Rows that are edited with a record belong to its version."""

    def test_a_changed_row_is_shown_field_by_field(self, meet, insist):
        partner = factories.make_partner()
        factories.make_partner_name(partner, "Old", language="lv")
        by_anna = {"names-0-text": FIRST, "names-0-valid_from": "1/2/2003"}
        response = meet(partner, by_anna, {"names-0-text": SECOND, "names-0-kind": "former"})
        assert differences(response) == [
            ("Other names", f"{FIRST} · Name", FIRST, SECOND),
            ("Other names", f"{FIRST} · Kind", "official", "former"),
        ]
        insist(partner, response)
        assert (partner.names.get().text, partner.names.get().valid_from.year) == (SECOND, 2003)

    def test_a_row_that_was_added_stays_unless_it_is_deleted_knowingly(self, meet, insist):
        project = factories.make_project()
        factories.make_partnership(project, country="SE")
        partner = factories.make_partner("Stellit")
        row = new_row("partnerships", 1, partner=named(partner), role="lead", position=1)
        response = meet(project, row, {"title": SECOND})
        name = "Partners, the lead partner first"
        assert (name, "Stellit", "added since then", "not in your form") in differences(response)
        insist(project, response)
        assert project.partnerships.count() == 2
        project.refresh_from_db()
        assert project.title == SECOND

    def test_a_row_that_was_deleted_comes_back_knowingly(self, meet, insist):
        project = with_lead("Stellit")
        response = meet(project, DELETE, {"partnerships-0-name_as_published": "S"})
        assert response.status_code == 200
        assert not project.partnerships.exists()
        ((_part, name, stored, typed),) = differences(response)
        assert (name, stored) == ("Your new row", "not stored")
        assert "Organisation: Stellit; " in typed
        assert "Role: lead partner" in typed
        insist(project, response)
        assert project.partnerships.get().partner.name == "Stellit"

    def test_a_row_that_only_the_colleague_deleted_stays_deleted(self, meet, insist):
        project = with_lead("Stellit")
        response = meet(project, DELETE, {"title": SECOND})
        assert [row[1:] for row in differences(response)] == [("Title", project.title, SECOND)]
        insist(project, response)
        assert not project.partnerships.exists()

    def test_a_row_that_only_the_colleague_changed_keeps_that_change(self, meet, insist):
        partner = factories.make_partner()
        for text in ["One", "Two"]:
            factories.make_partner_name(partner, text)
        by_anna = {"names-0-text": FIRST, "names-1-language": "lv"}
        response = meet(partner, by_anna, {"names-1-text": SECOND})
        assert differences(response) == [("Other names", "Two · Name", "Two", SECOND)]
        insist(partner, response)
        rows = partner.names.order_by("pk").values_list("text", "language")
        assert list(rows) == [(FIRST, ""), (SECOND, "lv")]

    def test_a_row_that_both_deleted_is_gone(self, meet, insist):
        project = with_lead("Stellit")
        response = meet(project, DELETE, DELETE | new_row("partnerships", 1, partner=""))
        assert differences(response) == []
        assert "has the same values as your form" in response.content.decode()
        insist(project, response, **{"partnerships-TOTAL_FORMS": "0"})
        assert not project.partnerships.exists()

    def test_a_row_that_one_deletes_and_another_changes(self, meet, insist):
        partner = factories.make_partner()
        factories.make_partner_name(partner, "Old")
        response = meet(partner, {"names-0-text": FIRST}, {"names-0-DELETE": "on"})
        assert differences(response) == [("Other names", FIRST, "stored", "to be deleted")]
        insist(partner, response)
        assert not partner.names.exists()

    def test_two_leads_added_at_once_are_left_to_the_second_to_choose_from(self, meet, bo, insist):
        project = factories.make_project()
        one, two = factories.make_partner(), factories.make_partner()
        by_anna, by_bo = (
            new_row("partnerships", 0, partner=named(lead), role="lead", position=1)
            for lead in [one, two]
        )
        response = meet(project, by_anna, by_bo)
        assert project.partnerships.get().partner == one
        refused = bo.post(url_of(project), again(response))
        assert "Choose one lead partner only." in errors_of(refused)
        insist(project, response, **{"partnerships-0-role": "partner"})
        assert project.lead().partner == two

    def test_two_decisions_written_at_once_are_one(self, meet, insist):
        call = factories.make_call()
        bodies = (new_row("decision", 0, body=body, mode="unknown") for body in [FIRST, SECOND])
        response = meet(call, *bodies)
        assert differences(response) == [("Decisions", f"Decision on {call} · Body", FIRST, SECOND)]
        insist(call, response)
        call.decision.refresh_from_db()
        assert call.decision.body == SECOND

    def test_criteria_in_use_refuse_what_was_typed_before(self, bo):
        call = factories.make_call()
        used = factories.make_criterion(call)
        url = url_of(call)
        opened = filled_in(bo, url, **{"criteria-0-name": "Typed"})
        opened |= new_row("criteria", 1, name="Added", weight="5", maximum="9", position="2")
        project = factories.make_project(call, status="eligible")
        factories.make_score(factories.make_assessment(project, make_account("Assessor")), used)
        response = bo.post(url, opened | {"title": SECOND})
        refusal = response.context["refusal"]
        assert refusal.endswith(
            "Criteria of assessment: Typed; Criteria of assessment: Added, 5, 9"
        )
        assert refusal in html.unescape(response.content.decode())
        assert Call.objects.get().title == call.title
        assert send(bo, url, again(response)).status_code == 302
        assert Call.objects.get().title == SECOND
        assert list(call.criteria.all()) == [used]

    def test_a_lost_role_refuses_what_was_typed_before(self):
        account = make_account("Publisher")
        project = factories.make_project(status="funded")
        client, url = signed_in(account), url_of(project)
        opened = filled_in(client, url, amount_eur="7")
        account.groups.set([Group.objects.get(name="Editor")])
        client.force_login(account)
        response = client.post(url, opened)
        assert response.context["refusal"].endswith(" Amount: 7")
        assert send(client, url, again(response)).status_code == 302

    @pytest.mark.unmeasured
    def test_a_part_that_one_may_only_read_stays_as_it_is(self, anna):
        call = factories.make_call()
        editor = client_of("Editor")
        url = url_of(call)
        opened = filled_in(editor, url)
        save(anna, url, **new_row("decision", 0, body=FIRST, mode="unknown"))
        response = editor.post(url, opened | {"title": SECOND})
        assert [row[1:] for row in differences(response)] == [("Title", call.title, SECOND)]
        assert send(editor, url, again(response)).status_code == 302
        assert Call.objects.get().decision.body == FIRST


class TestThreeWays:
    """A field that was not touched takes the value of the colleague."""

    def test_only_changed_fields_are_overwritten(self, meet, insist):
        safe, green = factories.make_priority("Safe"), factories.make_priority("Green")
        project = factories.make_project(summary="Old", description="One.\nTwo.")
        project.priorities.add(safe)
        by_anna = {"title": FIRST, "summary": FIRST, "description": FIRST, "ends_on": "1/2/2020"}
        by_bo = {"title": SECOND, "acronym": SECOND, "description": "One.\r\nTwo."}
        response = meet(project, by_anna | {"priorities": [green.pk]}, by_bo)
        assert sorted(row[1:] for row in differences(response)) == [
            ("Acronym", "empty", SECOND),
            ("Title", FIRST, SECOND),
        ]
        insist(project, response)
        project.refresh_from_db()
        assert (project.title, project.acronym) == (SECOND, SECOND)
        assert (project.summary, project.description) == (FIRST, FIRST)
        assert project.ends_on == date(2020, 2, 1)
        assert list(project.priorities.all()) == [green]

    @pytest.mark.unmeasured
    def test_a_moment_and_a_box_take_the_value_of_the_colleague(self, anna, bo):
        call = factories.make_call(opens_at=None)
        account = make_account("Viewer", is_active=True)
        opened = [filled_in(bo, url_of(record)) for record in [call, account]]
        save(anna, url_of(call), opens_at_0="1/3/2019", opens_at_1="12:00")
        data = filled_in(anna, url_of(account))
        del data["is_active"]
        anna.post(url_of(account), data)
        for record, form, field in zip(
            [call, account], opened, ["title", "first_name"], strict=True
        ):
            response = bo.post(url_of(record), form | {field: SECOND})
            assert [row[-1] for row in differences(response)] == [SECOND]
            assert send(bo, url_of(record), again(response)).status_code == 302
            record.refresh_from_db()
        assert (call.opens_at is None, account.is_active) == (False, False)
        assert "pbkdf2" not in opened[1]["base"][0]

    @pytest.mark.parametrize("base", ["", "x", "[]", '{"": 1}', '{"": {"city": 1}}', "[" * 20_000])
    def test_without_a_base_all_posted_values_are_used(self, base, meet):
        partner = factories.make_partner()
        response = meet(partner, {"city": FIRST}, {"name": SECOND, "base": base})
        assert ("City", FIRST, "empty") in [row[1:] for row in differences(response)]

    def test_rows_that_nobody_may_change_any_more_are_not_compared(self, meet):
        call = factories.make_call()
        assessment = factories.make_assessment(factories.make_project(call=call), make_account())
        factories.make_score(assessment, factories.make_criterion(call), points=1)
        response = meet(call, {"title": FIRST}, {"title": SECOND})
        assert [row[1:] for row in differences(response)] == [("Title", FIRST, SECOND)]


class TestAddressesAndWords:
    def test_a_lead_partner_is_the_same_record_as_its_partner(self, anna, bo):
        partner = factories.make_public_project().lead().partner
        lead_url = reverse("admin:partners_leadpartner_change", args=[partner.pk])
        opened = filled_in(bo, url_of(partner))
        save(anna, lead_url, city=FIRST)
        response = bo.post(url_of(partner), opened | {"city": SECOND})
        assert [change.who for change in response.context["conflict"].changes] == ["Anna Ozola"]

    def test_every_kind_of_field_is_shown_in_words(self, meet):
        project = factories.make_project(starts_on=date(2020, 1, 1), description="a\nb")
        safe, green = factories.make_priority("Safe"), factories.make_priority("Green")
        call = factories.make_call(title="Another call")
        by_anna = {"call": call.pk, "priorities": [safe.pk]}
        by_anna |= {"amount_eur": "5", "amount_kind": "ceiling"}
        by_bo = {"priorities": [safe.pk, green.pk], "starts_on": "nonsense", "base": ""}
        response = meet(project, by_anna, by_bo)
        assert {
            label: (stored, typed) for _part, label, stored, typed in differences(response)
        } == {
            "Call": ("Another call", str(project.call)),
            "Priorities": ("Safe", "Green, Safe"),
            "Starts": ("01/01/2020", "nonsense"),
            "Amount": ("5\xa0EUR", "empty"),
            "Kind of amount": ("ceiling: at most this", "not published"),
        }

    def test_a_moment_is_shown_in_words(self, meet):
        call = factories.make_call(opens_at=None)
        by_anna = {"opens_at_0": "1/3/2019", "opens_at_1": "12:00"}
        response = meet(call, by_anna, {"opens_at_0": "x", "opens_at_1": "y"})
        assert ("", "Opens", "01/03/2019 12:00", "x y") in differences(response)

    def test_yes_and_no_are_shown_in_words(self, anna, bo):
        url = url_of(make_account("Viewer"))
        opened = filled_in(bo, url)
        data = filled_in(anna, url)
        del data["is_active"]
        anna.post(url, data)
        response = bo.post(url, opened | {"base": ""})
        assert differences(response) == [("", "Active", "no", "yes")]

    def test_withdrawn_permissions_are_not_restored_unseen(self, anna, bo):
        role = Group.objects.get(name="Viewer")
        opened = filled_in(bo, url_of(role))
        role.permissions.remove(Permission.objects.get(codename="view_call"))
        response = bo.post(url_of(role), opened)
        assert response.status_code == 200
        assert send(bo, url_of(role), again(response)).status_code == 302
        assert not role.permissions.filter(codename="view_call").exists()

    def test_signing_in_meanwhile_changes_no_account(self, bo):
        account = make_account("Viewer")
        opened = filled_in(bo, url_of(account))
        signed_in(account)
        assert User.objects.get(pk=account.pk).last_login
        assert send(bo, url_of(account), opened).status_code == 302

    def test_a_form_with_errors_keeps_its_version(self, anna, bo):
        partner = factories.make_partner()
        url = url_of(partner)
        response = save(bo, url, name="")
        save(anna, url, city=FIRST)
        response = bo.post(url, again(response, name=SECOND))
        assert response.status_code == 200
        assert response.context["conflict"]

    def test_a_viewer_cannot_save_a_form(self):
        partner = factories.make_partner()
        assert client_of("Viewer").post(url_of(partner), {"name": "x"}).status_code == 403


class TestDeletedMeanwhile:
    def test_a_deleted_record_stays_deleted_and_typed_values_are_shown(self, anna, bo):
        project = with_lead("Stellit")
        url = url_of(project)
        opened = filled_in(bo, url)
        confirm(anna, url_of(project, "delete"))
        response = bo.post(url, opened | {"title": SECOND, "starts_on": "nonsense"})
        assert response.status_code == 200
        page = response.content.decode()
        for text in [
            "Not saved",
            "Anna Ozola",
            "Deleted.",
            SECOND,
            "nonsense",
            "Stellit",
            "<title>Err",
        ]:
            assert text in page, text
        assert not Project.objects.exists()

    def test_a_form_names_the_list_that_the_record_left(self, anna, bo):
        project = factories.make_project()
        part = factories.make_partnership(project, factories.make_partner(), role="lead")
        url = reverse("admin:partners_leadpartner_change", args=[part.partner_id])
        opened = filled_in(bo, url)
        part.delete()
        response = bo.post(url, opened | {"city": SECOND})
        assert "removed from this list" in response.content.decode()
        assert SECOND in response.content.decode()
        assert Partner.objects.get().city == ""

    @pytest.mark.parametrize("key", ["abc", "99999999999999999999", "7"])
    def test_the_form_of_an_unknown_record_is_not_saved(self, key, bo):
        response = bo.post(reverse("admin:projects_topic_change", args=[key]), {})
        assert response.status_code == 200
        assert "Not saved" in response.content.decode()


class TestConfirmations:
    """The confirmed changes are the shown changes."""

    def test_a_record_changed_after_the_question_is_not_deleted(self, anna, bo):
        topic = factories.make_topic()
        url = url_of(topic, "delete")
        shown = versions_in(bo.get(url))
        save(anna, url_of(topic), name=FIRST)
        response = bo.post(url, {"post": "yes", "version": shown})
        assert "It was changed after this page was opened." in response.content.decode()
        assert bo.post(url).status_code == 200
        assert Topic.objects.exists()
        assert confirm(bo, url).status_code == 302
        assert not Topic.objects.exists()

    def test_a_project_changed_after_the_question_is_not_published(self, anna, bo):
        project = factories.make_public_project(published_at=None)
        url = url_of(project, "publish")
        shown = versions_in(bo.get(url))
        save(anna, url_of(project), title=FIRST)
        response = bo.post(url, {"version": shown})
        page = response.content.decode()
        assert "the records have changed" in page
        assert FIRST in page
        project.refresh_from_db()
        assert project.published_at is None
        bo.post(url, {"version": versions_in(response)})
        project.refresh_from_db()
        assert project.is_public()

    def test_a_call_is_not_published_with_a_project_that_was_not_shown(self, anna, bo):
        project = factories.make_public_project(published_at=None)
        factories.make_decision(project.call, published_at=None)
        url = url_of(project.call, "publish")
        shown = versions_in(bo.get(url))
        save(anna, url_of(project), title=FIRST)
        response = bo.post(url, {"what": "results", "version": shown})
        assert "the records have changed" in response.content.decode()
        project.refresh_from_db()
        assert project.published_at is None

    def test_a_record_deleted_after_the_question_is_not_found(self, bo, monkeypatch):
        project = factories.make_public_project(published_at=None)
        url = url_of(project, "publish")
        shown = versions_in(bo.get(url))
        # Another transaction deletes the record while this request waits for the lock.
        monkeypatch.setattr("psf.staff.pages.lock", lambda rows: rows.delete())
        assert bo.post(url, {"version": shown}).status_code == 404

    @pytest.mark.unmeasured
    @pytest.mark.parametrize("act", ["publish", "unpublish"])
    def test_publication_is_noticed_by_an_open_form(self, act, anna, bo):
        published = factories.LONG_AGO if act == "unpublish" else None
        project = factories.make_public_project(published_at=published)
        decision = factories.make_decision(project.call, published_at=published)
        data = {"what": "results", "reason": "An error."}
        records = [project, decision.call]
        opened = [filled_in(bo, url_of(record)) for record in records]
        assert confirm(anna, url_of(project.call, act), data).status_code == 302
        for record, form in zip(records, opened, strict=True):
            response = bo.post(url_of(record), form)
            (change,) = response.context["conflict"].changes
            assert change.who == "Anna Ozola"


class TestWhatOnlyTheDatabaseSees:
    """Somebody else saves between the check of a form and its saving."""

    def test_an_address_taken_meanwhile_is_replaced(self, bo, monkeypatch):
        taken = factories.make_topic()
        slugs = iter([taken.slug, "free"])
        monkeypatch.setattr("psf.staff.record_admin.free_slug", lambda *args: next(slugs))
        assert save(bo, reverse("admin:projects_topic_add"), name="New").status_code == 302
        assert Topic.objects.get(name="New").slug == "free"
        assert LogEntry.objects.count() == 1

    def test_an_impossible_save_gets_a_sentence(self, bo, monkeypatch):
        taken = factories.make_topic()
        monkeypatch.setattr("psf.staff.record_admin.free_slug", lambda *args: taken.slug)
        response = save(bo, reverse("admin:projects_topic_add"), name=SECOND)
        assert response.status_code == 200
        page = response.content.decode()
        assert "a related record was changed or deleted at the same time" in page
        assert f'value="{SECOND}"' in page
        assert not LogEntry.objects.exists()
        assert not Topic.objects.filter(name=SECOND).exists()

    @pytest.mark.skipif(
        connection.vendor == "sqlite", reason="SQLite lets nobody write between check and saving"
    )
    def test_a_needed_record_was_deleted_before_the_save(self, bo, monkeypatch):
        parent = factories.make_partner()

        def delete_parent(*args):
            Partner.objects.filter(pk=parent.pk)._raw_delete("default")
            return "free"

        monkeypatch.setattr("psf.staff.record_admin.free_slug", delete_parent)
        data = {"name": SECOND, "country": "LV", "kind": "ngo", "parent": parent.pk}
        response = save(bo, reverse("admin:partners_partner_add"), **data)
        assert "Not saved:" in response.content.decode()
        assert list(Partner.objects.all()) == [parent]

    def test_a_change_that_fails_half_way_saves_no_half(self, bo, monkeypatch):
        partner = factories.make_partner("Before")
        row = new_row("names", 0, text="New", kind="official")
        data = filled_in(bo, url_of(partner)) | row | {"name": SECOND}

        def fail(*args):
            raise IntegrityError

        monkeypatch.setattr("psf.staff.saving.bump_version", fail)
        response = bo.post(url_of(partner), data)
        assert "Not saved:" in response.content.decode()
        assert SECOND in response.content.decode()
        partner.refresh_from_db()
        assert (partner.name, partner.names.count(), partner.version) == ("Before", 0, 0)


def test_a_version_counts_changes():
    partner = factories.make_partner()
    client = client_of("Editor")
    assert partner.version == 0
    for number in [1, 2]:
        save(client, url_of(partner), city=f"City {number}")
        partner.refresh_from_db()
        assert partner.version == number


def test_lines_that_a_browser_ends_otherwise_are_no_change(anna):
    texts = {"description": "One.\n\nTwo.", "summary": "In short.\nVery."}
    project = factories.make_project(**texts)
    save(
        anna, url_of(project), **{name: text.replace("\n", "\r\n") for name, text in texts.items()}
    )
    project.refresh_from_db()
    assert {name: getattr(project, name) for name in texts} == texts
    assert not Change.objects.filter(change_set__channel=Channel.FORM).exists()
