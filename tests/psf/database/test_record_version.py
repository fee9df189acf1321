"""A save waits for other saves of the same record, and other requests do not wait long."""

from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connection, transaction

from partners.models import Country
from projects.models import Call, Project
from psf.database.record_version import lock, lock_record
from psf.database.sql import fetch_all
from tests.support.factories import make_call, make_country, make_decision, make_project


def limits():
    names = ["lock_timeout", "statement_timeout"]
    return [fetch_all(f"SHOW {name}", [])[0][0] for name in names]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the limits are PostgreSQL's")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("statement", "patient"), [("30s", "40s"), ("2min", "130s"), ("0", "0")])
def test_a_lock_is_waited_for_to_the_end_of_its_transaction(statement, patient):
    make_country("LV")
    usual = limits()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{statement}'")
        for _again in range(2):
            assert lock(Country.objects.all()) == [Country(pk="LV")]
            assert limits() == ["10s", patient]
    assert limits() == usual == ["3s", usual[1]]


def in_another_connection(action: Callable[[], object]) -> None:
    def run() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '200ms'")
            action()
            finished.append(True)
        connection.close()

    finished: list[bool] = []
    thread = Thread(target=run)
    thread.start()
    thread.join()
    assert finished


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_editor_and_publisher_of_one_project_do_not_wait_in_a_circle():
    project = make_project(make_call())
    with transaction.atomic():
        lock(Project.objects.filter(pk=project.pk))
        # The publisher locks the call through its projects, but no project.
        in_another_connection(lambda: lock(Call.objects.filter(projects=project.pk)))
    with transaction.atomic():
        lock(Call.objects.filter(projects=project.pk))
        # A decision refers to the locked call.
        in_another_connection(lambda: make_decision(project.call))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_a_locked_record_is_current_and_no_reference_waits_for_it():
    call = make_call()
    Call.objects.update(title="New title")
    with transaction.atomic():
        assert lock_record(call).title == "New title"
        assert limits()[0] == "10s"
        in_another_connection(lambda: make_decision(call))
