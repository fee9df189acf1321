"""Static files are sent as by WhiteNoise, although not all are examined at the start."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from whitenoise.middleware import WhiteNoiseMiddleware

from psf.http.middleware import StaticFiles

KINDS = [
    {},
    {"accept-encoding": "gzip"},
    {"accept-encoding": "br, gzip"},
    {"range": "bytes=2-3"},
    {"if-modified-since": "Sun, 06 Nov 2095 08:49:37 GMT"},
]
NO_FILES = [
    "/static/",
    "/static/css",
    "/static/css/",
    "/static/nosuch.css",
    "/static/css/base.css.gz",
    "/static/css/base.css/",
    "/static//css/base.css",
    "/static/./css/base.css",
    "/static/../secret.txt",
    "/static/css/../../secret.txt",
    "/static/..\\secret.txt",
    "/static//etc/passwd",
    "/static/%00",
    f"/static/{'a' * 5000}",
    "/css/base.css",
    "/statics/css/base.css",
]


@pytest.fixture
def folder(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    (settings.STATIC_ROOT / "css").mkdir(parents=True)
    for name, body in {"base.css": "a" * 50, "base.css.gz": "b" * 5, "other.br": "c" * 9}.items():
        (settings.STATIC_ROOT / "css" / name).write_text(body)
    (tmp_path / "secret.txt").write_text("secret")


def django(request):
    return HttpResponse("not a file", status=404)


def answer(middleware, address, method="get", headers=None):
    request = getattr(RequestFactory(), method)(address, headers=headers)
    response = middleware(request)
    body = b"".join(response)
    for close in response._resource_closers:  # not the response: that is the end of a request
        close()
    return response.status_code, dict(response.headers), body


@pytest.mark.parametrize("address", ["/static/css/base.css", "/static/css/other.br"])
@pytest.mark.parametrize("headers", KINDS, ids=str)
def test_a_file_is_sent_as_whitenoise_sends_it(folder, address, headers):
    ours, theirs = StaticFiles(django), WhiteNoiseMiddleware(django)
    for method in ["get", "head", "get"]:
        sent = answer(ours, address, method=method, headers=headers)
        assert sent == answer(theirs, address, method=method, headers=headers)
        assert sent[0] in [200, 206, 304]


@pytest.mark.parametrize("address", NO_FILES)
def test_an_address_without_a_static_file_goes_to_django(folder, address):
    ours = StaticFiles(django)
    assert answer(ours, address)[2] == b"not a file"
    assert ours.files == {}


def test_a_static_file_is_read_once_on_first_request(folder):
    ours = StaticFiles(django)
    assert ours.files == {}
    first = answer(ours, "/static/css/base.css")
    assert list(ours.files) == ["/static/css/base.css"]
    known = ours.files["/static/css/base.css"]
    assert answer(ours, "/static/css/base.css") == first
    assert ours.files["/static/css/base.css"] is known
