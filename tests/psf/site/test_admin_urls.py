"""The staff pages are loaded at their first request. Each test starts a new process."""

import os
import sqlite3
import sys
from contextlib import closing

import pytest

from tests.support.processes import run
from tests.test_repository import BASE

START = """
import sys
from django.test import RequestFactory
from psf.wsgi import application

def status_of(address, host="127.0.0.1"):
    started = []
    request = RequestFactory().get(address, headers={"host": host})
    b"".join(application(request.environ, lambda status, headers: started.append(status)))
    return int(started[0][:3])

def is_loaded():
    return "psf.urls" in sys.modules
"""

READERS = """
assert "projects.pages.views" in sys.modules
for address, status in {
    "/about/": 200,
    "/administration/": 404,
    "/about/?q=%00": 400,
    "/projects/?page=x": 404,
}.items():
    assert status_of(address) == status, address
    assert not is_loaded(), address
assert status_of("/about/", "evil.example") == 400
assert not is_loaded(), "a host that is not allowed"
assert status_of("/admin") == 301
"""

NAMED = """
from django.conf import settings
from django.urls import NoReverseMatch, reverse

assert reverse("home", settings.PUBLIC_URLCONF) == "/"
assert not is_loaded()
assert reverse("admin:projects_call_add") == "/admin/projects/call/add/"
try:
    reverse("projects_call_add")
except NoReverseMatch:
    sys.exit()
sys.exit("A page of staff has a name outside of theirs.")
"""

AT_ONCE = """
from threading import Barrier, Thread

together, answers = Barrier(4, timeout=60), []

def ask():
    together.wait()
    answers.append(status_of("/admin/projects/call/"))

threads = [Thread(target=ask) for _thread in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert answers == [302] * 4, answers
"""

CHECKED = """
from django.contrib import admin
from django.contrib.admin import checks
from django.core.checks import run_checks

assert not is_loaded()
errors = run_checks(tags=["admin"])
assert errors == [], errors
assert is_loaded()
from projects.models import Call
admin.site.get_model_admin(Call).list_display = ["nosuch"]
assert [error.id for error in run_checks(tags=["admin"])] == ["admin.E108"]
"""


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(READERS, id="readers load none"),
        pytest.param(NAMED, id="a name loads them"),
        pytest.param(AT_ONCE, id="four threads at the same time"),
        pytest.param(CHECKED, id="the check loads them"),
    ],
)
def test_staff_pages_are_loaded_when_they_are_needed(script, tmp_path):
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as database:
        database.execute("CREATE TABLE psf_dataversion (value bigint)")
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        # As a worker does, it takes the database that is named here.
        "PYTEST_XDIST_WORKER": "gw0",
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
    }
    done = run([sys.executable, "-c", START + script], cwd=BASE, env=env)
    assert done.returncode == 0, done.stderr
