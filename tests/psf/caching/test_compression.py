import gzip

import pytest

from psf.caching.compression import accepts_gzip, store_response

HEADERS = [("Content-Type", "text/html"), ("Content-Length", "1000"), ("ETag", '"abc"')]


@pytest.mark.parametrize(
    "accept_encoding",
    ["gzip, deflate, br, zstd", "GZIP;q=1.0, identity", "br;q=0, gzip", "gzip;q=nan"],
)
def test_gzip_is_accepted(accept_encoding):
    assert accepts_gzip(accept_encoding)


@pytest.mark.parametrize(
    "accept_encoding", ["", "*", "identity", "x-gzip", ",", "br", "br, gzip; q=0.0", "gzip;q=0"]
)
def test_gzip_is_not_accepted(accept_encoding):
    assert not accepts_gzip(accept_encoding)


def test_a_compressed_page_has_headers_of_its_own():
    page = store_response("200 OK", HEADERS, b"a" * 1000)
    headers, body = page.content(with_gzip=True)

    assert gzip.decompress(body) == b"a" * 1000
    assert dict(headers)["Content-Length"] == str(len(body))
    assert dict(headers)["Content-Encoding"] == "gzip"
    assert dict(headers)["ETag"] == 'W/"abc"'


def test_a_client_without_gzip_receives_the_plain_page():
    page = store_response("200 OK", HEADERS, b"a" * 1000)

    assert page.content(with_gzip=False) == (HEADERS, b"a" * 1000)
    assert page.length == 1000
    assert len(page.body) < 100


def test_the_same_page_is_the_same_bytes():
    first, second = (store_response("200 OK", HEADERS, b"a" * 1000) for _time in range(2))
    assert first == second


def test_a_weak_tag_stays_as_it_is():
    page = store_response("200 OK", [("ETag", 'W/"abc"')], b"a" * 1000)

    assert dict(page.content(with_gzip=True)[0])["ETag"] == 'W/"abc"'


@pytest.mark.parametrize(
    ("headers", "body"), [(HEADERS, b"a" * 199), ([("content-encoding", "br")], b"a" * 1000)]
)
def test_a_short_or_encoded_body_is_stored_as_it_is(headers, body):
    page = store_response("200 OK", headers, body)

    assert page.content(with_gzip=True) == page.content(with_gzip=False) == (headers, body)
    assert page.body == body


def test_a_304_has_no_header_of_a_body():
    page = store_response("200 OK", HEADERS, b"a" * 1000)

    assert page.tag == '"abc"'
    assert page.not_modified == [("ETag", '"abc"')]
    assert store_response("404 Not Found", [], b"").tag == ""
