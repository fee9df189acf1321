"""Readers of all public pages beside staff who save. Prints JSON.

`python -m tests.benchmarks.writers FACTS SECONDS`: 16 readers ask again at once, 8 members of staff
open the form of a project and save it every ten seconds. The readers have a process of their own,
so that staff wait for the server alone.
"""

import http.client
import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle
from types import SimpleNamespace
from urllib.parse import quote, urlencode

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402

from projects.models import Project  # noqa: E402
from tests.benchmarks.environment import PORT  # noqa: E402
from tests.benchmarks.processes import HOST  # noqa: E402
from tests.benchmarks.scenarios import PAGES  # noqa: E402
from tests.support.accounts import form_data  # noqa: E402

READERS, WRITERS, PAUSE = 16, 8, 10
TOKEN = "x" * 32
# The milliseconds of waiting, by name of request.
Waits = dict[str, list[float]]


class Visitor:
    """A connection that stays open, and the time of waiting for each answer."""

    def __init__(self, cookie: str = "") -> None:
        self.connection = http.client.HTTPConnection(HOST, PORT, timeout=60)
        self.headers = {"Accept-Encoding": "gzip"} if not cookie else {"Cookie": cookie}
        self.waits: Waits = defaultdict(list)

    def ask(self, name: str, path: str, form: dict[str, object] | None = None) -> bytes:
        begin = time.perf_counter()
        headers = self.headers | (
            {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        )
        body = urlencode(form, doseq=True) if form else None
        self.connection.request("POST" if form else "GET", path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        self.waits[name].append((time.perf_counter() - begin) * 1000)
        assert response.status == (302 if form else 200), (path, response.status, content[:500])
        return content


def read(visitor: Visitor, paths: Iterator[str], ended: threading.Event) -> None:
    while not ended.is_set():
        visitor.ask("read", next(paths))


def write(visitor: Visitor, project: int, delay: float, ended: threading.Event) -> None:
    path = f"/admin/projects/project/{project}/change/"
    while not ended.wait(delay):
        begin = time.perf_counter()
        page = SimpleNamespace(content=visitor.ask("form", path))
        changes = {"internal_note": f"Changed at {begin}", "csrfmiddlewaretoken": TOKEN}
        visitor.ask("save", path, form_data(page, **changes))
        visitor.connection.close()  # the server closes an idle connection after five seconds
        delay = PAUSE - (time.perf_counter() - begin)


def staff_cookie(name: str) -> str:
    user = User.objects.create_superuser(name)
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}; csrftoken={TOKEN}"


def let_run(threads: list[threading.Thread], seconds: int, ended: threading.Event) -> None:
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    ended.set()
    for thread in threads:
        thread.join()


def waits_of_readers(paths: list[str], seconds: int) -> Waits:
    ended = threading.Event()
    visitors = [Visitor() for _reader in range(READERS)]
    threads = [
        threading.Thread(target=read, args=(visitor, cycle(paths[n:] + paths[:n]), ended))
        for n, visitor in enumerate(visitors)
    ]
    let_run(threads, seconds, ended)
    return {"read": [wait for visitor in visitors for wait in visitor.waits["read"]]}


def waits_of_staff(seconds: int) -> Waits:
    ended = threading.Event()
    staff = [Visitor(staff_cookie(f"writer-{number}")) for number in range(WRITERS)]
    projects = Project.objects.order_by("pk").values_list("pk", flat=True)[:WRITERS]
    threads = [
        threading.Thread(target=write, args=(visitor, project, n * PAUSE / WRITERS, ended))
        for n, (visitor, project) in enumerate(zip(staff, projects, strict=True))
    ]
    let_run(threads, seconds, ended)
    return {
        name: [wait for visitor in staff for wait in visitor.waits[name]]
        for name in ["form", "save"]
    }


def share(waits: list[float], part: float) -> float:
    return round(sorted(waits)[int(len(waits) * part)], 1)


def main() -> None:
    facts, seconds = json.loads(sys.argv[1]), int(sys.argv[2])
    values = {name: quote(str(value)) for name, value in facts.items()}
    paths = [page.path.format(**values) for page in PAGES if not page.is_for_staff()]
    with ProcessPoolExecutor(1) as pool:
        reading = pool.submit(waits_of_readers, paths, seconds)
        waits = waits_of_staff(seconds) | reading.result()
    result = {name: [len(own), share(own, 0.5), share(own, 0.95)] for name, own in waits.items()}
    print(json.dumps(result))  # noqa: T201


if __name__ == "__main__":
    main()
