"""CPU milliseconds of the pages of staff in one process. Prints JSON.

    python -m tests.benchmarks.staff_pages ours|stock PROJECT WORD

`stock` serves the same records with Django's own admin: its templates, its middleware, a plain
list with filters, and a form with the partners as a table.
"""

import json
import statistics
import sys
import time

import django
from django.conf import settings

django.setup()

TIMES = 15
settings.ALLOWED_HOSTS = ["*"]
if "stock" in sys.argv:
    settings.ROOT_URLCONF = "tests.benchmarks.stock_admin"
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ]
    settings.MIDDLEWARE = [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ]
from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402

from tests.support.accounts import form_data  # noqa: E402

client = Client()


def cost(address: str, data: dict[str, object] | None = None) -> float:
    begin = time.process_time()
    response = client.post(address, data) if data else client.get(address)
    used = time.process_time() - begin
    assert response.status_code == (302 if data else 200), (address, response.content[:2000])
    return used * 1000


def save(form: str) -> float:
    note = f"Changed at {time.perf_counter()}"
    return cost(form, form_data(client.get(form), internal_note=note))


def main() -> None:
    _kind, project, word = sys.argv[1:]
    client.force_login(User.objects.get(username="benchmark"))
    form = f"/admin/projects/project/{project}/change/"
    pages = {
        "first page": "/admin/",
        "list of projects": "/admin/projects/project/",
        "search of projects": f"/admin/projects/project/?q={word}",
        "list of calls": "/admin/projects/call/",
        "form of a project, 10 partners": form,
    }
    costs = {
        name: statistics.median(cost(address) for _ in range(TIMES))
        for name, address in pages.items()
    }
    costs["saving this form"] = statistics.median(save(form) for _ in range(TIMES))
    print(json.dumps(costs))  # noqa: T201


main()
