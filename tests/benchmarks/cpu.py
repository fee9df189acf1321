"""CPU milliseconds of one request in one process. Prints JSON.

    python -m tests.benchmarks.cpu ours|stock ADDRESS...

For each address: the first request of the process, warm, and first after an edit of one project's
title; for the form of a project also saving it. `stock` serves the same records with Django's own
admin: its templates, its middleware, a plain list with filters, and a form with the partners as a
table.
"""

import json
import statistics
import sys
import time
from unittest import mock

import django
from django.conf import settings

django.setup()

ENGINE = "django.template.backends.django.DjangoTemplates"
if sys.argv[1] == "stock":
    settings.ROOT_URLCONF = "tests.benchmarks.stock_admin"
    names = ["template.context_processors.request", "contrib.auth.context_processors.auth"]
    names.append("contrib.messages.context_processors.messages")
    options = {"context_processors": [f"django.{name}" for name in names]}
    settings.TEMPLATES = [{"BACKEND": ENGINE, "APP_DIRS": True, "OPTIONS": options}]
    settings.MIDDLEWARE = [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ]
else:
    import psf.wsgi  # noqa: F401, loads the addresses as the server does

from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402

from projects.models import Project  # noqa: E402
from psf.caching import data_version  # noqa: E402
from psf.search.index import update_indexes  # noqa: E402
from tests.support.accounts import form_data  # noqa: E402

WARM, EDITS = 15, 7
settings.ALLOWED_HOSTS = ["*"]
# The seconds of the clock. Each edit moves it, so the next request reads the data version once.
clock = [time.monotonic()]
readers, staff = Client(), Client()


def cost(address: str, data: dict[str, object] | None = None) -> float:
    client = staff if address.startswith("/admin/") else readers
    begin = time.process_time()
    response = client.post(address, data) if data else client.get(address)
    used = time.process_time() - begin
    assert response.status_code == (302 if data else 200), (address, response.content[:2000])
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


def cost_of_saving(form: str) -> float:
    note = f"Changed at {time.perf_counter()}"
    return cost(form, form_data(staff.get(form), internal_note=note))


def measure(address: str) -> dict[str, float]:
    costs = {
        "first": cost(address),
        "warm": statistics.median(cost(address) for _ in range(WARM)),
        "edited": statistics.median(cost_after_edit(address) for _ in range(EDITS)),
    }
    if address.endswith("/change/"):
        costs["saved"] = statistics.median(cost_of_saving(address) for _ in range(EDITS))
    return costs


def main() -> None:
    staff.force_login(User.objects.get(username="benchmark"))
    with mock.patch("psf.caching.data_version.monotonic", lambda: clock[0]):
        print(json.dumps({address: measure(address) for address in sys.argv[2:]}))  # noqa: T201


main()
