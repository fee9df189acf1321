from io import BytesIO

import pytest
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application

from psf.http import middleware
from psf.http.middleware import with_whole_bodies
from psf.http.requests import ask
from tests.support.headers import assert_protected
from tests.support.wsgi import wsgi_environment

SIGN_IN = "/admin/login/"
FORM = "application/x-www-form-urlencoded"


class Unread:
    """A body that nobody may read."""

    def read(self, *size):
        raise AssertionError("The body was read.")

    readline = read


class Asking(BytesIO):
    """A body that sends another form before its own first byte arrives."""

    def __init__(self, client):
        super().__init__(b"username=a")
        self.client, self.answer = client, None

    def read(self, *size):
        self.answer = self.answer or post(self.client, BytesIO(b"username=b"))
        return super().read(*size)


def post(client, body, length=10):
    headers = {"wsgi.input": body, "CONTENT_LENGTH": str(length), "CONTENT_TYPE": FORM}
    return client.generic("POST", SIGN_IN, **headers)


@pytest.mark.parametrize(
    ("method", "address", "headers", "status"),
    [
        ("POST", "/projects/", {"CONTENT_LENGTH": "2000000000"}, 405),
        ("POST", "/nosuch/", {"CONTENT_LENGTH": "1"}, 405),
        ("GET", "/projects/", {"CONTENT_LENGTH": "5"}, 413),
        ("POST", SIGN_IN, {"CONTENT_LENGTH": "64001"}, 413),
        ("POST", SIGN_IN, {"CONTENT_LENGTH": "9" * 5000}, 413),
        ("POST", SIGN_IN, {"CONTENT_LENGTH": "many"}, 400),
        ("POST", SIGN_IN, {"HTTP_TRANSFER_ENCODING": "chunked"}, 411),
    ],
)
def test_a_body_is_refused_before_anything_reads_it(client, method, address, headers, status):
    unread = {"wsgi.input": Unread(), "CONTENT_TYPE": "multipart/form-data; boundary=b"}
    response = client.generic(method, address, **{**unread, **headers})

    assert response.status_code == status
    assert response.headers.get("Allow") == ("GET, HEAD" if status == 405 else None)
    assert_protected(response)


@pytest.mark.django_db
def test_only_a_session_of_an_active_account_may_send_a_large_form(client, admin_client):
    large = BytesIO(b"username=" + b"a" * 64_000)
    client.cookies["sessionid"] = "a" * 32
    assert post(client, Unread(), 64_009).status_code == 413
    assert post(admin_client, Unread(), 11_000_001).status_code == 413
    assert post(admin_client, large, 64_009).status_code == 200
    assert not large.read(), "Not the whole form was read."

    User.objects.update(is_active=False)
    assert post(admin_client, Unread(), 64_009).status_code == 413


@pytest.mark.django_db
def test_a_form_beyond_the_number_of_permits_is_refused_at_once(client, monkeypatch):
    monkeypatch.setattr(middleware, "STRANGERS_AT_ONCE", 1)
    body = Asking(client)
    assert post(client, body).status_code == 200
    assert (body.answer.status_code, body.answer.headers["Retry-After"]) == (503, "30")
    assert "Nothing was saved" in body.answer.text
    assert_protected(body.answer)
    assert post(client, BytesIO(b"username=c")).status_code == 200, "The permit was kept."


@pytest.mark.django_db
def test_forms_of_strangers_take_no_permit_of_staff(client, admin_client, monkeypatch):
    monkeypatch.setattr(middleware, "STRANGERS_AT_ONCE", 1)
    admin_client.handler = client.handler  # the same process
    body = Asking(admin_client)
    assert post(client, body).status_code == 200
    assert body.answer.status_code != 503


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "form"),
    [
        (FORM, b"username=a&password=b"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="username"\r\n\r\na\r\n--b--\r\n',
        ),
    ],
)
@pytest.mark.parametrize(
    ("missing", "words"), [(0, b"Nothing was saved"), (500, b"This request is not valid")]
)
def test_a_form_that_ends_early_reaches_no_view(kind, form, missing, words):
    """A whole form is refused later: it has no token."""
    application = with_whole_bodies(get_wsgi_application())
    environ = wsgi_environment(SIGN_IN) | {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(form) + missing),
        "wsgi.input": BytesIO(form),
    }
    status, _headers, body = ask(application, environ)
    assert (int(status[:3]), words in b"".join(body)) == (400 if missing else 403, True)
