"""The staff pages of the history: sentences, limits and permissions."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners.matching.merge import merge_partners
from partners.models import Membership, Merger, Partner
from projects.models import Call, Partnership, Project, Topic
from psf.history import recording
from psf.history.models import Change, ChangeSet, Channel
from psf.history.restore import undo_change_set
from psf.history.words import Names
from tests.support import factories
from tests.support.accounts import (
    client_of,
    confirm,
    filled_in,
    make_account,
    named,
    new_row,
    save,
    signed_in,
    url_of,
)

pytestmark = pytest.mark.django_db


def set_url(change_set):
    return reverse("admin:history_changeset_change", args=[change_set.pk])


def page_at(client, url, **data):
    response = client.get(url, data)
    assert response.status_code == 200
    return response.content.decode()


def latest():
    return ChangeSet.objects.latest("pk")


def rename(project, title):
    with recording.change_set(None, channel=Channel.FORM) as change_set:
        Project.objects.filter(pk=project.pk).update(title=title)
    return change_set


@pytest.fixture
def anna():
    return signed_in(make_account("Publisher", first_name="Anna", last_name="Ozola"))


@pytest.fixture
def project():
    with recording.change_set(None, channel=Channel.COMMAND):
        return factories.make_project(title="First")


class TestWhoAndHow:
    def test_form_is_one_change_set_with_a_reason(self, anna, project):
        partner = factories.make_partner("Stellit")
        row = new_row("partnerships", 0, partner=named(partner), role="partner", position=1)
        save(anna, url_of(project), title="Second", why="As announced.", **row)
        assert (latest().who, latest().channel, latest().reason) == (
            "Anna Ozola",
            "form",
            "As announced.",
        )
        page = page_at(anna, url_of(project, "history"))
        for words in [
            "Anna Ozola</strong> · form · “As announced.”",
            "Title changed from “First” to “Second”.",
            "Partnership “Stellit” (country Latvia) added.",
        ]:
            assert words in page

    def test_invalid_form_leaves_no_change_set(self, anna, project):
        before = latest()
        save(anna, url_of(project), title="")
        assert latest() == before

    def test_a_deletion_is_recorded(self, anna):
        confirm(anna, url_of(factories.make_topic(), "delete"))
        assert (latest().who, latest().channel) == ("Anna Ozola", "form")
        assert not Topic.objects.exists()

    def test_unpublishing_is_recorded_with_the_reason(self, anna):
        project = factories.make_public_project()
        confirm(anna, url_of(project, "unpublish"), {"reason": "Entered twice."})
        assert (latest().channel, latest().reason) == ("publication", "Entered twice.")

    def test_reason_is_only_asked_of_users_who_can_save(self, project):
        assert "id_why" not in page_at(client_of("Viewer"), url_of(project))
        assert "id_why" in page_at(client_of("Editor"), url_of(project))


class TestHistoryOfARecord:
    def test_sentences_of_every_kind(self, anna, project):
        topic, country = factories.make_topic("Water"), factories.make_country("SE")
        with recording.change_set(None, channel=Channel.IMPORT):
            Project.objects.update(
                acronym="SW",
                status="eligible",
                starts_on=date(2019, 9, 1),
                amount_eur=500,
                amount_kind="ceiling",
                description="word " * 100 + "end",
            )
            project.topics.add(topic)
            row = factories.make_partnership(project, country="SE")
        with recording.change_set(None, channel=Channel.IMPORT):
            Project.objects.update(acronym="", description="word " * 100 + "final end")
            project.topics.remove(topic)
            Partnership.objects.update(position=4)
        with recording.change_set(None, channel=Channel.IMPORT):
            row.delete()
        page = page_at(anna, url_of(project, "history"))
        for sentence in [
            "Acronym set to “SW”.",
            "Acronym cleared; it was “SW”.",
            "Status changed from “submitted” to “eligible”.",
            "Starts set to “1 September 2019”.",
            "Amount set to “500\N{NO-BREAK SPACE}EUR”.",
            "word word word end” to “…",
            "word final end”.",
            "Topics: “Water” added.",
            "Topics: “Water” removed.",
            f"Partnership “{country}” added.",
            f"Partnership “{country}”: Position changed from “1” to “4”.",
            f"Partnership “{country}” (position 4) deleted.",
            "Added.",
        ]:
            assert sentence in page, sentence

    def test_booleans_are_yes_and_no(self, anna):
        call = factories.make_call(lead_from_member_state=False)
        with recording.change_set(None, channel=Channel.FORM) as then:
            Call.objects.update(lead_from_member_state=True)
        assert "changed from “no” to “yes”." in page_at(anna, url_of(call, "history"))
        Call.objects.update(lead_from_member_state=False)
        TestRestoring().restore(anna, call, then)
        assert Call.objects.get().lead_from_member_state is True

    def test_deleted_records_keep_their_names(self, anna, project):
        partner = factories.make_partner("Stellit")
        row = factories.make_partnership(project, partner)
        row.delete()
        partner.delete()
        assert "Partnership “Stellit”" in page_at(anna, url_of(project, "history"))
        Change.objects.filter(kind="partners.partner").delete()
        assert f"Partnership “no. {row.partner_id}”" in page_at(anna, url_of(project, "history"))

    def test_record_older_than_the_history(self, anna, project):
        Change.objects.all().delete()
        assert "since the history began" in page_at(anna, url_of(project, "history"))

    def test_missing_record_has_no_history(self, anna):
        for key in ["999", "x", "9" * 40]:
            url = reverse("admin:projects_project_history", args=[key])
            assert anna.get(url).status_code == 404, key

    def test_number_of_queries_is_constant(self, anna, project):
        costs = []
        for rows in [1, 3, 30]:
            for number in range(rows):
                rename(project, f"Title {number} of {rows}")
            with CaptureQueriesContext(connection) as queries:
                page_at(anna, url_of(project, "history"))
            costs.append(len(queries))
        assert max(costs) <= 14


class TestRestoring:
    def restore(self, client, record, change_set, **data):
        url = url_of(record, "state", change_set.pk)
        return client.post(url, filled_in(client, url, **data))

    def test_restored_state_is_a_new_change(self, anna, project):
        second = rename(project, "Second")
        rename(project, "Third")
        page = page_at(anna, url_of(project, "state", second.pk))
        assert 'data-label="Now">Third</td>' in page
        assert 'data-label="Then">Second</td>' in page
        response = self.restore(anna, project, second, reason="It was right.")
        assert response.url == url_of(project)
        assert Project.objects.get().title == "Second"
        assert (latest().who, latest().channel, latest().reason) == (
            "Anna Ozola",
            "restore",
            "It was right.",
        )

    def test_pages_say_what_readers_will_see_change(self, anna, project):
        public = factories.make_public_project(title="Storm Watch")
        for record in [public, project]:
            rename(record, "Storm Clock")
            last = latest()
            rename(record, "Storm Tower")
            for url in [url_of(record, "state", last.pk), set_url(latest())]:
                impact = anna.get(url).context["impact"]
                titles = [(line.old, line.new) for line in impact.lines] if impact else []
                assert (titles == [("Storm Tower", "Storm Clock")]) is (record == public)
                assert type(record).objects.get(pk=record.pk).title == "Storm Tower"

    def test_change_after_opening_the_page_is_not_lost(self, anna, project):
        second = rename(project, "Second")
        rename(project, "Third")
        url = url_of(project, "state", second.pk)
        opened = filled_in(anna, url)
        save(client_of("Editor"), url_of(project), title="Fourth")
        response = anna.post(url, opened)
        assert "the records have changed" in response.content.decode()
        assert Project.objects.get().title == "Fourth"

    def test_form_opened_before_shows_the_restoring(self, anna, project):
        second = rename(project, "Second")
        rename(project, "Third")
        editor = client_of("Editor")
        opened = filled_in(editor, url_of(project))
        self.restore(anna, project, second)
        (change,) = editor.post(url_of(project), opened).context["conflict"].changes
        assert change.who == "Anna Ozola"
        assert change.what == "Title changed from “Third” to “Second”."

    def test_differences_of_every_kind_are_shown(self, anna, project):
        kept = factories.make_partnership(project, factories.make_partner("Kept"))
        gone = factories.make_partnership(project, factories.make_partner("Gone"))
        topic = factories.make_topic("Water")
        then = rename(project, "Then")
        gone.delete()
        project.topics.add(topic)
        Partnership.objects.filter(pk=kept.pk).update(position=9)
        factories.make_partnership(project, factories.make_partner("New"))
        response = anna.get(url_of(project, "state", then.pk))
        assert [(group.name, group.differences) for group in response.context["groups"]] == [
            (
                "Partnerships",
                [
                    ("Partnership “New” (country Latvia)", "present", "not present"),
                    ("Kept · Position", "9", "1"),
                    ("Partnership “Gone” (country Latvia)", "not present", "present"),
                ],
            ),
            ("Topics", [("Water", "present", "not present")]),
        ]
        self.restore(anna, project, then)
        names = {str(row.partner) for row in project.partnerships.all()}
        assert names == {"Kept", "Gone"}
        assert not project.topics.exists()

    def test_current_state_has_no_differences(self, anna, project):
        page = page_at(anna, url_of(project, "state", latest().pk))
        assert "Nothing. The record is the same today." in page
        assert "Restore this state" not in page

    def test_fields_without_permission_are_not_restored(self, project):
        call = project.call
        factories.make_decision(call, body="Old", published_at=None)
        project.topics.add(factories.make_topic())
        with recording.change_set(None, channel=Channel.FORM) as then:
            Project.objects.update(title="Then", status="submitted", slug="old")
            Call.objects.update(title="Then", published_at=None)
        with recording.change_set(None, channel=Channel.FORM):
            Project.objects.update(title="Now", status="eligible", slug="new")
            Call.objects.update(title="Now", published_at=factories.LONG_AGO)
            call.decision.body = "New"
            call.decision.save()
        editor = client_of("Editor")
        response = editor.get(url_of(project, "state", then.pk))
        assert sorted(response.context["unchanged"]) == ["Address", "Status"]
        response = editor.get(url_of(call, "state", then.pk))
        assert sorted(response.context["unchanged"]) == ["Decisions", "Public since"]
        self.restore(editor, project, then)
        self.restore(editor, call, then)
        found, call = Project.objects.get(), Call.objects.get()
        assert (found.title, found.status, found.slug) == ("Then", "eligible", "new")
        assert (call.title, call.decision.body, call.is_public()) == ("Then", "New", True)

    def test_read_only_list_is_not_restored(self, anna):
        country = factories.make_country("SE")
        with recording.change_set(None, channel=Channel.FORM) as then:
            factories.make_membership("SE")
        Membership.objects.update(source="x")
        country.names.all().delete()
        response = client_of("Editor").get(url_of(country, "state", then.pk))
        assert response.context["unchanged"] == ["Names of countries"]
        assert [group.name for group in response.context["groups"]] == ["Memberships of the CBSS"]

    def test_refused_restoring_shows_a_sentence(self, anna):
        project = factories.make_project()
        then = rename(project, "Application")
        factories.make_partnership(project, factories.make_partner(), role="lead")
        Project.objects.update(status="funded", published_at=factories.LONG_AGO)
        response = self.restore(anna, project, then)
        assert response.status_code == 200
        assert "needs a lead partner" in response.content.decode()

    def test_restoring_needs_the_permission_to_change(self, project):
        url = url_of(project, "state", rename(project, "Then").pk)
        assert client_of("Viewer").post(url, {"version": "0"}).status_code == 403

    def test_missing_state_is_not_found(self, anna, project):
        other = factories.make_change_set()
        for number in [other.pk, 999_999]:
            assert anna.get(url_of(project, "state", number)).status_code == 404

    def test_long_reason_is_refused(self, anna, project):
        then = rename(project, "Then")
        rename(project, "Now")
        assert self.restore(anna, project, then, reason="x" * 501).status_code == 200
        assert Project.objects.get().title == "Now"


class TestDeleted:
    def test_deleted_record_is_listed_and_its_deletion_undone(self, anna, project):
        factories.make_partnership(project, factories.make_partner("Stellit"), role="lead")
        factories.make_contact(project)
        confirm(anna, url_of(project, "delete"))
        deletion = set_url(latest())
        deleted = reverse("admin:projects_project_deleted")
        assert deletion in page_at(anna, deleted)
        history = page_at(anna, url_of(project, "history"))
        assert "This record was deleted." in history and deletion in history
        assert url_of(project, "state", latest().pk) not in history
        page = page_at(anna, deletion)
        assert "Partnership “Stellit” (country Latvia; role lead partner)" in page
        assert "contact persons never come back." in page

        anna.post(deletion, filled_in(anna, deletion))
        assert Project.objects.get().lead().partner.name == "Stellit"
        assert not Project.objects.get().contacts.exists()
        assert deletion not in page_at(anna, deleted)

    def test_only_the_last_deletion_is_listed(self, anna):
        topic = factories.make_topic("Water")
        for _ in range(2):
            with recording.change_set(None, channel=Channel.FORM) as deletion:
                Topic.objects.get().delete()
            undo_change_set(deletion, None, "") if _ == 0 else None
        url = reverse("admin:projects_topic_deleted")
        assert page_at(anna, url).count("Water</a>") == 1
        assert str(topic.pk) in page_at(anna, url)

    def test_deleted_part_is_listed_with_its_record(self, anna):
        factories.make_membership("LV")
        Membership.objects.create(organisation="European Union", status="member", source="x")
        Membership.objects.all().delete()
        page = page_at(anna, reverse("admin:partners_membership_deleted"))
        assert "Latvia: member" in page
        assert "European Union" in page

    def test_page_without_deleted_records(self, anna):
        assert "No records of this kind" in page_at(anna, reverse("admin:projects_call_deleted"))

    def test_number_of_queries_is_constant(self, anna):
        url, costs = reverse("admin:partners_membership_deleted"), set()
        for code in ["LV", "SE", "FI", "NO"]:
            factories.make_membership(code)
            Membership.objects.all().delete()
            with CaptureQueriesContext(connection) as queries:
                page_at(anna, url)
            costs.add(len(queries))
        assert len(costs) == 1


class TestRecentChanges:
    LIST = "/admin/history/changeset/"

    def test_list_names_the_records(self, anna, project):
        with recording.change_set(None, channel=Channel.IMPORT, reason="water.csv"):
            factories.make_topic("Water")
            for _ in range(3):
                factories.make_partner()
        page = page_at(anna, self.LIST)
        for words in ["Topic “Water”", "Organisations: 3", "water.csv", "import"]:
            assert words in page
        assert '<td class="field-by_whom">–</td>' in page  # nobody's: the way tells it beside

    def test_deleted_record_can_name_a_deleted_record(self, anna):
        winner, loser = factories.make_partner("Stellit"), factories.make_partner("NGO Stellit")
        merger = merge_partners(winner, loser, make_account("Secretary"))
        with recording.change_set(None, channel=Channel.COMMAND):
            Merger.objects.filter(pk=merger.pk)._raw_delete("default")
            Partner.objects.filter(pk=winner.pk).delete()
        page = page_at(anna, reverse("admin:history_changeset_changelist"))
        assert "“NGO Stellit into a record that was deleted”" in page

    def test_deleted_part_keeps_its_name(self, anna, project):
        given = factories.make_ineligibility_finding(project)
        reason, key = given.reason, str(given.reason.pk)
        with recording.change_set(None, channel=Channel.COMMAND):
            given.delete()
            reason.delete()
        names = Names([("projects.ineligibilityreason", key)])
        assert names.of("projects.ineligibilityreason", key) == "The lead partner is missing."

    def test_list_is_filtered_by_channel(self, anna, project):
        with recording.change_set(None, channel=Channel.IMPORT):
            factories.make_topic("Water")
        assert "Topic “Water”" in page_at(anna, self.LIST, channel="import")
        assert "Topic “Water”" not in page_at(anna, self.LIST, channel="form")

    def test_change_set_is_described_and_undone(self, anna, project):
        change_set = rename(project, "Second")
        page = page_at(anna, set_url(change_set))
        assert "Title changed from “First” to “Second”." in page
        response = anna.post(set_url(change_set), {"reason": "A mistake."})
        assert response.url == set_url(latest())
        assert (latest().who, latest().reason) == ("Anna Ozola", "A mistake.")
        assert Project.objects.get().title == "First"
        assert "These changes were undone:" in page_at(anna, set_url(change_set))
        undoing = page_at(anna, set_url(latest()))
        assert "The changes undone by this" in undoing
        assert "Make the undone changes again</h2>" in undoing
        assert "Undo these changes" not in undoing

    def test_blocking_change_sets_are_linked(self, anna, project):
        first, second = rename(project, "Second"), rename(project, "Third")
        page = page_at(anna, set_url(first))
        assert "Later changes block this" in page
        assert set_url(second) in page
        assert "Later changes" in anna.post(set_url(first), {}).content.decode()
        assert Project.objects.get().title == "Third"

    def test_large_change_set_is_paginated_with_constant_queries(self, anna):
        costs = set()
        for number in [3, 30, 500]:
            with recording.change_set(None, channel=Channel.IMPORT) as change_set:
                Partner.objects.bulk_create(
                    Partner(
                        name=f"Organisation {number} {index}",
                        slug=f"many-{number}-{index}",
                        kind="ngo",
                        country=factories.make_country("LV"),
                    )
                    for index in range(number)
                )
            with CaptureQueriesContext(connection) as queries:
                page = page_at(anna, set_url(change_set))
            costs.add(len(queries))
        assert "Page 1 of 3" in page
        assert len(costs) <= 2  # the first also made the country
