"""The statements of the privacy page agree with the code."""

import re
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from psf.accounts.sessions import MAX_SESSION_AGE
from psf.audit.models import AuditEvent, Kind
from psf.exports.responses import WINDOW_SECONDS
from tests.support.accounts import client_of

pytestmark = pytest.mark.django_db
ROLES = ["Viewer", "Editor", "Publisher", "Assessor", "Administrator"]


@pytest.fixture
def page(client):
    return client.get(reverse("privacy")).content.decode()


def test_sessions_end_after_the_stated_hours(page):
    hours = [settings.SESSION_COOKIE_AGE // 3600, MAX_SESSION_AGE // timedelta(hours=1)]
    assert f"ends {hours[0]} hours after the last use, and {hours[1]} hours after" in page


def test_downloads_are_counted_for_the_stated_time(page):
    assert "for one minute" in page
    assert WINDOW_SECONDS == 60


def test_the_log_of_requests_has_no_address_and_no_search_words(page):
    assert "without your network address and your search words" in page
    configuration = (Path(settings.BASE_DIR) / "docs/deploy/nginx.conf").read_text()
    layout = re.search("log_format psf '(.*)'", configuration)[1]
    assert {*layout.split()}.isdisjoint({"$remote_addr", "$request", "$request_uri", "$args"})
    servers = configuration.split("\nserver {")[1:]
    assert all("access_log /var/log/nginx/access.log psf;" in server for server in servers)


def test_events_are_deleted_after_the_stated_days(page):
    assert "Events are deleted after 365 days" in page
    for days in [364, 366]:
        moment = timezone.now() - timedelta(days=days)
        AuditEvent.objects.create(kind=Kind.IMPORT, made_at=moment)
    call_command("purge_audit_log", stdout=(output := StringIO()))
    assert output.getvalue() == "Events deleted from the audit log: 1.\n"
    assert AuditEvent.objects.count() == 1


def test_every_kind_of_event_is_named(page, client):
    words = {
        Kind.SIGNED_IN: "sign-ins",
        Kind.SIGNED_OUT: "sign-ins",
        Kind.FAILED: "wrong passwords and codes",
        Kind.REFUSED: "refusals",
        Kind.ACCOUNT: "changes of accounts",
        Kind.PUBLICATION: "publications",
        Kind.IMPORT: "imports",
        Kind.EXPORT: "downloads of staff. It has the network address",
    }
    assert {*Kind} == {*words}
    assert [kind for kind, text in words.items() if text not in page] == []
    client.post("/admin/login/", {"username": "stranger", "password": "a wrong password"})
    event = AuditEvent.objects.get()
    assert (event.kind, event.user, event.note) == (Kind.FAILED, None, "")
    assert "It also has attempts of strangers to sign in" in page


def test_only_administrators_see_the_audit_log(page):
    assert "Only administrators see the log" in page
    address = reverse("admin:psf_auditevent_changelist")
    statuses = {role: client_of(role).get(address).status_code for role in ROLES}
    assert statuses == {role: 200 if role == "Administrator" else 403 for role in ROLES}
