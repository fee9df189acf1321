"""Responses while the database refuses to save the session."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from projects.models import Topic
from psf.accounts.models import StaffSession

pytestmark = pytest.mark.django_db


def refuse_sessions(execute, sql, params, many, context):
    """A database whose table of sessions is locked."""
    if sql.startswith(("UPDATE", "INSERT", "DELETE")) and "staffsession" in sql:
        raise OperationalError("database is locked")
    return execute(sql, params, many, context)


def test_a_saved_record_is_never_called_unsaved(editor):
    with connection.execute_wrapper(refuse_sessions):
        response = editor.post("/admin/projects/topic/add/", {"name": "Harbours"})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert "may have been saved" in response.text
    assert "Nothing was saved" not in response.text
    assert Topic.objects.get().name == "Harbours"


def test_reading_needs_no_session_to_be_written(editor, caplog):
    editor.post("/admin/projects/topic/add/", {"name": "Harbours"})  # leaves a message to be shown
    with connection.execute_wrapper(refuse_sessions):
        response = editor.get("/admin/projects/topic/")
    assert response.status_code == 200
    assert "The session could not be written: database is locked" in caplog.text


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has lock_timeout")
def test_reading_waits_three_seconds_for_a_locked_file(editor, django_assert_max_num_queries):
    editor.post("/admin/projects/topic/add/", {"name": "Harbours"})  # leaves a message to be shown
    with django_assert_max_num_queries(100) as queries:
        editor.get("/admin/projects/topic/")
    waits = [row["sql"] for row in queries if row["sql"].startswith("PRAGMA busy_timeout =")]
    assert waits[0] == "PRAGMA busy_timeout = 3000"


def test_a_use_that_cannot_be_written_is_no_error(editor):
    StaffSession.objects.update(used_at=timezone.now() - timedelta(hours=1))
    with connection.execute_wrapper(refuse_sessions):
        assert editor.get("/admin/").status_code == 200
    assert editor.get("/admin/").status_code == 200
    assert StaffSession.objects.get().used_at > timezone.now() - timedelta(minutes=1)


def test_a_session_that_was_ended_during_a_request_leads_to_the_sign_in(editor):
    def end(execute, sql, params, many, context):
        if sql.startswith("INSERT") and "projects_topic" in sql:
            StaffSession.objects.all().delete()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(end):
        response = editor.post("/admin/projects/topic/add/", {"name": "Harbours"})
    assert response.status_code == 302
    assert Topic.objects.exists()
    assert editor.get(response.url).url.startswith("/admin/login/")


def test_a_foreign_host_is_refused_on_pages_of_staff(editor):
    for client in [Client(raise_request_exception=False), editor]:
        assert client.get("/admin/login/", headers={"host": "foreign.example"}).status_code == 400
