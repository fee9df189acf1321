import gzip

import brotli
import pytest

from psf.caching.compression import best_encoding, pack

HEADERS = [("Content-Type", "text/html"), ("Content-Length", "1000"), ("ETag", '"abc"')]


def test_the_shortest_encoding_that_a_reader_takes_is_chosen():
    assert best_encoding("gzip, deflate, br, zstd") == "br"
    assert best_encoding("GZIP;q=1.0, identity") == "gzip"
    assert best_encoding("br;q=0, gzip") == "gzip"
    assert best_encoding("br; q=0.0, gzip;q=0") == ""
    assert best_encoding("gzip;q=nan") == "gzip"  # not a weight, and no refusal
    for accepted in ["", "*", "identity", "x-gzip", ","]:
        assert best_encoding(accepted) == ""


def test_every_encoding_holds_the_same_page_under_headers_of_its_own():
    page = pack("200 OK", HEADERS, b"a" * 1000)
    plain, zipped, brotlied = (page.sent(name) for name in ["", "gzip", "br"])

    assert plain == (HEADERS, b"a" * 1000)
    assert gzip.decompress(zipped[1]) == brotli.decompress(brotlied[1]) == b"a" * 1000
    for encoding in ["", "gzip", "br"]:
        headers, body = page.sent(encoding)
        assert dict(headers)["Content-Length"] == str(len(body))
        assert dict(headers).get("Content-Encoding", "") == encoding
        assert dict(headers)["ETag"] == ('W/"abc"' if encoding else '"abc"')


@pytest.mark.parametrize("first", ["", "gzip", "br"])
def test_a_page_is_kept_as_it_was_asked_for_and_not_plain_as_well(first):
    page = pack("200 OK", HEADERS, b"a" * 100_000, first)

    assert page.length == 100_000
    assert [*page.bodies] == [first or "gzip"]
    for encoding in ["", "gzip", "br"]:
        assert page.sent(encoding) == page.sent(encoding)
    assert {*page.bodies} == {"gzip", "br"}
    assert sum(len(body) for _headers, body in page.bodies.values()) < 1000


@pytest.mark.parametrize("first", ["gzip", "br"])
def test_there_is_room_for_whatever_is_asked_for_later(first):
    text = "".join(
        f"<li>Project {number} of Łódź, {number * 7919 % 1000} EUR" for number in range(400)
    )
    page = pack("200 OK", HEADERS, text.encode(), first)
    room = page.size()

    assert len(page.sent("gzip")[1]) + len(page.sent("br")[1]) <= room


def test_the_same_page_is_the_same_bytes():
    assert pack("200 OK", HEADERS, b"a" * 1000) == pack("200 OK", HEADERS, b"a" * 1000)


def test_a_weak_tag_stays_as_it_is():
    page = pack("200 OK", [("ETag", 'W/"abc"')], b"a" * 1000)

    assert dict(page.bodies["gzip"][0])["ETag"] == 'W/"abc"'


def test_what_is_short_or_packed_already_is_sent_as_it_is():
    packed = [("content-encoding", "br")]
    for headers, body in [(HEADERS, b"a" * 199), (packed, b"a" * 1000)]:
        page = pack("200 OK", headers, body)
        assert page.sent("") == page.sent("gzip") == (headers, body)
        assert page.size() == len(body)


def test_a_304_has_no_header_of_a_body():
    page = pack("200 OK", HEADERS, b"a" * 1000)

    assert page.tag == '"abc"'
    assert page.not_modified == [("ETag", '"abc"')]
    assert pack("404 Not Found", [], b"").tag == ""
