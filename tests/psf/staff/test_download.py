"""A list as a file: its rows, its columns, and nothing that the account does not see."""

from io import BytesIO
from threading import BoundedSemaphore

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from psf.audit.models import AuditEvent, Kind
from psf.exports import responses
from tests.support import factories
from tests.support.accounts import client_of

pytestmark = pytest.mark.django_db


def download(client, model, suffix="csv", **query):
    return client.get(reverse(f"admin:{model}_download", args=[suffix]), query)


def lines(response):
    return b"".join(response).decode("utf-8-sig").splitlines()


def test_the_file_has_the_rows_and_columns_of_the_list():
    call = factories.make_call(title="PSF 2031")
    shown = factories.make_project(call, title="=1+1", reference="R-2", status="eligible")
    factories.make_partnership(shown, factories.make_partner("<b>Port & City</b>"), role="lead")
    factories.make_project(call, title="Rejected", status="rejected")
    response = download(client_of("Viewer"), "projects_project", status="eligible", q="port")
    assert response.headers["Content-Disposition"] == 'attachment; filename="projects.csv"'
    heads, *rows = lines(response)
    assert heads.startswith('"Reference","Title","Call","Lead partner","Status"')
    assert rows == [rows[0]]
    for value in ["R-2", "'=1+1", "PSF 2031", "<b>Port & City</b>", "eligible"]:
        assert value in rows[0]
    assert AuditEvent.objects.get(kind=Kind.EXPORT).note.endswith("/project/download/csv/")


def test_numbers_days_and_answers_stay_values_in_a_workbook():
    factories.make_topic("Ports")
    response = download(client_of("Viewer"), "projects_topic", "xlsx")
    sheet = load_workbook(BytesIO(b"".join(response))).active
    assert [[cell.value for cell in row] for row in sheet.rows] == [
        ["Name", "Calls", "Projects"],
        ["Ports", 0, 0],
    ]


def test_a_workbook_beside_two_others_is_asked_for_again(monkeypatch):
    monkeypatch.setattr(responses, "_workbooks", BoundedSemaphore(1))
    with responses._workbooks:
        assert download(client_of("Viewer"), "projects_topic", "xlsx").status_code == 503


@pytest.mark.parametrize(("year", "status"), [("2019", 200), ("9999", 400)])
def test_a_list_is_narrowed_by_a_year(year, status):
    factories.make_call()
    page = client_of("Viewer").get(reverse("admin:projects_call_changelist"))
    assert "?closes_at__year=" in page.content.decode()
    query = {"closes_at__year": year}
    page = client_of("Viewer").get(reverse("admin:projects_call_changelist"), query)
    assert page.status_code == status


@pytest.mark.parametrize(
    ("address", "query", "status"),
    [
        ("csv", {"status__exact": "eligible"}, 200),
        ("json", {}, 404),
        ("csv", {"pk": "x"}, 404),
        ("csv", {"internal_note__startswith": "a"}, 400),
    ],
)
def test_what_the_list_refuses_is_refused(address, query, status):
    response = download(client_of("Editor"), "projects_project", address, **query)
    assert response.status_code == status


def test_lists_of_accounts_and_of_changes_are_no_files():
    page = client_of("superuser").get(reverse("admin:auth_user_changelist"))
    assert "XLSX" not in page.content.decode()
    factories.make_topic()
    page = client_of("Viewer").get(reverse("admin:projects_topic_changelist"), {"q": "topic"})
    assert "/topic/download/xlsx/?q=topic" in page.content.decode()
