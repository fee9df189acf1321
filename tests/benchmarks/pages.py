"""CPU milliseconds of one request in one process, for `tests.benchmarks`. Prints JSON.

`pages ours` measures each page without the page cache: warm, and first after an edit of one
project. `pages stock` measures Django's own admin with the same records. `pages flat FILE` writes
the public projects as one table for Datasette.
"""

import json
import sqlite3
import statistics
import sys
import time
from unittest import mock

import django
from django.conf import settings

django.setup()

from django.contrib import admin  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402

from partners.models import Partner  # noqa: E402
from projects.models import Call, Partnership, Project  # noqa: E402
from psf.caching import data_version  # noqa: E402
from psf.search.index import update_indexes  # noqa: E402
from tests.support.accounts import form_data  # noqa: E402

WARM, EDITS, PARTNERS = 15, 7, 10
# Changes of public projects, which have as many versions.
CHANGES, CHANGED = 1600, 400
FORM = "admin: form of a project, 10 partners"
TEMPLATES = {
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
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
site = admin.AdminSite()


class PartnershipInline(admin.TabularInline):
    model = Partnership
    raw_id_fields = ["partner"]


@admin.register(Project, site=site)
class ProjectAdmin(admin.ModelAdmin):
    list_display = ["reference", "title", "call", "status", "amount_eur"]
    list_filter = ["call", "status"]
    list_select_related = ["call"]
    search_fields = ["reference", "title", "summary", "partnerships__partner__name"]
    inlines = [PartnershipInline]


site.register([Call, Partner])
urlpatterns = [path("admin/", site.urls)]

# The clock of the data version. Each edit moves it, so the next request reads the version once.
clock = [time.monotonic()]
readers, staff = Client(), Client()


def prepare() -> None:
    """An account, a project with ten partners, and a history of some years."""
    User.objects.create_superuser("benchmark")
    project = Project.objects.earliest("pk")
    while (count := project.partnerships.count()) < PARTNERS:
        partner = Partner.objects.exclude(partnerships__project=project).earliest("pk")
        project.partnerships.create(partner=partner, country=partner.country, position=count)
    keys = [*Project.objects.public().order_by("pk").values_list("pk", flat=True)[:CHANGED]]
    for number in range(CHANGES):
        Project.objects.filter(pk=keys[number % len(keys)]).update(acronym=f"EDIT{number}")


def pages() -> dict[str, str]:
    """The addresses of the measured pages by name."""
    projects = Project.objects.public().order_by("pk")
    partners = Partner.objects.annotate(parts=Count("partnerships")).order_by("-parts", "pk")
    form = f"/admin/projects/project/{Project.objects.earliest('pk').pk}/change/"
    return {
        "home": "/",
        "list of projects": "/projects/",
        "list: country and status": "/projects/?country=se&status=running",
        "list: last page": f"/projects/?page={(projects.count() + 24) // 25}",
        "search: broad word": "/projects/?q=sea",
        "search: rare word": "/projects/?q=phytobenthos",
        "project": f"/projects/{projects[projects.count() // 2].slug}/",
        "organisation with many projects": f"/partners/{partners[10].slug}/",
        "list of partners": "/partners/",
        "country": "/countries/se/",
        "list of countries": "/countries/",
        "list of calls": "/calls/",
        "figures": "/figures/",
        "timeline": "/timeline/",
        "country sheet": "/countries/se/sheet/",
        "public changes": "/changes/",
        "admin: first page": "/admin/",
        "admin: list of projects": "/admin/projects/project/",
        "admin: search": "/admin/projects/project/?q=sea",
        FORM: form,
    }


def cost(address: str, data: dict[str, object] | None = None) -> float:
    client = staff if address.startswith("/admin/") else readers
    begin = time.process_time()
    response = client.post(address, data) if data else client.get(address)
    used = time.process_time() - begin
    assert response.status_code == (302 if data else 200), (address, response.content[:2000])
    return used * 1000


def cost_after_edit(address: str) -> float:
    project = Project.objects.public().latest("pk")
    project.title = f"Edited {time.time_ns()}"
    project.save()
    update_indexes()  # as at the end of the request of staff
    clock[0] += data_version.MAX_AGE_SECONDS
    return cost(address)


def cost_of_saving(form: str) -> float:
    return cost(form, form_data(staff.get(form), internal_note=f"Changed at {time.time_ns()}"))


def measured(found: dict[str, str]) -> dict[str, list[float]]:
    """The cost of each page warm and after an edit, and of saving the form."""
    costs = {}
    for name, address in found.items():
        cost(address)
        warm = statistics.median(cost(address) for _ in range(WARM))
        costs[name] = [warm, statistics.median(cost_after_edit(address) for _ in range(EDITS))]
    form = next(address for address in found.values() if address.endswith("/change/"))
    costs["admin: saving this form"] = [statistics.median(cost_of_saving(form) for _ in "abcde")]
    return costs


def write_flat_file(name: str) -> None:
    columns = ["pk", "call__slug", "title", "summary", "status"]
    rows = Project.objects.public().values_list(*columns)
    with sqlite3.connect(name) as database:
        database.execute(
            "CREATE TABLE projects (id INTEGER PRIMARY KEY, call, title, summary, status)"
        )
        database.executemany("INSERT INTO projects VALUES (?, ?, ?, ?, ?)", rows)
        database.execute(
            "CREATE VIRTUAL TABLE projects_fts USING fts5(title, summary, content='projects')"
        )
        database.execute("INSERT INTO projects_fts (projects_fts) VALUES ('rebuild')")


def main() -> None:
    settings.ALLOWED_HOSTS = ["*"]
    match sys.argv[1:]:
        case ["flat", file]:
            return write_flat_file(file)
        case ["addresses"]:
            prepare()
            found: object = [page for page in pages().values() if not page.startswith("/admin/")]
        case [kind]:
            staff.force_login(User.objects.get(username="benchmark"))
            found = pages()
            if kind == "stock":
                settings.ROOT_URLCONF, settings.TEMPLATES = __name__, [TEMPLATES]
                settings.MIDDLEWARE = MIDDLEWARE
                found = {name: at for name, at in pages().items() if name.startswith("admin:")}
            else:
                import psf.wsgi  # noqa: F401 (loads the addresses as the server does)
            with mock.patch("psf.caching.data_version.monotonic", lambda: clock[0]):
                found = measured(found)
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
