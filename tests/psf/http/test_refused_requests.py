import pytest

from psf.http.middleware import DATABASE_IS_AWAY
from tests.support.headers import assert_protected

READERS_PAGE = "/robots.txt"


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
