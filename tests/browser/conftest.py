"""A real browser before a running site: its own server, middleware and content policy."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.core.management import call_command
from django.db import connection
from playwright.sync_api import expect, sync_playwright

from tests.browser.visits import visit

# The first has no windows to draw, and takes a quarter less time.
BROWSERS = ["chromium-headless-shell", "chromium", "chromium-browser"]

# It runs as root too, and calls nobody.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, so `make test` can run them without coverage."""
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker("unmeasured")


@pytest.fixture(scope="session")
def browser():
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not executable:
        pytest.skip("Chromium is not installed, so nothing is tried in a browser.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        expect.set_options(timeout=30_000)  # a busy machine is no failure
        # Playwright's event loop runs in this thread, in which Django would refuse the database.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        yield chromium
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        chromium.close()


@pytest.fixture(scope="session")
def loaded_site() -> Iterator[sqlite3.Connection]:
    """The database with the countries and the 2019 call, empty before the first test."""
    with closing(sqlite3.connect(":memory:")) as database:
        yield database


@pytest.fixture
def site(browser, transactional_db, live_server, loaded_site):
    """The address of a site that holds the countries and the 2019 call."""
    if loaded_site.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
        call_command("load_countries")
        call_command("load_sample")
        connection.ensure_connection()
        connection.connection.backup(loaded_site)
    else:
        connection.ensure_connection()
        loaded_site.backup(connection.connection)
    return live_server.url


@pytest.fixture
def reader(browser, site):
    """A page of a reader, who must get no cookie."""
    with visit(browser, site) as page:
        yield page
        assert page.context.cookies() == []


@pytest.fixture
def staff(browser, site):
    """A page of a member of staff."""
    with visit(browser, site) as page:
        yield page
