"""CPU milliseconds of one request in one process. Prints JSON.

    python -m tests.benchmarks.edits ADDRESS...

For each address: warm, and first after an edit of one project's title. With one address also the
first request of the process, without the start of the server.
"""

import json
import statistics
import sys
import time
from unittest import mock

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402

import psf.wsgi  # noqa: E402, F401, loads the addresses as the server does
from projects.models import Project  # noqa: E402
from psf.caching import data_version  # noqa: E402
from psf.search.index import update_indexes  # noqa: E402

WARM, EDITS = 15, 7
settings.ALLOWED_HOSTS = ["*"]
# The seconds of the clock. Each edit moves it, so the next request reads the data version once.
clock = [time.monotonic()]
client = Client()


def cost(address: str) -> float:
    begin = time.process_time()
    response = client.get(address)
    used = time.process_time() - begin
    assert response.status_code == 200, (address, response.status_code)
    return used * 1000


def edit() -> None:
    project = Project.objects.public().latest("pk")
    project.title = f"Edited {time.time_ns()}"
    project.save()
    update_indexes()  # as at the end of the request of staff
    clock[0] += data_version.MAX_AGE_SECONDS


def cost_after_edit(address: str) -> float:
    edit()
    return cost(address)


def measure(address: str) -> dict[str, float]:
    first = cost(address)
    warm = statistics.median(cost(address) for _ in range(WARM))
    edited = statistics.median(cost_after_edit(address) for _ in range(EDITS))
    return {"first": first, "warm": warm, "edited": edited}


def main() -> None:
    addresses = sys.argv[1:]
    if any(address.startswith("/admin/") for address in addresses):
        client.force_login(User.objects.get(username="benchmark"))
    with mock.patch("psf.caching.data_version.monotonic", lambda: clock[0]):
        print(json.dumps({address: measure(address) for address in addresses}))  # noqa: T201


main()
