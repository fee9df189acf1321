import os
import sys

import pytest
from django.db import connection

from tests.support.factories import make_public_project
from tests.support.processes import environment_with_copy, run
from tests.test_repository import BASE

FIRST_READER = """
from django.core.signals import request_started
from tests.support.wsgi import fetch
from psf.wsgi import application

asked = []
request_started.connect(lambda environ, **signal: asked.append(environ["PATH_INFO"]), weak=False)
for address in ["/", "/projects/", "/changes/", "/calls/"]:
    answer = fetch(application, address)
    assert answer.status == 200
assert b"First project" in fetch(application, "/").body
assert asked == ["/calls/"], asked
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="copies a file")
def test_first_pages_are_there_before_the_first_reader(tmp_path):
    make_public_project(title="First project")
    env = environment_with_copy(tmp_path)
    done = run([sys.executable, "-c", FIRST_READER], cwd=BASE, env=env)
    assert done.returncode == 0, done.stderr


def test_a_wrong_setting_stops_the_server_with_a_sentence():
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "psf.settings", "DEBUG": "yes"}
    done = run([sys.executable, "-c", "import psf.wsgi"], cwd=BASE, env=env)
    assert done.returncode == 1
    assert done.stderr == "DEBUG must be 1 or 0; it is 'yes'.\n"
