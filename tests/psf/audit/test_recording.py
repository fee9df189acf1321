import re

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection

from psf.audit.models import AuditEvent, Kind
from psf.audit.recording import record_event
from tests.support import factories
from tests.support.accounts import client_of, confirm, make_account, signed_in

pytestmark = pytest.mark.django_db
PASSWORD = "a calm sea at dawn"


def events():
    rows = AuditEvent.objects.order_by("pk").exclude(kind=Kind.SIGNED_IN)
    return [(row.kind, row.who, row.note) for row in rows]


def sign_in(client, username, password):
    data = {"username": username, "password": password}
    return client.post("/admin/login/", data, REMOTE_ADDR="192.0.2.7")


def test_signing_in_failing_and_signing_out_are_recorded(client, caplog):
    caplog.set_level("INFO", "psf.audit")
    anna = make_account("Viewer", username="anna", password=PASSWORD)
    sign_in(client, "anna", "wrong")
    sign_in(client, "my own password", "anna")
    sign_in(client, "anna", PASSWORD)
    client.post("/admin/logout/")
    client.post("/admin/logout/")
    rows = AuditEvent.objects.order_by("pk")
    assert [(row.kind, row.user, row.who, row.client) for row in rows] == [
        ("failed", anna, "anna", "192.0.2.7"),
        ("failed", None, "", "192.0.2.7"),
        ("signed_in", anna, "anna", "192.0.2.7"),
        ("signed_out", anna, "anna", "127.0.0.1"),
    ]
    assert f"event=signed_in account={anna.pk} client=192.0.2.7" in caplog.text
    assert "my own password" not in caplog.text
    assert [str(row) for row in rows[:2]] == [
        "wrong password or code: anna",
        "wrong password or code",
    ]


def test_refusals_and_downloads_are_recorded():
    client = client_of("Publisher", username="paula")
    assert client.get("/admin/auth/user/").status_code == 403
    project = factories.make_project(status="submitted")
    address = f"/admin/projects/project/{project.pk}/dossier.zip"
    response = client.get(address)
    b"".join(response)
    assert events() == [("refused", "paula", "GET /admin/auth/user/"), ("export", "paula", address)]


def test_publications_are_recorded():
    call = factories.make_call(title="PSF 2030", published_at=None)
    account = make_account("Publisher", username="paula")
    confirm(signed_in(account), f"/admin/projects/call/{call.pk}/publish/", {"what": "page"})
    call.refresh_from_db()
    assert call.published_at
    assert events() == [("publication", "paula", f"projects.call {call.pk} ")]


def test_an_account_is_deleted_and_its_events_stay():
    account = make_account(username="berit")
    record_event(Kind.ACCOUNT, account, "x" * 300)
    User.objects.get(pk=account.pk).delete()
    event = AuditEvent.objects.get()
    assert (event.user, event.who, len(event.note)) == (None, "berit", 200)


def test_an_event_that_cannot_be_written_stands_in_the_log(caplog):
    def refuse(execute, sql, params, many, context):
        if "psf_auditevent" in sql:
            raise OperationalError("attempt to write a readonly database")
        return execute(sql, params, many, context)

    caplog.set_level("INFO", "psf.audit")
    with connection.execute_wrapper(refuse):
        record_event(Kind.IMPORT, None, "projects.csv")
    assert "event=import account=None" in caplog.text
    assert "could not be written: attempt to write a readonly database" in caplog.text
    assert not AuditEvent.objects.exists()


def test_administrators_filter_the_log():
    record_event(Kind.IMPORT, make_account(username="edda"), "projects.csv")
    client = client_of("Administrator")
    page = client.get("/admin/psf/auditevent/", {"kind__exact": "import"}).content.decode()
    assert "projects.csv" in page and "edda" in page
    page = client.get("/admin/psf/auditevent/", {"kind__exact": "refused"}).content.decode()
    assert "projects.csv" not in page


def test_addresses_of_the_log_have_no_names():
    accounts = [make_account(username=name) for name in ["edda", "frida"]]
    for account in accounts:
        record_event(Kind.IMPORT, account, f"{account}.csv")
    client = client_of("Administrator")
    page = client.get("/admin/psf/auditevent/").content.decode()
    address = f"?user__id__exact={accounts[0].pk}"
    assert address in page
    assert not any("edda" in link for link in re.findall(r'href="([^"]*)"', page))
    assert 'id="changelist-search"' not in page
    page = client.get(f"/admin/psf/auditevent/{address}").content.decode()
    assert "edda.csv" in page and "frida.csv" not in page
