"""Every change of a record is kept, whatever path it takes."""

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, models, transaction

from partners.models import Country, Membership, Partner
from projects.models import Call, Partnership, Project, Topic
from psf.database.triggers import triggers_there
from psf.history import recording, triggers
from psf.history import tracking as kinds
from psf.history.models import Action, Change, ChangeSet, Channel
from psf.history.states import read_row
from psf.history.tracking import tracked_models
from tests.support import factories
from tests.support.accounts import make_account

pytestmark = pytest.mark.django_db


def recorded(act, **options):
    """What the history says of an act: kind, action, before and after of each change."""
    with recording.change_set(None, **{"channel": Channel.COMMAND} | options) as change_set:
        act()
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
    def test_a_change_is_kept_with_what_was_before(self, path):
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
    def test_what_is_added_is_kept_whole(self, path):
        (change,) = recorded(path)
        assert change.action == Action.ADDED
        assert change.before is None
        assert read_row(Topic, change.after) == {
            "id": Topic.objects.get().pk,
            "name": "New",
            "slug": "new",
            "version": 0,
        }

    def test_what_is_deleted_is_kept_whole_with_its_parts(self):
        project = factories.make_public_project()
        project.topics.add(factories.make_topic())
        found = recorded(Project.objects.get(pk=project.pk).delete)
        assert sorted((change.kind, change.action) for change in found) == [
            ("projects.partnership", "-"),
            ("projects.project", "-"),
            ("projects.project_topics", "-"),
        ]
        assert {(change.record_kind, change.record_key) for change in found} == {
            ("projects.project", str(project.pk))
        }

    def test_counting_alone_is_no_change(self):
        topic = factories.make_topic()
        assert recorded(lambda: Topic.objects.filter(pk=topic.pk).update(version=9)) == []

    def test_a_row_that_moves_leaves_one_record_and_enters_another(self):
        membership = factories.make_membership("LV")
        factories.make_country("SE")
        found = recorded(lambda: Membership.objects.update(country="SE"))
        assert [(change.action, change.record_key) for change in found] == [
            (Action.DELETED, "LV"),
            (Action.ADDED, "SE"),
        ]
        assert {change.key for change in found} == {str(membership.pk)}

    def test_of_many_rows_each_keeps_its_own_in_the_order_of_their_keys(self):
        topics = [factories.make_topic(name) for name in ["C", "A", "B"]]
        old = [{"name": topic.name} for topic in topics]
        write = "UPDATE projects_topic SET name = name || '!' WHERE name <> 'A'"
        found = recorded(lambda: write_sql(write))
        assert [(change.key, change.before, change.after) for change in found] == [
            (str(topics[0].pk), old[0], {"name": "C!"}),
            (str(topics[2].pk), old[2], {"name": "B!"}),
        ]
        found = recorded(lambda: write_sql("DELETE FROM projects_topic"))
        assert [(change.key, change.before["name"]) for change in found] == [
            (str(topic.pk), name) for topic, name in zip(topics, ["C!", "A", "B!"], strict=True)
        ]

    def test_only_what_differs_of_many_rows_is_a_change(self):
        old, _new = (factories.make_project(acronym=name) for name in ["OLD", "NEW"])
        (change,) = recorded(lambda: Project.objects.update(acronym="NEW"))
        assert change.key == str(old.pk)

    @pytest.mark.parametrize("table", ["projects_topic", "projects_project_topics"])
    def test_a_row_under_another_key_is_another_row(self, table):
        topic = factories.make_topic()
        if table != "projects_topic":
            factories.make_project().topics.add(topic)
        found = recorded(lambda: write_sql(f"UPDATE {table} SET id = id + 1000"))
        (gone, added) = found
        assert [change.action for change in found] == [Action.DELETED, Action.ADDED]
        assert int(gone.key) + 1000 == int(added.key) == added.after["id"]
        assert gone.before == added.after | {"id": int(gone.key)}

    def test_a_row_without_a_record_above_it_is_its_own(self):
        union = Membership.objects.create(
            organisation="European Union", status="member", source="cbss.org"
        )
        change = Change.objects.latest("pk")
        assert (change.record_kind, change.record_key) == ("partners.membership", str(union.pk))


class TestSets:
    def test_what_is_changed_together_is_one_set(self):
        anna = make_account(first_name="Anna", last_name="Ozola")
        with recording.change_set(anna, channel=Channel.IMPORT, reason="water.csv") as outer:
            factories.make_topic()
            with recording.change_set(None, channel=Channel.COMMAND, reason="ignored") as inner:
                factories.make_topic()
        assert inner == outer == ChangeSet.objects.latest("pk")
        assert outer.changes.count() == 2
        assert (outer.who, outer.door, outer.reason) == ("Anna Ozola", "import", "water.csv")

    def test_the_name_stays_when_the_account_goes(self):
        anna = User.objects.create_user("anna")
        change_set = factories.make_change_set(anna)
        anna.delete()
        change_set.refresh_from_db()
        assert (change_set.user, change_set.who, change_set.author()) == (None, "anna", "anna")

    def test_an_inner_reason_is_kept_where_the_outer_has_none(self):
        with recording.change_set(None, channel=Channel.FORM) as outer:
            factories.make_topic()
            with recording.change_set(None, channel=Channel.FORM, reason="An error."):
                factories.make_topic()
        outer.refresh_from_db()
        assert outer.reason == "An error."

    def test_a_set_without_changes_is_not_kept(self):
        before = ChangeSet.objects.count()
        with recording.change_set(None, channel=Channel.FORM):
            Topic.objects.update(name="Nobody")
        assert ChangeSet.objects.count() == before

    def test_after_an_error_nothing_is_left(self):
        before = ChangeSet.objects.count()
        with pytest.raises(ZeroDivisionError), recording.change_set(None, channel=Channel.FORM):
            factories.make_topic()
            1 / 0  # noqa: B018
        assert ChangeSet.objects.count() == before
        (change,) = recorded(factories.make_topic)
        assert change.change_set.door == Channel.COMMAND

    def test_what_is_changed_outside_any_set_is_not_lost(self):
        factories.make_change_set()
        factories.make_topic("One")
        factories.make_topic("Two")
        one, two = Change.objects.order_by("-pk")[:2]
        assert one.change_set == two.change_set
        assert one.change_set.door == Channel.UNKNOWN
        assert str(one.change_set) == f"Changes no. {one.change_set_id}"
        assert one.change_set.author() == "directly in the database"

    def test_what_changes_nothing_outside_any_set_makes_none(self):
        recorded(lambda: factories.make_topic("Same"))
        ChangeSet.objects.all().delete()
        assert Topic.objects.update(name="Same", version=7) == 1
        assert not ChangeSet.objects.exists()

    def test_a_set_takes_its_changes_with_it(self):
        change_set = factories.make_change_set()
        ChangeSet.objects.filter(pk=change_set.pk).delete()
        assert not Change.objects.filter(change_set=change_set.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_is_undone_leaves_no_history():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        factories.make_topic("Lost")
        1 / 0  # noqa: B018
    factories.make_topic("Kept")
    assert not Change.objects.filter(after__name="Lost").exists()
    assert Change.objects.filter(after__name="Kept").exists()


# What is kept of which model


def test_every_table_has_the_triggers_that_fit_its_columns():
    found = {name for name, _table in triggers_there(connection)}
    for model in tracked_models(apps):
        assert found >= set(triggers.history_trigger_names(model)), model


def test_a_part_belongs_to_the_record_with_which_it_goes():
    assert kinds.parent_columns(Partnership) == [("projects.project", "project_id")]
    assert kinds.parent_columns(Project.topics.through) == [("projects.project", "project_id")]
    assert kinds.parent_columns(Partner) == []
    assert {part._meta.model_name for part, _column in kinds.part_models(Call)} == {
        "announcementflag",
        "call_priorities",
        "call_topics",
        "criterion",
        "decision",
        "ineligibilityreason",
        "lettertemplate",
        "source",
    }


def test_no_part_has_parts_of_its_own():
    """Nothing would bring those back with the record."""
    for model in tracked_models(apps):
        if kinds.parent_columns(model):
            assert kinds.part_models(model) == [], model


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
    models.URLField,
}


def test_every_kind_of_field_is_one_that_the_tests_bring_back():
    """What another kind of field keeps may read differently on the two databases."""
    for model in tracked_models(apps):
        for field in model._meta.local_concrete_fields:
            assert kinds.is_generated(field) or type(field) in READ_BACK, field


def test_columns_that_are_no_more_are_left():
    assert read_row(Topic, {"name": "Water", "colour": "blue"}) == {"name": "Water"}


def test_countries_are_kept_by_their_code():
    country = factories.make_country("FI")
    (change,) = recorded(lambda: Country.objects.filter(pk="FI").update(name="Suomi"))
    assert (change.key, change.before) == ("FI", {"name": country.name})
