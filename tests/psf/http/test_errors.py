import errno

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from django.http import Http404
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from psf import urls
from psf.http import errors
from psf.site import well_known

RAISED = {
    error.__name__: error
    for error in [
        DatabaseError,
        IntegrityError,
        OperationalError,
        InterfaceError,
        InternalError,
        ProgrammingError,
        OverflowError,
        DataError,
        RuntimeError,
        PermissionDenied,
        SuspiciousOperation,
    ]
}


RAISED["full disk"] = lambda text: OSError(errno.ENOSPC, text)


def fail(request, name):
    raise RAISED[name]("SELECT a secret")


urlpatterns = [*urls.urlpatterns, path("fail/<str:name>/", fail)]
handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("OperationalError", 503, "Wait half a minute"),
        ("DatabaseError", 503, "Wait half a minute"),
        ("IntegrityError", 500, "went wrong"),
        ("InterfaceError", 503, "Wait half a minute"),
        ("InternalError", 503, "Wait half a minute"),
        ("ProgrammingError", 503, "Wait half a minute"),
        ("full disk", 503, "Wait half a minute"),
        ("OverflowError", 400, "is not valid"),
        ("DataError", 400, "is not valid"),
        ("SuspiciousOperation", 400, "is not valid"),
        ("PermissionDenied", 403, "may not open this page"),
        ("RuntimeError", 500, "went wrong"),
    ],
)
def test_each_fault_has_its_page_without_asking_the_database(name, status, words):
    # Not marked django_db: a query would fail here.
    response = Client(raise_request_exception=False).get(f"/fail/{name}/")

    assert response.status_code == status
    assert words in response.text
    assert "secret" not in response.text
    assert response.headers.get("Retry-After") == ("30" if status == 503 else None)
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_missing_page_looks_like_any_other(client):
    first, second = client.get("/nosuch/"), client.get("/projects-of-nobody/a/?q=1")

    assert first.status_code == second.status_code == 404
    assert first.content == second.content
    assert first.headers.items() == second.headers.items()
    assert 'role="search"' in first.text and "Report a broken link" in first.text


def test_staff_are_not_told_about_public_pages():
    response = errors.handler404(RequestFactory().get("/admin/partners/partner/1/"), Http404())

    assert "The record may be deleted or merged." in response.text
    assert "public page" not in response.text


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("/projects/PSF-2019-01/", "/projects/psf-2019-01/"),
        ("/countries/LV.json", "/countries/lv.json"),
        ("/Nosuch/", "/nosuch/"),
    ],
)
@pytest.mark.django_db
def test_capitals_lead_to_small_letters_whether_or_not_a_record_exists(client, typed, address):
    response = client.get(typed)

    assert response.status_code == 301
    assert response.headers["Location"] == address


def test_an_address_of_staff_with_capitals_does_not_redirect():
    response = errors.handler404(RequestFactory().get("/admin/Secret/"), Http404())

    assert response.status_code == 404


def test_no_address_with_capitals_leads_to_another_site():
    request = RequestFactory().get("/")
    request.path = "//OTHER.example.org/"

    response = errors.handler404(request, Http404())

    assert response.headers["Location"] == "/%2Fother.example.org/"


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 411, 413, 414, 500, 503])
def test_every_page_has_a_title_and_a_heading_of_its_own(status):
    response = errors.page(status)
    heading = response.text.split("<h1")[1].split(">", 1)[1].split("</h1>")[0].strip()

    assert response.status_code == status
    assert heading
    assert f"<title>{heading}" in response.text


def test_a_form_without_its_token_is_refused_in_words():
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a"})

    assert response.status_code == 403
    assert "Nothing was saved" in response.text


def test_a_process_is_alive_without_its_database(client):
    # Not marked django_db: a query would fail here.
    for host in ["testserver", "127.0.0.1:8000", "localhost"]:
        response = client.get("/healthz", headers={"host": host})
        assert (response.status_code, response.text) == (200, "ok\n")
    assert "no-store" in response.headers["Cache-Control"]


def test_readiness_names_each_problem(client, monkeypatch):
    problems = {"database": "the database is read-only", "disk": ""}
    monkeypatch.setattr(well_known.readiness, "problems", lambda: problems)
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.text == "database: the database is read-only\ndisk: ok\n"
    assert response.headers["Retry-After"] == "30"
    problems["database"] = ""
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_without_collected_static_files_errors_have_a_plain_page(status, monkeypatch, caplog):
    def no_manifest(template):
        raise ValueError("Missing staticfiles manifest entry")

    monkeypatch.setattr(errors, "render_to_string", no_manifest)
    response = errors.page(status)

    assert response.status_code == status
    assert "<h1>" in response.text
    assert "cannot be rendered" in caplog.text


def test_robots_are_excluded_from_the_staff_pages(client):
    assert client.get("/robots.txt").text.startswith("User-agent: *\nDisallow: /admin/\n\n")


def test_a_weakness_can_be_reported(client):
    lines = client.get("/.well-known/security.txt").text.splitlines()

    assert "Contact: http://127.0.0.1:8000/about/#contact" in lines
    assert sum(line.startswith("Expires: ") for line in lines) == 1
