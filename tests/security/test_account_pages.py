"""Hostile values for every page of sign-in and second factors. None gets a 500."""

from itertools import product

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLResolver

from psf.urls import urlpatterns
from tests.support.accounts import make_account

pytestmark = pytest.mark.django_db
PASSWORD = "a calm sea at dawn"
FIELDS = ["code", "credential", "password", "email", "next", "name", "username", "new_password1"]
VALUES = ["\0", "9" * 5000, "[" * 20_000, "\u202e💣", '{"id": 1}', '{"rawId": []}']
# In the place of a number or a key in an address.
KEYS = {"pk": "9" * 30, "uidb64": "4pyT", "token": "a-b"}


def account_pages():
    """The address of each page, from the resolver: a new page cannot escape."""

    def addresses(patterns, prefix):
        for entry in patterns:
            route = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from addresses(entry.url_patterns, route)
            else:
                yield route

    for route in addresses(urlpatterns[:1], "/"):
        for name, value in KEYS.items():
            route = route.replace(f"<int:{name}>", value).replace(f"<{name}>", value)
        yield route


PAGES = [*account_pages(), "/admin/login/", "/admin/sessions/", "/admin/password_change/"]


def ask(client):
    """The pages and values that got a 500."""
    failures: list[tuple[str, str]] = []
    for page, value in product(PAGES, VALUES):
        cache.clear()
        fields = dict.fromkeys(FIELDS, value)
        answers = [client.post(page, fields), client.post(page, {"credential": value})]
        failures += [(page, value[:20]) for answer in answers if answer.status_code >= 500]
    failures += [(page, "") for page in PAGES if client.get(page).status_code >= 500]
    return failures


def test_every_page_is_asked():
    assert len(PAGES) > 20
    assert not any("<" in page for page in PAGES)


@pytest.mark.sweep
def test_strangers_get_no_error():
    assert ask(Client(raise_request_exception=False)) == []


@pytest.mark.sweep
def test_staff_get_no_error(monkeypatch):
    make_account("Viewer", username="anna", password=PASSWORD)
    client = Client(raise_request_exception=False)
    client.post("/admin/login/", {"username": "anna", "password": PASSWORD})
    client.post("/admin/account/confirm/", {"password": PASSWORD})
    assert client.get("/admin/account/second-factor/webauthn/add/").status_code == 200
    monkeypatch.setattr(f"{__name__}.PAGES", [page for page in PAGES if "logout" not in page])
    assert ask(client) == []
