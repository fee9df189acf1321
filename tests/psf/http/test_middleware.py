"""The middleware: headers that protect every answer, and requests that are refused."""

from io import BytesIO

import pytest
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse

from psf.http import middleware
from psf.http.middleware import DATABASE_IS_AWAY, SecurityHeaders, with_whole_bodies
from psf.http.requests import ask
from tests.support.wsgi import wsgi_environment

READERS_PAGE = "/robots.txt"
STATIC_FILE = "/static/admin/css/base.css"
SIGN_IN = "/admin/login/"
FORM = "application/x-www-form-urlencoded"
PROTECTION = {
    "Content-Security-Policy",
    "Cross-Origin-Embedder-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
}


def assert_protected(response):
    assert set(response.headers) >= PROTECTION
    policy = response.headers["Content-Security-Policy"].split("; ")
    assert policy[0] == "default-src 'none'"
    assert {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} < set(policy)
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Embedder-Policy"] == "require-corp"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (READERS_PAGE, 200),
        (STATIC_FILE, 200),
        ("/admin/", 302),
        ("/admin/login/", 200),
        ("/nosuch/", 404),
        ("/robots.txt?q=%00", 400),
        (f"/robots.txt?q={'a' * 3000}", 414),
    ],
)
def test_every_answer_is_protected(client, address, status):
    response = client.get(address)
    b"".join(response)  # closes a file

    assert response.status_code == status
    assert_protected(response)
    assert response.headers["Content-Type"].partition("charset=")[2]


def test_a_foreign_host_is_refused_under_the_same_protection(client):
    response = client.get(READERS_PAGE, headers={"host": "evil.example"})

    assert response.status_code == 400
    assert_protected(response)


def test_the_redirect_to_https_is_protected(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    response = client.get(READERS_PAGE)

    assert response.status_code == 301
    assert_protected(response)


def test_public_pages_have_a_cache_time_and_an_etag(client):
    first = client.get(READERS_PAGE)
    assert first.headers["Cache-Control"] == "no-cache, public"

    again = client.get(READERS_PAGE, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == "no-cache, public"
    assert "Accept-Encoding" in again.headers["Vary"]
    assert_protected(again)

    other = client.get(READERS_PAGE, headers={"if-none-match": '"another"'})
    assert other.status_code == 200


def test_an_error_is_not_cached(client):
    assert client.get("/nosuch/").headers["Cache-Control"] == "no-cache"


def test_staff_pages_are_never_stored(client, admin_client):
    for response in [
        client.get("/admin/login/"),
        admin_client.get("/admin/"),
        admin_client.get("/admin/jsi18n/"),
        admin_client.get("/admin/nosuch/"),
    ]:
        assert response.headers["Cache-Control"] == "no-store, private"


def test_an_answer_that_depends_on_a_cookie_is_private(rf):
    def with_cookie(request):
        response = HttpResponse()
        response.set_cookie("a", "b")
        return response

    def by_cookie(request):
        return HttpResponse(headers={"Vary": "Cookie"})

    for view in [with_cookie, by_cookie]:
        response = SecurityHeaders(view)(rf.get("/"))
        assert response.headers["Cache-Control"] == "no-cache, private"


@pytest.mark.django_db  # the end of a request asks for the connection
def test_a_static_file_has_one_weak_tag_however_it_is_packed(client):
    first = client.get(STATIC_FILE)
    b"".join(first)
    assert first.headers["ETag"].startswith('W/"')
    assert "Access-Control-Allow-Origin" not in first.headers

    again = client.get(STATIC_FILE, headers={"if-none-match": first.headers["ETag"]})
    assert again.status_code == 304
    assert_protected(again)
    again.close()


@pytest.mark.parametrize(
    "address",
    [
        "/static/",
        "/static/admin/css/",
        "/static/../manage.py",
        "/static//etc/passwd",
        "/.git/config",
    ],
)
def test_no_folder_is_served(client, address):
    assert client.get(address).status_code == 404


# Requests that are refused before anything reads them


@pytest.mark.parametrize(
    "address",
    [
        "/robots.txt?q=%00",
        "/robots.txt?q=a%0d%0aSet-Cookie:%20a=b",
        "/robots.txt?%1b=1",
        "/robots.txt?q=%ff",
        "/robots.txt?q=%ed%a0%80",  # half of a surrogate pair
        "/robots.txt?q=%c2%85",
        "/robots.txt%00",
        "/a%0ab/",
    ],
)
def test_bytes_that_are_not_text_are_refused(client, address):
    assert client.get(address).status_code == 400


def test_a_path_that_is_no_utf8_is_refused(client):
    # Given as servers give it: the test client would mend it first.
    assert client.get("/", PATH_INFO="/\xff/").status_code == 400
    assert client.get("/", PATH_INFO="/ł/".encode().decode("latin-1")).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["q=%C5%81%C3%B3d%C5%BA", "q=a%09b", "q=%E2%80%AE", "q=%F0%9F%8C%8A", "", "q=%zz", "q=50%25AB"],
)
def test_text_in_any_script_is_not_refused(client, query):
    assert client.get(f"{READERS_PAGE}?{query}").status_code == 200


def test_a_query_may_be_long_but_not_endless(client):
    assert client.get(f"{READERS_PAGE}?{'a' * 2048}").status_code == 200
    assert client.get(f"{READERS_PAGE}?{'a' * 2049}").status_code == 414


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "PUT", "DELETE", "PROPFIND"])
def test_a_method_without_use_here_is_refused(client, method):
    response = client.generic(method, READERS_PAGE)

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    assert_protected(response)


def test_a_page_for_readers_cannot_be_posted_to(client):
    response = client.post(READERS_PAGE)

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"
    assert_protected(response)


@pytest.mark.parametrize(("address", "saves"), [("/projects/", False), ("/admin/", True)])
def test_no_request_waits_for_a_database_that_is_away(client, address, saves):
    # Not marked django_db: a query would fail here.
    response = client.get(address, **{DATABASE_IS_AWAY: "1"})

    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert ("Nothing was saved." in response.text) is saves
    assert_protected(response)


# Bodies of requests


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
