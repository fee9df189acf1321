"""The index follows every write, and the check reports errors."""

from io import StringIO
from unittest.mock import Mock

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from partners.models import CountryName, Partner, PartnerName
from partners.search import PARTNERS
from projects.models import Partnership, Priority, Project, Topic
from projects.search import PROJECTS
from psf.database.sql import DIALECTS, for_database
from psf.database.triggers import existing_triggers
from psf.history.tracking import (
    is_tracked,
    model_of,
    parent_columns,
    quiet_columns,
    recorded_columns,
)
from psf.search import index, maintenance
from psf.search.index import INDEXES, update_indexes, watched_columns
from psf.search.models import SearchNote, SearchWord
from tests.support.factories import (
    make_partner,
    make_partner_name,
    make_partnership,
    make_priority,
    make_project,
    make_public_project,
    make_topic,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    """Return a project found by: sea, riga, latvia, tourism, region, printed, oldname."""
    partner = make_partner("Riga")
    make_partner_name(partner, "Oldname")
    project = make_public_project(partner, title="Sea")
    project.topics.add(make_topic("Tourism"))
    project.priorities.add(make_priority("Region"))
    project.partnerships.update(name_as_published="Printed")
    for word in ["sea", "riga", "latvia", "tourism", "region", "printed", "oldname"]:
        assert Project.objects.found_by(word).get() == project, word
    update_indexes()
    return project


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def save(project):
    project.title = "Newword"
    project.save()


def merge(project):
    """Move all partnerships to another organisation."""
    Partnership.objects.update(partner=make_partner("Newword"))


CHANGES = {
    "save": save,
    "update": lambda project: Project.objects.update(acronym="Newword"),
    "bulk_update": lambda project: Project.objects.bulk_update(
        [Project(pk=project.pk, summary="A newword.")], ["summary"]
    ),
    "SQL": lambda project: sql("UPDATE projects_project SET description = 'Newword'"),
    "reference": lambda project: Project.objects.update(reference="NEWWORD-1"),
    "another partner": lambda project: make_partnership(project, make_partner("Newword")),
    "another country": lambda project: Partnership.objects.update(
        country=make_partner("X", country="FI").country
    ),
    "a renamed partner": lambda project: Partner.objects.update(name="Newword"),
    "another name of a partner": lambda project: make_partner_name(
        Partner.objects.get(), "Newword"
    ),
    "a corrected name": lambda project: PartnerName.objects.update(text="Newword"),
    "a name as published": lambda project: Partnership.objects.update(name_as_published="Newword"),
    "a merged partner": merge,
    "another topic": lambda project: project.topics.add(make_topic("Newword")),
    "a renamed topic": lambda project: Topic.objects.update(name="Newword"),
    "another priority": lambda project: project.priorities.add(make_priority("Newword")),
    "a renamed priority": lambda project: Priority.objects.update(name="Newword"),
    "a country's new name": lambda project: CountryName.objects.update(text="Newword"),
    "bulk_create": lambda project: PartnerName.objects.bulk_create(
        [PartnerName(partner=Partner.objects.get(), text="Newword", kind="former")]
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_project_is_found_by_new_words_after_every_change(project, change):
    change(project)
    word = "finland" if change is CHANGES["another country"] else "newword"
    assert project in Project.objects.found_by(word)
    assert PROJECTS.stale_records() == []


REMOVALS = {
    "sea": lambda project: Project.objects.update(title="Other"),
    "riga": lambda project: Partner.objects.update(name="Other"),
    "oldname": lambda project: PartnerName.objects.all().delete(),
    "printed": lambda project: Partnership.objects.update(name_as_published=""),
    "latvia": lambda project: CountryName.objects.all().delete(),
    "tourism": lambda project: project.topics.clear(),
    "region": lambda project: Priority.objects.all().delete(),
}


@pytest.mark.parametrize("word", REMOVALS)
def test_project_is_not_found_by_removed_words(project, word):
    REMOVALS[word](project)
    assert not Project.objects.found_by(word)
    project.partnerships.all().delete()
    assert not Project.objects.found_by("riga") and not Project.objects.found_by("latvia")
    project.delete()
    assert not Project.objects.found_by("sea")
    assert PROJECTS.stale_records() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda partner: Partner.objects.update(name="Newword"),
        lambda partner: Partner.objects.update(city="Newword"),
        lambda partner: make_partner_name(partner, "Newword"),
        lambda partner: CountryName.objects.update(text="Newword"),
    ],
)
def test_partner_is_found_by_new_words(change):
    partner = make_partner("Riga")
    assert list(Partner.objects.found_by("riga latvia")) == [partner]
    change(partner)
    assert list(Partner.objects.found_by("newword")) == [partner]


def test_rolled_back_change_is_not_found(project):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Project.objects.update(title="Newword")
        assert Project.objects.found_by("newword")
        1 / 0  # noqa: B018
    assert not Project.objects.found_by("newword")
    assert Project.objects.found_by("sea").get() == project


def test_change_without_new_words_is_not_noted(project):
    Project.objects.update(internal_note="Newword", status="running", version=7)
    Partner.objects.update(internal_note="Newword", kind="company")
    project.save()
    assert not SearchNote.objects.exists()
    assert not Project.objects.found_by("newword")
    assert not Partner.objects.found_by("newword")


def test_all_watched_columns_are_in_the_history():
    columns = watched_columns()
    assert columns["partners.partner"] == {"name", "city", "country_id"}
    for kind, names in columns.items():
        model = model_of(kind)
        assert is_tracked(model)
        assert names <= {*recorded_columns(model)} - {*quiet_columns(model)}, kind


@pytest.mark.parametrize("followed", INDEXES, ids=lambda followed: followed.kind)
def test_every_watched_row_leads_to_the_documents(followed):
    kinds = {followed.model.lower(), *(way.kind for way in followed.watched.ways)}
    for kind in followed.watched.columns:
        model = model_of(kind)
        records = {parent.kind for parent in parent_columns(model)} or {kind}
        assert records <= kinds, kind


def test_a_note_that_comes_later_survives_an_update(project, monkeypatch):
    Project.objects.update(title="First")
    write = index.Index.write_documents

    def write_beside_a_change(self, records, learnt):
        write(self, records, learnt)
        monkeypatch.setattr(index.Index, "write_documents", write)
        Project.objects.update(title="Second")

    monkeypatch.setattr(index.Index, "write_documents", write_beside_a_change)
    update_indexes()
    assert SearchNote.objects.exists()
    assert Project.objects.found_by("second").get() == project


def test_changes_of_many_rows_give_one_note_for_each_record(project):
    for name in ["A", "B", "C"]:
        make_partnership(project, make_partner(name))
    if connection.vendor == "sqlite":
        notes = [str(note) for note in SearchNote.objects.filter(kind="projects.project")]
        assert notes == [f"projects.project {project.pk}"]
    update_indexes()
    assert not SearchNote.objects.exists()


def test_many_stale_records_are_updated_in_chunks(project, monkeypatch):
    monkeypatch.setattr("psf.search.index.RECORDS_A_CHUNK", 2)
    for number in range(5):
        make_project(title=f"Newword {number}")
    assert Project.objects.found_by("newword").count() == 5


def test_read_only_database_answers_from_the_old_index(project, monkeypatch, caplog):
    make_project(title="Newword")

    def read_only(*args):
        raise OperationalError("attempt to write a readonly database")

    monkeypatch.setattr("psf.search.index.update_indexes", read_only)
    assert Project.objects.found_by("sea").get() == project
    assert "could not be brought up to date" in caplog.text


# The check and the rebuilding of the index


SEARCHED = "history_change_is_searched"


def run(*arguments):
    output = StringIO()
    call_command("rebuild_search", *arguments, stdout=output)
    return output.getvalue()


def warnings():
    messages = run_checks(tags=["database"], databases=["default"])
    return [warning.msg for warning in messages if warning.id.startswith("psf.")]


def drop_trigger(name):
    tables = dict(existing_triggers(connection))
    drop = for_database(DIALECTS).drop_trigger
    sql(drop.format(name=name, table=tables[name]))


def write_without_triggers(project):
    """Drop the trigger, change the project and add another project."""
    drop_trigger(SEARCHED)
    Project.objects.update(title="Newword")
    return make_project(title="Unseen")


def test_correct_index_has_no_warnings(project):
    assert warnings() == []
    assert run("--check") == "The search index matches the records.\n"
    assert run() == (
        "The search index was rebuilt. "
        "Before, it was wrong for 0 of the partners, 0 of the projects.\n"
    )


@pytest.mark.parametrize("name", [SEARCHED, "projects_topic_update_is_kept"])
def test_check_reports_a_correct_index_that_misses_the_next_change(project, name):
    drop_trigger(name)
    with pytest.raises(CommandError, match=rf"trigger “{name}” is missing. Run rebuild_search\."):
        run("--check")
    run()
    assert warnings() == []
    Topic.objects.update(name="Newword")
    assert Project.objects.found_by("newword").get() == project


def test_check_reports_errors_and_rebuilding_solves_them(project):
    unseen = write_without_triggers(project)
    assert not Project.objects.found_by("newword")
    missing = f"trigger “{SEARCHED}” is missing."
    assert f"History and search miss changes: {missing}" in warnings()
    with pytest.raises(CommandError, match="wrong for 0 of the partners, 2 of the projects"):
        run("--check")

    assert "wrong for 0 of the partners, 2 of the projects" in run()
    assert warnings() == []
    assert Project.objects.found_by("newword").get() == project
    Project.objects.filter(pk=unseen.pk).update(title="Followed")
    assert Project.objects.found_by("followed").get() == unseen


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no tables")
def test_rebuilding_locks_no_table_of_records_for_readers(project):
    with transaction.atomic():
        maintenance.rebuild_indexes()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT relname FROM pg_locks JOIN pg_class ON pg_class.oid = relation "
                "WHERE mode = 'AccessExclusiveLock' AND pid = pg_backend_pid() AND relkind = 'r'"
            )
            locked = {name for (name,) in cursor.fetchall()}
    tables = {model_of(kind)._meta.db_table for kind in watched_columns()}
    assert locked & tables == set()


def test_document_of_a_deleted_record_is_stale(project):
    PROJECTS.write_documents([project.pk], set())
    drop_trigger(SEARCHED)
    project.partnerships.all().delete()
    pk = project.pk
    project.delete()
    assert PROJECTS.stale_records() == [pk]
    run()
    assert PROJECTS.stale_records() == []


def test_document_does_not_depend_on_the_order_of_texts(project, monkeypatch):
    read_texts = index.read_texts
    monkeypatch.setattr(index, "read_texts", lambda *args: read_texts(*args)[::-1])
    assert PROJECTS.stale_records() == []


def test_index_is_rebuilt_after_migrations(project):
    write_without_triggers(project)
    maintenance.rebuild_after_migrations(None, Mock(connection=connection))
    assert PROJECTS.stale_records() == []
    assert Project.objects.found_by("newword").get() == project


def test_index_is_not_rebuilt_in_another_database_or_while_migrations_are_pending(project):
    write_without_triggers(project)
    maintenance.rebuild_after_migrations(None, Mock(connection=Mock(alias="backup")))
    assert warnings() != []
    newest = MigrationLoader(connection).graph.leaf_nodes("projects")[0]
    MigrationRecorder(connection).record_unapplied(*newest)
    maintenance.rebuild_after_migrations(None, Mock(connection=connection))
    assert warnings() != []


def test_tables_can_be_dropped_and_created_again(project):
    editor = Mock(execute=lambda statement, params: sql(statement))
    maintenance.drop_search_tables(None, editor)
    maintenance.create_search_tables(None, editor)
    assert PROJECTS.stale_records() == [project.pk]
    maintenance.rebuild_indexes()
    assert PARTNERS.stale_records() == PROJECTS.stale_records() == []


def test_only_long_alphabetic_words_are_stored_for_suggestions(project):
    Project.objects.update(title="Łódź and 2019, CO2 or sea", description="Łódź")
    update_indexes()
    words = list(SearchWord.objects.filter(word__startswith="lodz").values_list("word", flat=True))
    assert words == ["lodz"]
    assert str(SearchWord.objects.get(word="tourism")) == "tourism"
    assert not SearchWord.objects.filter(word__in=["sea", "2019", "co2"])
