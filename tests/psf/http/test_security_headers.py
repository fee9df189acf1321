import pytest
from django.http import HttpResponse

from psf.http.middleware import SecurityHeaders
from tests.support.headers import assert_protected

READERS_PAGE = "/robots.txt"
STATIC_FILE = "/static/admin/css/base.css"


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


def test_readers_get_no_cookie_and_equal_answers(client):
    for address in [READERS_PAGE, "/nosuch/"]:
        response = client.get(address)
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")


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


@pytest.mark.parametrize("address", [READERS_PAGE, "/robots.txt", "/.well-known/security.txt"])
def test_head_has_the_etag_of_get(client, address):
    tag = client.get(address).headers["ETag"]
    head = client.head(address)
    assert (head.status_code, head.headers["ETag"], head.content) == (200, tag, b"")


@pytest.mark.django_db
def test_head_of_an_uncached_page_has_no_etag(client):
    assert "ETag" not in client.head("/healthz").headers


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
