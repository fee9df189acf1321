"""Sessions: how they begin and end, and a database that refuses to save them."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from projects.models import Topic
from psf.accounts.models import StaffSession
from tests.support.accounts import OWN_PASSWORD, client_of, make_account, save, sign_in, signed_in

pytestmark = pytest.mark.django_db


def soon():
    return timezone.now() + timedelta(minutes=5)


class TestSession:
    @pytest.fixture
    def session(self, client, anna):
        """The name of the session after signing in."""
        client.get("/admin/login/")
        sign_in(client, password=OWN_PASSWORD)
        return client.session.session_key

    def opens(self, session):
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = session
        return client.get("/admin/").status_code == 200

    def test_signing_in_starts_a_new_session(self, client, anna):
        """Prevents session fixation."""
        planted = client.session  # creates a session
        planted.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
        sign_in(client, password=OWN_PASSWORD)
        assert client.session.session_key != planted.session_key
        assert self.opens(client.session.session_key)
        assert not self.opens(planted.session_key)

    def test_signing_out_ends_the_session_everywhere(self, client, session):
        assert self.opens(session)
        client.post("/admin/logout/")
        assert not self.opens(session)

    def test_new_password_ends_other_sessions(self, client, session):
        elsewhere = Client()
        sign_in(elsewhere, password=OWN_PASSWORD)
        changed = {"old_password": OWN_PASSWORD}
        changed |= dict.fromkeys(["new_password1", "new_password2"], "another sea at dusk")
        client.post("/admin/password_change/", changed)
        assert client.get("/admin/").status_code == 200
        assert elsewhere.get("/admin/").status_code == 302

    def test_reading_prolongs_the_session_and_writes_rarely(self, client, session):
        rows = StaffSession.objects.filter(pk=session)
        first = rows.get()
        assert first.expire_date <= timezone.now() + timedelta(hours=8)
        client.get("/admin/")
        assert rows.get() == first and rows.get().expire_date == first.expire_date
        rows.update(used_at=first.used_at - timedelta(minutes=11), expire_date=soon())
        client.get("/admin/")
        assert rows.get().expire_date >= first.expire_date
        assert rows.get().used_at >= first.used_at

    def test_session_ends_after_twelve_hours(self, client, session):
        stored = client.session
        started = timezone.now() - timedelta(hours=11, minutes=59)
        stored["started_at"] = started.isoformat()
        stored.save()
        page = client.get("/admin/")
        assert page.status_code == 200
        assert page.context["end_after"] == 60
        assert "Save what you typed." in page.text and "Stay signed in?" not in page.text
        row = StaffSession.objects.get(pk=session)
        assert row.expire_date == started + timedelta(hours=12)
        StaffSession.objects.update(used_at=started)
        client.get("/admin/")
        row.refresh_from_db()
        assert row.expire_date == started + timedelta(hours=12)
        assert row.used_at > started
        StaffSession.objects.update(expire_date=timezone.now())
        response = client.get("/admin/")
        assert (response.status_code, response.url) == (302, "/admin/login/?next=/admin/")

    def test_signing_out_clears_the_browser(self, client, session):
        response = client.post("/admin/logout/")
        assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'

    @pytest.mark.parametrize(
        "address", ["//evil.example/", "/\\evil.example", "https://evil.example"]
    )
    def test_signing_in_never_redirects_to_another_site(self, client, anna, address):
        data = {"username": "anna", "password": OWN_PASSWORD, "next": address}
        response = client.post(f"/admin/login/?next={address}", data)
        assert (response.status_code, response.url) == (302, "/admin/")

    def test_last_letter_of_a_long_password_counts(self, client):
        password = "a sentence that nobody else would write, " * 4
        validate_password(password)
        User.objects.create_user("berit", password=password, is_staff=True)
        assert sign_in(client, "berit", password[:-1] + "x").status_code == 200
        assert sign_in(client, "berit", password).status_code == 302


@pytest.mark.parametrize(
    ("lost", "status"),
    [
        (lambda account: account.groups.clear(), 403),
        (lambda account: Group.objects.get(name="Viewer").permissions.clear(), 403),
        (lambda account: User.objects.update(is_staff=False), 302),
        (lambda account: User.objects.update(is_active=False), 302),
    ],
    ids=["role", "permissions of the role", "staff", "active"],
)
def test_what_an_account_loses_counts_at_its_next_request(lost, status):
    client = signed_in(account := make_account("Viewer"))
    assert client.get("/admin/projects/topic/").status_code == 200
    lost(account)
    assert client.get("/admin/projects/topic/").status_code == status


def test_reactivated_account_has_no_old_session():
    account = make_account("Viewer")
    client = signed_in(account)
    administrator = client_of("Administrator")
    url = reverse("admin:auth_user_change", args=[account.pk])
    save(administrator, url, is_active="")
    save(administrator, url, is_active="on")
    assert User.objects.get(pk=account.pk).is_active
    assert client.get("/admin/").status_code == 302


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
