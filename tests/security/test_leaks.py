"""Hidden records leave no trace in totals, search results and caches."""

from io import BytesIO
from itertools import product
from zipfile import ZipFile

import pytest
from django.conf import settings as site_settings
from django.core.wsgi import get_wsgi_application
from django.test import Client

from projects.figures.findings import TABLES
from projects.open_data.selection import DATASETS
from psf.caching.page_cache import PageCache
from psf.history import recording
from psf.history.models import Channel
from tests.support.accounts import client_of
from tests.support.cases import HIDDEN_PROJECTS, soon
from tests.support.factories import (
    make_partner,
    make_partnership,
    make_priority,
    make_project,
    make_public_project,
    make_topic,
)
from tests.support.hidden_records import CANARY, SECRETS, hide_canaries, sent
from tests.support.threads import SameThread

pytestmark = [pytest.mark.django_db, pytest.mark.unmeasured]
LISTS = ["/projects/", "/partners/", "/lead-partners/", "/countries/", "/calls/"]
FIGURES = [
    *["/", "/figures/", "/timeline/", *(f"/figures/{name}.csv" for name in TABLES)],
]
DATA = [
    *[f"/{name}.{suffix}" for name, suffix in product(DATASETS, ["json", "csv"])],
    *[f"/{name}.csv?full=1" for name in DATASETS],
]
STANDARDS = [
    f"/data/{name}" for name in ["360giving-left-out.csv", "360giving.json", "catalog.jsonld"]
]
LOGS = ["/changes/", "/sitemap.xml"]
LOGS += [f"/{name}.atom" for name in ["feed", "changes", "projects", "calls"]]
NOT_PUBLIC = [
    {},
    {"status": "eligible", "requested_eur": 60000},
    {"status": "rejected"},
    {"status": "funded", "amount_eur": 50000, "amount_kind": "awarded"},
    {"status": "funded", "published_at": soon()},
]


@pytest.mark.sweep
def test_hidden_records_change_no_total(client):
    project = make_public_project()
    with recording.change_set(None, channel=Channel.FORM):
        make_partnership(project, make_partner(country="FI"))
    records = [project, project.call, project.lead().partner, project.lead().country]
    addresses = [*LISTS, *FIGURES, *DATA, *STANDARDS, *LOGS]
    addresses += [f"{project.get_absolute_url()}versions/1/"]
    for record in records:
        address = record.get_absolute_url()
        addresses += [address, f"{address[:-1]}.atom", f"{address[:-1]}.json"]
    before = {address: b"".join(client.get(address)) for address in addresses}
    for fields in NOT_PUBLIC:
        hidden = make_project(project.call, title=CANARY, **fields)
        make_partnership(hidden, project.lead().partner, role="lead")
        make_partnership(hidden, make_partner(f"{CANARY} body", country="EE"))
        hidden.priorities.add(make_priority(f"{CANARY} {hidden.pk}"))
        hidden.topics.add(make_topic(f"{CANARY} {hidden.pk}"))
    for address, page in before.items():
        assert b"".join(client.get(address)) == page, address


def test_data_have_no_word_of_hidden_records(client):
    make_public_project()
    hide_canaries()
    addresses = [*DATA, *STANDARDS, *[f"/{name}.xlsx?full=1" for name in DATASETS]]
    for address in addresses:
        content = sent(client.get(address))
        if ".xlsx" in address:
            with ZipFile(BytesIO(client.get(address).getvalue())) as book:
                content = book.read("xl/worksheets/sheet1.xml")
        assert not [secret for secret in SECRETS if secret in content], address


@pytest.mark.parametrize("address", LISTS[:3])
def test_a_hidden_word_is_answered_like_nonsense(client, address):
    make_public_project()
    hide_canaries()
    pages = [client.get(address, {"q": word}).content for word in [CANARY, "XQVZWK"]]
    assert pages[0].replace(CANARY.encode(), b"") == pages[1].replace(b"XQVZWK", b"")


@pytest.mark.parametrize("hidden", ["Harborina", "Harbrr Harbbr Harbar Harbir Harbur Harbor"])
def test_hidden_words_change_no_suggestion(client, hidden):
    project = make_public_project(title="Safe Harbour")
    addresses = [f"/search/?q={words}" for words in ["harbor", "saef+harbor", "harboor"]]
    before = [client.get(address).content for address in addresses]
    assert all(b"Nothing has" in page and b"harbour" in page for page in before)
    make_project(project.call, title=hidden)
    assert [client.get(address).content for address in addresses] == before


@pytest.mark.django_db(transaction=True)
def test_pages_of_staff_are_not_cached_for_readers(settings):
    """With the page cache, as on a server."""
    settings.ALLOWED_HOSTS = ["testserver"]
    hidden = [make() for make in HIDDEN_PROJECTS]
    for project in hidden:
        project.title = CANARY
        project.save()
    addresses = [*LISTS, "/", *LOGS, *(project.get_absolute_url() for project in hidden)]
    cache = PageCache(get_wsgi_application(), 1_000_000, SameThread())
    staff, reader = served_by(cache, client_of("superuser")), served_by(cache, Client())
    for project in hidden:
        page = f"/admin/projects/project/{project.pk}/"
        for name in ["preview", "change", "history"]:
            assert CANARY.encode() in staff(f"{page}{name}/")
    for address in addresses:
        staff(address)
        assert CANARY.encode() not in reader(address), address
    cache.versions.close()


def served_by(application, client):
    """The answer to a browser with the cookies of this client."""
    session = client.cookies.get(site_settings.SESSION_COOKIE_NAME)
    headers = {"HTTP_COOKIE": f"{session.key}={session.value}"} if session else {}

    def page(address):
        environ = client._base_environ(PATH_INFO=address, HTTP_HOST="testserver") | headers
        if not session:
            environ.pop("HTTP_COOKIE", None)
        response = application(environ, lambda status, headers, error=None: None)
        try:
            return b"".join(response)
        finally:
            getattr(response, "close", lambda: None)()

    return page
