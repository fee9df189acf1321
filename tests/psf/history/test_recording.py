"""Every change of a record is recorded, whichever code makes it."""

from datetime import date, time

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, models, transaction

from partners.models import Country, Membership, Partner
from projects.models import Call, Partnership, Project, Topic
from psf.database.triggers import existing_triggers
from psf.history import recording, tracking
from psf.history.models import Action, Change, ChangeSet, Channel
from psf.history.states import read_row
from psf.history.tracking import tracked_models
from psf.history.triggers import check_triggers
from tests.support import factories
from tests.support.accounts import client_of, make_account, save

pytestmark = pytest.mark.django_db


def recorded(action, **options):
    """Run an action and return its recorded changes."""
    with recording.change_set(None, **{"channel": Channel.COMMAND} | options) as change_set:
        action()
    return list(Change.objects.filter(change_set=change_set.pk))


def write_sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


class TestEveryPath:
    PATHS = {
        "save": lambda topic: Topic(pk=topic.pk, name="New", slug=topic.slug).save(),
        "update": lambda topic: Topic.objects.update(name="New"),
        "bulk_update": lambda topic: Topic.objects.bulk_update(
            [Topic(pk=topic.pk, name="New")], ["name"]
        ),
        "SQL": lambda topic: write_sql("UPDATE projects_topic SET name = %s", "New"),
    }

    @pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
    def test_change_is_recorded_with_the_old_values(self, path):
        topic = factories.make_topic("Old")
        (change,) = recorded(lambda: path(topic))
        assert (change.kind, change.key, change.action) == (
            "projects.topic",
            str(topic.pk),
            Action.CHANGED,
        )
        assert (change.before, change.after) == ({"name": "Old"}, {"name": "New"})
        assert str(change) == f"~ projects.topic {topic.pk}"

    @pytest.mark.parametrize(
        "path",
        [
            lambda: Topic.objects.bulk_create([Topic(name="New", slug="new")]),
            lambda: Topic.objects.create(name="New", slug="new"),
        ],
    )
    def test_added_row_is_recorded_in_full(self, path):
        (change,) = recorded(path)
        assert change.action == Action.ADDED
        assert change.before is None
        assert read_row(Topic, change.after) == {
            "id": Topic.objects.get().pk,
            "name": "New",
            "slug": "new",
            "version": 0,
        }

    def test_deleted_record_is_recorded_with_its_parts(self):
        project = factories.make_public_project()
        project.topics.add(factories.make_topic())
        changes = recorded(Project.objects.get(pk=project.pk).delete)
        assert sorted((change.kind, change.action) for change in changes) == [
            ("projects.partnership", "-"),
            ("projects.project", "-"),
            ("projects.project_topics", "-"),
        ]
        assert {(change.record_kind, change.record_key) for change in changes} == {
            ("projects.project", str(project.pk))
        }

    def test_new_version_alone_is_no_change(self):
        topic = factories.make_topic()
        assert recorded(lambda: Topic.objects.filter(pk=topic.pk).update(version=9)) == []

    def test_moved_row_is_deleted_from_one_record_and_added_to_another(self):
        membership = factories.make_membership("LV")
        factories.make_country("SE")
        changes = recorded(lambda: Membership.objects.update(country="SE"))
        assert [(change.action, change.record_key) for change in changes] == [
            (Action.DELETED, "LV"),
            (Action.ADDED, "SE"),
        ]
        assert {change.key for change in changes} == {str(membership.pk)}

    def test_changes_of_many_rows_are_recorded_in_key_order(self):
        topics = [factories.make_topic(name) for name in ["C", "A", "B"]]
        old = [{"name": topic.name} for topic in topics]
        write = "UPDATE projects_topic SET name = name || '!' WHERE name <> 'A'"
        changes = recorded(lambda: write_sql(write))
        assert [(change.key, change.before, change.after) for change in changes] == [
            (str(topics[0].pk), old[0], {"name": "C!"}),
            (str(topics[2].pk), old[2], {"name": "B!"}),
        ]
        changes = recorded(lambda: write_sql("DELETE FROM projects_topic"))
        assert [(change.key, change.before["name"]) for change in changes] == [
            (str(topic.pk), name) for topic, name in zip(topics, ["C!", "A", "B!"], strict=True)
        ]

    def test_unchanged_rows_of_an_update_are_not_recorded(self):
        old, _new = (factories.make_project(acronym=name) for name in ["OLD", "NEW"])
        (change,) = recorded(lambda: Project.objects.update(acronym="NEW"))
        assert change.key == str(old.pk)

    @pytest.mark.parametrize("table", ["projects_topic", "projects_project_topics"])
    def test_row_with_a_new_key_is_deleted_and_added(self, table):
        topic = factories.make_topic()
        if table != "projects_topic":
            factories.make_project().topics.add(topic)
        changes = recorded(lambda: write_sql(f"UPDATE {table} SET id = id + 1000"))
        (deleted, added) = changes
        assert [change.action for change in changes] == [Action.DELETED, Action.ADDED]
        assert int(deleted.key) + 1000 == int(added.key) == added.after["id"]
        assert deleted.before == added.after | {"id": int(deleted.key)}

    def test_row_without_a_record_is_its_own_record(self):
        union = Membership.objects.create(
            organisation="European Union", status="member", source="cbss.org"
        )
        change = Change.objects.latest("pk")
        assert (change.record_kind, change.record_key) == ("partners.membership", str(union.pk))


class TestSets:
    def test_changes_in_one_block_are_one_set(self):
        anna = make_account(first_name="Anna", last_name="Ozola")
        with recording.change_set(anna, channel=Channel.IMPORT, reason="water.csv") as outer:
            factories.make_topic()
            with recording.change_set(None, channel=Channel.COMMAND, reason="ignored") as inner:
                factories.make_topic()
        assert inner == outer == ChangeSet.objects.latest("pk")
        assert outer.changes.count() == 2
        assert (outer.who, outer.channel, outer.reason) == ("Anna Ozola", "import", "water.csv")

    def test_name_stays_after_the_account_is_deleted(self):
        anna = User.objects.create_user("anna")
        change_set = factories.make_change_set(anna)
        anna.delete()
        change_set.refresh_from_db()
        assert (change_set.user, change_set.who, change_set.author()) == (None, "anna", "anna")

    def test_outer_set_takes_the_inner_reason(self):
        reason = "An error. " * 60
        with recording.change_set(None, channel=Channel.FORM) as outer:
            factories.make_topic()
            with recording.change_set(None, channel=Channel.FORM, reason=reason):
                factories.make_topic()
        outer.refresh_from_db()
        assert outer.reason == reason[:500]

    def test_set_without_changes_is_deleted(self):
        before = ChangeSet.objects.count()
        with recording.change_set(None, channel=Channel.FORM):
            Topic.objects.update(name="Nobody")
        assert ChangeSet.objects.count() == before

    def test_error_leaves_no_set(self):
        before = ChangeSet.objects.count()
        with pytest.raises(ZeroDivisionError), recording.change_set(None, channel=Channel.FORM):
            factories.make_topic()
            1 / 0  # noqa: B018
        assert ChangeSet.objects.count() == before
        (change,) = recorded(factories.make_topic)
        assert change.change_set.channel == Channel.COMMAND

    def test_changes_outside_a_set_are_recorded(self):
        factories.make_change_set()
        factories.make_topic("One")
        factories.make_topic("Two")
        one, two = Change.objects.order_by("-pk")[:2]
        assert one.change_set == two.change_set
        assert one.change_set.channel == Channel.UNKNOWN
        assert str(one.change_set) == f"Changes no. {one.change_set_id}"
        assert one.change_set.author() == "directly in the database"

    def test_update_without_changes_creates_no_set(self):
        recorded(lambda: factories.make_topic("Same"))
        ChangeSet.objects.all().delete()
        assert Topic.objects.update(name="Same", version=7) == 1
        assert not ChangeSet.objects.exists()

    def test_deleting_a_set_deletes_its_changes(self):
        change_set = factories.make_change_set()
        ChangeSet.objects.filter(pk=change_set.pk).delete()
        assert not Change.objects.filter(change_set=change_set.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_rolled_back_transaction_leaves_no_history():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        factories.make_topic("Lost")
        1 / 0  # noqa: B018
    factories.make_topic("Kept")
    assert not Change.objects.filter(after__name="Lost").exists()
    assert Change.objects.filter(after__name="Kept").exists()


# Tracked models and their columns


def test_every_tracked_table_has_its_triggers(monkeypatch, django_assert_num_queries):
    tables = {table for _name, table in existing_triggers(connection)}
    assert {model._meta.db_table for model in tracked_models(apps)} <= tables
    assert check_triggers(None, ["default"]) == []
    with django_assert_num_queries(0):
        assert check_triggers(None, None) == []
    monkeypatch.setattr(Change._meta, "db_table", "not_there_yet")
    assert check_triggers(None, ["default"]) == []


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no TRUNCATE")
def test_truncate_alone_is_refused_because_it_leaves_no_history():
    topic = factories.make_topic()
    with pytest.raises(DatabaseError, match="use DELETE"), transaction.atomic():
        write_sql("TRUNCATE projects_topic CASCADE")
    assert Topic.objects.get() == topic


def test_part_belongs_to_the_record_that_it_is_deleted_with():
    assert tracking.parent_columns(Partnership) == [("projects.project", "project_id")]
    assert tracking.parent_columns(Project.topics.through) == [("projects.project", "project_id")]
    assert tracking.parent_columns(Partner) == []
    assert {part._meta.model_name for part, _column in tracking.part_models(Call)} == {
        "call_priorities",
        "call_topics",
        "criterion",
        "decision",
        "ineligibilityreason",
        "lettertemplate",
        "question",
        "source",
    }


def test_parts_have_no_parts():
    """Restoring a record would not restore parts of parts."""
    for model in tracked_models(apps):
        if tracking.parent_columns(model):
            assert tracking.part_models(model) == [], model


READ_BACK = {
    models.BigAutoField,
    models.BooleanField,
    models.CharField,
    models.DateField,
    models.DateTimeField,
    models.DecimalField,
    models.EmailField,
    models.ForeignKey,
    models.OneToOneField,
    models.PositiveBigIntegerField,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
    models.SlugField,
    models.SmallIntegerField,
    models.TextField,
    models.TimeField,
    models.URLField,
}


def test_every_field_type_is_covered_by_the_restore_tests():
    """Other field types may be stored differently in the two databases."""
    for model in tracked_models(apps):
        for field in model._meta.local_concrete_fields:
            assert tracking.is_generated(field) or type(field) in READ_BACK, field


def test_former_columns_are_skipped():
    assert read_row(Topic, {"name": "Water", "colour": "blue"}) == {"name": "Water"}


def test_amounts_keep_their_digits():
    project = factories.make_project(requested_eur="12345.67")
    (change,) = recorded(lambda: Project.objects.filter(pk=project.pk).update(requested_eur=1))
    assert str(read_row(Project, change.before)["requested_eur"]) == "12345.67"


def test_times_of_a_day_are_read_back():
    project = factories.make_project(received_on=date(2019, 3, 1), received_time=time(12, 30))
    (change,) = recorded(lambda: Project.objects.update(received_time=time(9)))
    assert read_row(Project, change.before)["received_time"] == project.received_time


def test_changes_of_countries_are_recorded_by_code():
    country = factories.make_country("FI")
    (change,) = recorded(lambda: Country.objects.filter(pk="FI").update(name="Suomi"))
    assert (change.key, change.before) == ("FI", {"name": country.name})


def test_a_reason_with_a_zero_byte_is_kept_without_it():
    address = f"/admin/projects/topic/{factories.make_topic('Water').pk}/change/"
    response = save(client_of("Publisher"), address, name="Sea", why="An\0 error.")
    assert response.status_code == 302
    assert ChangeSet.objects.first().reason == "An error."
