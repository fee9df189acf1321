"""A page from the cache equals the page from Django. All other requests go to Django."""

import gzip
import threading
from contextlib import closing
from datetime import timedelta
from itertools import chain, repeat
from unittest import mock

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from partners.pages.filters import PartnerFilterSet
from projects.models import Project
from projects.pages.filters import ProjectFilterSet
from projects.publication.publish import publish_results, unpublish_project, unpublish_results
from psf.caching import page_cache, values
from psf.caching.data_version import VersionReader, versions
from psf.caching.page_cache import PageCache, normalise_query
from psf.http.requests import parameters_by_address
from psf.lists.filterset import FILTERS
from tests.support import factories
from tests.support.factories import make_call, make_public_project
from tests.support.threads import SameThread
from tests.test_repository import BASE, CODE

pytestmark = pytest.mark.django_db(transaction=True)

# Lists, the decorator for views with parameters, and addresses that are never cached: staff pages,
# data and feeds.
ASK_FOR_PARAMETERS = [
    BASE / f"{name}.py"
    for name in [
        "projects/open_data/links",
        "projects/open_data/views",
        "projects/pages/feeds",
        "psf/site/template_engine",
        "psf/lists/public_list",
        "psf/http/requests",
        "psf/site/admin_site",
        "psf/site/staff_frame",
    ]
]


class Django:
    """Django, which counts how often it is asked."""

    def __init__(self):
        self.application = get_wsgi_application()
        self.asked = 0

    def __call__(self, environ, start_response):
        self.asked += 1
        return self.application(environ, start_response)


class FixedVersion:
    """The data version of a database that is not asked."""

    is_away = False

    def __init__(self, version):
        self.latest, self.reads = version, 0

    def reader(self):
        return self

    def read(self):
        self.reads += 1
        return self.latest


class Answer:
    """What a server would send."""

    def __init__(self, application, address, method="GET", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = RequestFactory().generic(method, address, headers={"host": "localhost"} | named)
        response = application(request.environ, self.start)
        self.body = b"".join(response)
        if hasattr(response, "close"):
            response.close()

    def start(self, status, headers):
        self.status, self.headers = int(status.split()[0]), dict(headers)
        assert len(headers) == len(self.headers)


@pytest.fixture
def django(settings):
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    page_cache.is_allowed_host.cache_clear()
    yield Django()
    page_cache.is_allowed_host.cache_clear()


@pytest.fixture
def cache(django):
    cache = PageCache(django, 1_000_000, SameThread())
    versions.close()  # another test may have read the version by another clock
    yield cache
    versions.close()


@pytest.fixture
def project():
    return make_public_project(title="Safe harbours")


def test_a_page_is_made_once(cache, django, project):
    first, again = Answer(cache, "/projects/"), Answer(cache, "/projects/")

    assert b"Safe harbours" in first.body
    assert (again.status, again.headers, again.body) == (200, first.headers, first.body)
    assert django.asked == 1


@pytest.mark.parametrize("accept_encoding", ["", "gzip"])
@pytest.mark.parametrize("address", ["/", "/projects/", "/countries/", "/about/"])
def test_the_cache_answers_as_django_does(cache, django, project, address, accept_encoding):
    ours = [Answer(cache, address, accept_encoding=accept_encoding) for _time in range(2)]
    theirs = Answer(django, address, accept_encoding=accept_encoding)

    for answer in ours:
        if accept_encoding:
            assert gzip.decompress(answer.body) == gzip.decompress(theirs.body)
            answer.headers["Content-Length"] = theirs.headers["Content-Length"]  # padded at random
        else:
            assert answer.body == theirs.body
        assert (answer.status, answer.headers) == (200, theirs.headers)


@pytest.mark.parametrize("accept_encoding", ["", "gzip"])
def test_a_matching_etag_gets_the_304_of_django(cache, django, project, accept_encoding):
    tag = Answer(cache, "/projects/", accept_encoding=accept_encoding).headers["ETag"]
    ours, theirs = (
        Answer(application, "/projects/", if_none_match=tag, accept_encoding=accept_encoding)
        for application in [cache, django]
    )

    assert (ours.status, ours.body) == (theirs.status, theirs.body) == (304, b"")
    assert ours.headers == theirs.headers | {"ETag": tag}


def test_each_form_of_a_known_etag_gets_a_304(cache, project):
    tag = Answer(cache, "/projects/").headers["ETag"]
    for same in [f"W/{tag}", f'"other", {tag}', "*"]:
        assert Answer(cache, "/projects/", if_none_match=same).status == 304
    for other in ['"other"', "garbage", '"', tag.strip('"')]:
        assert Answer(cache, "/projects/", if_none_match=other).status == 200


def test_an_error_page_is_never_a_304(cache, django, project):
    for address, status in [("/projects/gone/", 404), ("/projects/?country=xx", 400)]:
        tag = Answer(cache, address).headers["ETag"]
        for name in [tag, "*"]:
            assert Answer(cache, address, if_none_match=name).status == status
            assert Answer(django, address, if_none_match=name).status == status


def test_a_tag_is_never_strong_for_two_encodings(cache, project):
    plain, zipped = (
        Answer(cache, "/projects/", accept_encoding=name).headers for name in ["", "gzip"]
    )

    assert plain["ETag"].startswith('"')
    assert zipped["ETag"] == f"W/{plain['ETag']}"
    assert zipped["Content-Encoding"] == "gzip"
    for headers in [plain, zipped]:
        assert headers["Vary"] == "Accept-Encoding"


ENCODINGS = {
    **dict.fromkeys(["gzip, deflate, br, zstd", "GZIP;q=1.0, identity", "br;q=0, gzip"], "gzip"),
    **dict.fromkeys(["*", "identity", "x-gzip", ",", "br, gzip; q=0.0", "gzip;q=0, br"], None),
}


@pytest.mark.parametrize(("accepted", "encoding"), ENCODINGS.items())
def test_gzip_is_sent_to_clients_that_accept_gzip(cache, project, accepted, encoding):
    answer = Answer(cache, "/projects/", accept_encoding=accepted)
    assert answer.headers.get("Content-Encoding") == encoding
    assert b"Safe harbours" in (gzip.decompress(answer.body) if encoding else answer.body)


def test_head_is_get_without_its_body(cache, django, project):
    for _time in range(2):
        head, get = Answer(cache, "/projects/", method="HEAD"), Answer(cache, "/projects/")
        assert (head.status, head.headers, head.body) == (200, get.headers, b"")
    assert django.asked == 1


def test_after_a_change_in_another_process_the_next_reader_sees_it(cache, project):
    assert b"Safe harbours" in Answer(cache, "/projects/").body
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("UPDATE projects_project SET title = 'Calm seas'")
    answer = Answer(cache, "/projects/")

    assert b"Calm seas" in answer.body
    assert b"Safe harbours" not in answer.body


def test_a_change_during_rendering_is_seen_by_the_next_reader(cache, django, project):
    make = django.application

    def slow(environ, start_response):
        response = make(environ, start_response)
        Project.objects.update(title="Calm seas")  # the page is rendered already
        django.application = make
        return response

    django.application = slow
    assert b"Safe harbours" in Answer(cache, "/projects/").body
    assert b"Calm seas" in Answer(cache, "/projects/").body


def test_results_published_again_are_there_at_once(cache, project):
    call = factories.make_decision(project.call).call
    addresses = [project.get_absolute_url(), f"{call.get_absolute_url()}announcement/"]

    def statuses():
        return [Answer(cache, address).status for address in addresses]

    assert statuses() == [200, 200]
    unpublish_results(call, "An error.")
    assert statuses() == [410, 410]
    publish_results(call, timezone.now())
    assert statuses() == [200, 200]


def test_a_page_changes_at_a_scheduled_moment(cache, django, project):
    # Not the time of the test: pages also change at midnight.
    soon = timezone.now().replace(hour=12)
    call = make_call(title="Call of tomorrow", published_at=soon)
    with mock.patch("django.utils.timezone.now", return_value=soon - timedelta(minutes=1)):
        assert Answer(cache, call.get_absolute_url()).status == 404
        assert b"Call of tomorrow" not in Answer(cache, "/calls/").body
    with mock.patch("django.utils.timezone.now", return_value=soon - timedelta(seconds=1)):
        assert b"Call of tomorrow" not in Answer(cache, "/calls/").body
        assert django.asked == 2  # from memory until then
    with mock.patch("django.utils.timezone.now", return_value=soon):
        for _time in range(2):
            assert b"Call of tomorrow" in Answer(cache, "/calls/").body
        assert django.asked == 3  # and from memory again
        assert Answer(cache, call.get_absolute_url()).status == 200


def lose_database(monkeypatch):
    monkeypatch.setattr(VersionReader, "_select", mock.Mock(side_effect=OperationalError))


def test_pages_in_memory_are_shown_while_the_database_is_away(cache, django, project, monkeypatch):
    page = Answer(cache, "/projects/").body
    lose_database(monkeypatch)

    assert Answer(cache, "/projects/").body == page
    assert django.asked == 1
    for address in ["/calls/", "/projects.csv", "/admin/"]:
        answer = Answer(cache, address)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
    for address in ["/healthz", "/static/psf/site.css"]:
        assert Answer(cache, address).status == 200
    monkeypatch.setattr(page_cache, "MAX_SECONDS_WITHOUT_DATABASE", -1)
    assert Answer(cache, "/projects/").status == 503


@pytest.mark.parametrize("asked_later", ["/about/", "/admin/login/"])
def test_a_lost_database_brings_no_unpublished_page_back(cache, project, monkeypatch, asked_later):
    addresses = ["/projects/", project.get_absolute_url()]
    assert [Answer(cache, address).status for address in addresses] == [200, 200]
    unpublish_project(project, "An error.")
    assert Answer(cache, asked_later).status == 200  # reads the new data version
    lose_database(monkeypatch)

    assert [Answer(cache, address).status for address in addresses] == [503, 503]
    assert Answer(cache, "/about/").status == (200 if asked_later == "/about/" else 503)


def test_staff_and_readers_never_see_each_others_page(cache, django, project, admin_client):
    session = f"sessionid={admin_client.cookies['sessionid'].value}"
    Answer(cache, "/projects/")
    for _time in range(2):
        Answer(cache, "/projects/", cookie=session)
    assert django.asked == 3
    Answer(cache, "/calls/", cookie=f"a=b; {session}")
    assert Answer(cache, "/calls/").status == 200
    assert django.asked == 5


def test_no_header_of_one_reader_reaches_a_stored_page(cache, django, project):
    make, requests = django.application, []

    def spy(environ, start_response):
        requests.append(environ)
        return make(environ, start_response)

    django.application = spy
    headers = {"accept_encoding": "gzip", "if_none_match": '"other"', "cookie": "theme=dark"}
    Answer(cache, "/projects/", if_modified_since="Sat, 01 Jan 2028 00:00:00 GMT", **headers)
    [request] = requests
    sent = {name: value for name, value in request.items() if name.startswith("HTTP_")}
    assert sent == {"HTTP_HOST": "localhost", "HTTP_ACCEPT_ENCODING": "gzip"}


NOT_KEPT = {
    "admin": {"address": "/admin/"},
    "sign-in": {"address": "/admin/login/"},
    "missing": {"address": "/projects/nosuch/"},
    "wrong value": {"address": "/projects/?status=nosuch"},
    "no page": {"address": "/robots.txt"},
    "never cached": {"address": "/healthz"},
    "redirect": {"address": "/projects"},
    "foreign host": {"address": "/projects/", "host": "evil.example"},
    "no host": {"address": "/projects/", "host": ""},
    "refused": {"address": "/projects/?q=%00"},
    "too long": {"address": f"/projects/?x={'a' * 3000}"},
    "post": {"address": "/projects/", "method": "POST"},
    "condition": {"address": "/projects/", "if_match": '"abc"'},
    "day": {"address": "/projects/", "if_unmodified_since": "Fri, 16 Aug 2019 00:00:00 GMT"},
    "part": {"address": "/projects/", "range": "bytes=0-0"},
}


@pytest.mark.parametrize("request_of", NOT_KEPT.values(), ids=NOT_KEPT)
def test_other_requests_go_to_django_beside_a_stored_page(cache, django, project, request_of):
    Answer(cache, "/projects/")
    size = cache.pages.size
    for _time in range(2):
        ours, theirs = Answer(cache, **request_of), Answer(django, **request_of)
        assert (ours.status, set(ours.headers)) == (theirs.status, set(theirs.headers))
    assert django.asked == 5
    assert cache.pages.size == size


def test_a_redirect_from_capitals_keeps_the_query(cache):
    answer = Answer(cache, "/Projects/?country=lv")
    assert (answer.status, answer.headers["Location"]) == (301, "/projects/?country=lv")


class ShortPage(list):
    """An application with the same page at every address, which may be stored."""

    def __call__(self, environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html"), ("ETag", '"a"')])
        return self

    def close(self):
        pass


def test_no_page_of_staff_is_stored_whatever_its_headers_say(cache, django, project):
    django.application = ShortPage([b"Page"])
    for _time in range(2):
        assert Answer(cache, "/admin/page/").body == b"Page"
    assert (django.asked, cache.pages.size) == (2, 0)
    for _time in range(2):
        assert Answer(cache, "/page/").body == b"Page"
    assert django.asked == 3


def test_the_size_of_a_page_is_its_body_and_a_fixed_part(cache, django, project):
    django.application = ShortPage([b"Page"])
    Answer(cache, "/page/")
    assert 0 < cache.pages.size - page_cache.BYTES_BESIDE_BODY < 100


@pytest.mark.parametrize(
    "header",
    [
        {"Set-Cookie": "a=b"},
        {"Cache-Control": "no-store"},
        {"Cache-Control": "private"},
        {"Vary": "Accept-Encoding, Cookie"},
        {"ETag": ""},
    ],
    ids=str,
)
def test_personal_responses_are_not_stored(cache, django, project, header):
    make = django.application

    def theirs(environ, start_response):
        def start(status, headers):
            start_response(status, list((dict(headers) | header).items()))

        return make(environ, start)

    django.application = theirs
    for _time in range(2):
        assert Answer(cache, "/projects/").status == 200
    assert (django.asked, cache.pages.size) == (2, 0)


def test_a_huge_page_is_not_stored(cache, django, project, monkeypatch):
    monkeypatch.setattr(page_cache, "MAX_PAGE_BYTES", 1000)
    for _time in range(2):
        assert Answer(cache, "/projects/").status == 200
    assert (django.asked, cache.pages.size) == (2, 0)


def test_a_page_for_plain_http_stays_a_redirect_to_https(cache, django, project, settings):
    settings.SECURE = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    django.application = get_wsgi_application()
    assert Answer(cache, "/projects/", x_forwarded_proto="https").status == 200
    assert Answer(cache, "/projects/").status == 301
    assert Answer(cache, "/projects/", x_forwarded_proto="https").status == 200
    assert django.asked == 2


def test_unknown_parameters_neither_bust_the_cache_nor_fill_it(cache, django, project):
    page = Answer(cache, "/projects/").body
    size = cache.pages.size
    for number in range(5):
        for address in [f"/projects/?x={number}", f"/projects/?utm={number}&q="]:
            assert Answer(cache, address).body == page
    assert cache.pages.size == size
    detail = project.get_absolute_url()
    Answer(cache, detail)
    assert Answer(cache, f"{detail}?q=1&page=2").body == Answer(cache, detail).body
    assert django.asked == 2


def test_the_order_of_values_matters_and_of_parameters_does_not(cache, django, project):
    for address in ["?q=sea&page=1", "?page=1&q=sea", "?q=sea&x=1&page=1&status="]:
        Answer(cache, f"/projects/{address}")
    assert django.asked == 1

    known = frozenset({"q", "country"})
    assert normalise_query("country=lv&country=fi&country=lv", known) == "country=lv&country=fi"
    assert normalise_query("country=fi&country=lv&q=a+b", known) == "country=fi&country=lv&q=a+b"
    assert normalise_query("q=%C5%81%C3%B3d%C5%BA&&x", known) == "q=%C5%81%C3%B3d%C5%BA"


def test_each_list_knows_its_own_parameters():
    known = parameters_by_address()

    assert known["/projects/"] == {"page", *ProjectFilterSet.base_filters, *FILTERS}
    assert known["/partners/"] == {"page", *PartnerFilterSet.base_filters, *FILTERS}
    lists = {"/projects/", "/calls/", "/partners/", "/lead-partners/", "/countries/"}
    pages = {*lists, "/apply/", "/apply/mail/confirm/", "/compare/", "/changes/", "/search/"}
    assert {path for path in known if path.endswith("/")} == pages
    assert known["/changes/"] == {"page"}
    assert known["/compare/"] == {"project", "country", "call"}


def test_no_page_with_a_part_of_its_own_takes_parameters():
    """The cache looks them up by the address as it was sent. Only addresses of pages end in "/"."""
    paths = parameters_by_address()
    assert [path for path in paths if "<" in path and path.endswith("/")] == []


def test_the_cache_key_holds_every_parameter_that_a_page_reads():
    """A page that reads a parameter says so to `parameters_by_address()`; none reads the host."""
    for path in CODE:
        text = path.read_text()
        of_staff = path.stem == "admin" or "admin" in path.parts or "staff" in path.parts
        if not of_staff and path not in ASK_FOR_PARAMETERS:
            assert "request.GET" not in text, path
        assert "get_host" not in text and "build_absolute_uri" not in text, path


def test_readers_at_the_same_moment_have_the_page_made_once(django):
    make, begun, readers = django.application, threading.Event(), 4
    together = threading.Barrier(readers)

    def slow(environ, start_response):
        begun.wait()
        try:
            return make(environ, start_response)
        finally:
            connection.close()  # of this thread, which ends with the pool

    def read():
        together.wait()
        answers.append(Answer(cache, "/about/").body)

    answers, django.application = [], slow
    threads = [threading.Thread(target=read) for _reader in range(readers)]
    with (
        page_cache.render_pool() as pool,
        mock.patch.object(values, "next_expiry", return_value=timezone.now() + timedelta(1)),
    ):
        cache = PageCache(django, 1_000_000, pool)
        cache.versions = FixedVersion(1)
        for thread in threads:
            thread.start()
        while cache.versions.reads < readers + 1:  # all have missed, one renders
            assert any(thread.is_alive() for thread in threads)
        begun.set()
        for thread in threads:
            thread.join()

    assert django.asked == 1
    assert len(answers) == readers
    assert len(set(answers)) == 1


def test_staff_are_answered_while_a_page_of_readers_is_rendered(django):
    """With pages of words alone: a test's database serves one thread."""
    may_render, busy = threading.Event(), threading.Semaphore(0)

    def application(environ, start_response):
        if not environ["PATH_INFO"].startswith("/admin/"):
            busy.release()
            may_render.wait()
        start_response("200 OK", [("Content-Type", "text/html")])
        return HttpResponse(threading.current_thread().name)

    threads_of_django = []
    with page_cache.render_pool() as pool:
        cache = PageCache(application, 1_000_000, pool)
        cache.versions = FixedVersion(1)

        def read(address):
            threads_of_django.append(Answer(cache, address).body.decode())

        readers = [threading.Thread(target=read, args=(f"/{name}/",)) for name in "abcd"]
        with mock.patch.object(values, "next_expiry", return_value=timezone.now()):
            for reader in readers:
                reader.start()
            busy.acquire()
            of_staff = Answer(cache, "/admin/").body
            another_is_rendered = busy.acquire(timeout=0.05)
            may_render.set()
            for reader in readers:
                reader.join()

    assert of_staff == threading.current_thread().name.encode()
    assert not another_is_rendered
    assert len(threads_of_django) == 4
    assert all(name.startswith("render") for name in threads_of_django)


def test_waiting_readers_ask_no_database_that_went_away_meanwhile(cache, project):
    """Each of them would wait for its timeout, one after another."""

    class LostVersion(FixedVersion):
        def read(self):
            self.is_away = self.reads == 1
            version = super().read()
            return None if self.is_away else version

    cache.versions = LostVersion(1)
    assert Answer(cache, "/projects/").status == 503


def test_a_page_is_made_again_after_django_failed(cache, django, project):
    make = django.application

    def broken(environ, start_response):
        raise MemoryError

    django.application = broken
    with pytest.raises(MemoryError):
        Answer(cache, "/projects/")
    django.application = make
    assert Answer(cache, "/projects/").status == 200


def test_without_a_version_django_answers(cache, django, project):
    Answer(cache, "/projects/")
    cache.versions = FixedVersion(None)
    assert Answer(cache, "/projects/").status == 200
    assert django.asked == 2


def test_a_version_that_is_lost_on_the_way_keeps_nothing(cache, django, project):
    with mock.patch.object(VersionReader, "read", side_effect=chain([1], repeat(None))):
        assert Answer(cache, "/projects/").status == 200
    assert cache.pages.size == 0


def test_a_cache_without_room_is_no_cache(django, settings):
    settings.PAGE_CACHE_BYTES = 0
    assert page_cache.with_page_cache(django) is django
    settings.PAGE_CACHE_BYTES = 1000
    assert isinstance(page_cache.with_page_cache(django), PageCache)
