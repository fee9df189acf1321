"""Every change that readers can see changes the data version, by every path."""

from unittest import mock

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from partners.models import Country, Partner
from projects.models import Call, Project, Topic
from psf.caching import data_version
from psf.caching.data_version import DataVersion, VersionReader
from psf.database import triggers
from psf.database.triggers import existing_triggers
from psf.history.tracking import INTERNAL, kind_of, tracked_models
from tests.support.factories import (
    make_agreement,
    make_call,
    make_country,
    make_document,
    make_instalment,
    make_project,
    make_public_project,
    make_question,
    make_repayment,
    make_report,
    make_topic,
)


@pytest.fixture
def version():
    """Reads the version over another connection, as another process would."""
    reader = VersionReader()
    yield reader.read
    reader.close()


@pytest.fixture
def clock(monkeypatch):
    """The clock of whoever reads the version: it stands still until a test moves it."""
    now = [1000.0]
    monkeypatch.setattr(data_version, "monotonic", lambda: now[0])
    monkeypatch.setattr(data_version, "MAX_AGE_SECONDS", 1)
    return now


def test_the_history_records_all_that_readers_see():
    kinds = {kind_of(model) for model in tracked_models(apps)} - INTERNAL
    assert kinds >= {kind_of(model) for model in [Call, Project, Country, Partner]}
    assert kind_of(Project.topics.through) in kinds


def write_sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def save_with_other_title(project):
    project.title = "Other"
    project.save()


def bulk_create_ignoring_conflicts(project):
    Topic.objects.bulk_create([Topic(name="New", slug="new")], ignore_conflicts=True)


def bulk_create_updating(project):
    country = Country(code="LV", name="Latvija", slug="lv")
    Country.objects.bulk_create(
        [country], update_conflicts=True, unique_fields=["code"], update_fields=["name"]
    )


CHANGES = {
    "save": save_with_other_title,
    "add": lambda project: make_call(),
    "add a document": make_document,
    "add an application form": lambda project: make_question(project.call),
    "update": lambda project: Project.objects.update(title="Other"),
    "delete": lambda project: project.partnerships.all().delete(),
    "bulk_create, ignoring conflicts": bulk_create_ignoring_conflicts,
    "bulk_create, updating": bulk_create_updating,
    "a row between two models": lambda project: project.topics.add(make_topic()),
    "SQL": lambda project: write_sql("UPDATE projects_project SET title = 'Other'"),
    "SQL that deletes": lambda project: write_sql("DELETE FROM projects_partnership"),
    "flush": lambda project: call_command("flush", interactive=False),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_changes_the_version(version, change):
    project = make_public_project()
    before = version()
    assert before is not None
    change(project)

    assert version() != before


@pytest.mark.django_db(transaction=True)
def test_internal_changes_leave_the_data_version(version):
    project = make_public_project()
    before = version()
    User.objects.create_user("anna")
    make_agreement(project)
    for make in [make_instalment, make_report, make_repayment]:
        make(project)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make_call()
        1 / 0  # noqa: B018

    assert version() == before


@pytest.mark.django_db(transaction=True)
def test_the_version_changes_with_the_commit_and_not_before(version):
    make_public_project()
    before = version()
    with transaction.atomic():
        make_topic()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            make_call()
            1 / 0  # noqa: B018
        assert version() == before

    assert version() != before


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_savepoint_does_not_hide_later_changes(version):
    make_public_project()
    before = version()
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            make_topic()
            1 / 0  # noqa: B018
        make_topic()

    assert version() != before


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time.")
def test_a_long_change_keeps_no_other_writer_waiting():
    make_public_project()
    other = connection.copy()
    try:
        with transaction.atomic():
            make_topic()
            with other.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
                cursor.execute("UPDATE projects_call SET title = 'Other'")
    finally:
        other.close()

    assert Call.objects.get().title == "Other"


@pytest.mark.django_db(transaction=True)
def test_there_is_one_version_however_often_it_changed():
    for _time in range(3):
        make_project(call=make_call())

    assert DataVersion.objects.count() == 1
    assert str(DataVersion.objects.get()).lstrip("-").isdigit()


@pytest.mark.django_db(transaction=True)
def test_without_a_row_there_is_no_version(version):
    version.__self__.close()
    DataVersion.objects.all().delete()
    assert version() is None

    make_country("FI")
    assert version() is not None


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_replaced(version):
    make_country("FI")
    before = version()
    version.__self__._connection.connection.close()

    assert version() == before


@pytest.mark.django_db(transaction=True)
def test_a_process_reads_the_version_at_most_once_a_second(version, clock):
    make_country("FI")
    before = version()
    make_country("NO")
    clock[0] += 0.99
    assert version() == before

    clock[0] += 0.01
    assert version() not in [before, None]


def fail(*args):
    raise OperationalError("connection refused")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_asked_once_a_second(version, clock, monkeypatch, caplog):
    make_country("FI")
    expected = version()
    with monkeypatch.context() as patch:
        patch.setattr(VersionReader, "_select", fail)
        clock[0] += 1
        assert version() is None
        assert version.__self__.is_away
        clock[0] += 1
        assert version() is None
    assert caplog.messages == ["The database default does not answer: connection refused"]

    clock[0] += 1
    assert version() == expected
    assert not version.__self__.is_away


@pytest.mark.django_db(transaction=True)
def test_only_one_thread_waits_for_a_silent_database(version, clock, monkeypatch):
    monkeypatch.setattr(data_version, "PATIENCE_SECONDS", 0.01)
    make_country("FI")
    assert version() is not None
    with version.__self__._lock:  # held by the thread that waits
        clock[0] += 1
        assert version() is None
        assert version.__self__.is_away
    assert version() is not None


def test_nobody_waits_for_a_database_that_is_known_to_be_away(monkeypatch):
    reader, lock = VersionReader(), mock.Mock(**{"acquire.return_value": False})
    monkeypatch.setattr(reader, "_lock", lock)
    for patience in [data_version.PATIENCE_SECONDS, 0]:
        assert reader.read() is None
        assert reader.is_away
        lock.acquire.assert_called_with(timeout=patience)


@pytest.mark.django_db(transaction=True)
def test_migrations_restore_every_trigger_and_make_a_new_version(version):
    make_country("FI")
    before, triggers_before = version(), sorted(existing_triggers(connection))
    call_command("migrate", "psf", "zero", verbosity=0)
    names = [name for name, _table in existing_triggers(connection)]
    assert not [name for name in names if name.endswith("_is_noted")]

    call_command("migrate", verbosity=0)
    assert sorted(existing_triggers(connection)) == triggers_before
    assert version() not in [before, None]


@pytest.mark.django_db(transaction=True)
def test_while_there_are_no_triggers_no_page_is_remembered(version):
    make_country("FI")
    triggers.drop_all_triggers(using="default", plan=["a migration"])
    assert version() is None
    make_country("NO")
    assert version() is None

    triggers.drop_all_triggers(using="default", plan=["the same one again"])
    triggers.install_all_triggers(using="default", apps=apps, plan=["a migration"])
    assert version() is not None


@pytest.mark.django_db(transaction=True)
def test_the_triggers_stay_when_there_is_nothing_to_migrate(version):
    make_country("FI")
    before = version()
    call_command("migrate", verbosity=0)
    assert version() == before
