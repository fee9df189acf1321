"""A running site with readers and staff, whose processes and database can fail on demand."""

import http.client
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

from tests.benchmarks.processes import (
    BASE,
    HOST,
    answers,
    environment,
    free_port,
    python,
    server_command,
    tree,
)

PUBLIC = [
    "/",
    "/projects/",
    "/calls/",
    "/partners/",
    "/countries/",
    "/figures/",
    "/projects/?q=sea",
]
PREPARE = """
from django.contrib.auth.models import User
from django.test import Client
from projects.models import Call
from tests.support.factories import make_project
user = User.objects.create_superuser("faults", password="only for this run")
client = Client()
client.force_login(user)
projects = [make_project(Call.objects.first()) for number in range(12)]
print(client.cookies["sessionid"].value, *[project.pk for project in projects])
"""


TOKEN = {"csrfmiddlewaretoken": "a" * 32}


class Answer:
    def __init__(self, status: int, text: str, headers: dict[str, str], seconds: float) -> None:
        self.status, self.text, self.headers, self.seconds = status, text, headers, seconds

    def is_page_or_promise(self) -> bool:
        """A page, or 503 with the time of the next attempt."""
        return self.status == 200 or (self.status == 503 and "retry-after" in self.headers)


class Fields(HTMLParser):
    """The fields of the form of a record as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._text: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = values.get("name") or ""
        if tag == "textarea":
            self._text, self.values[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in values:
            self.values[self._select] = values.get("value") or ""
        elif tag == "input" and name and values.get("type") not in ["submit", "file", "checkbox"]:
            self.values[name] = values.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self.values[self._text] += data


class Site:
    """A site with the session of a member of staff, and the keys of projects to save."""

    def __init__(
        self, environment: dict[str, str], log: Path, session: str, records: list[int]
    ) -> None:
        self.port = free_port()
        self.address = f"http://{HOST}:{self.port}"
        self.environment = environment | {"SITE_URL": self.address}
        self.log, self.session, self.records = log, session, records
        self.server: subprocess.Popen[bytes] | None = None

    @classmethod
    def prepare(cls, database: str, folder: Path) -> "Site":
        """A new site in an empty database."""
        env = environment(database) | {
            "STATEMENT_TIMEOUT": "5",
            "MEDIA_ROOT": str(folder / "media"),
            "REQUIRE_MFA": "0",
        }
        python("manage.py", "prepare", env=env)
        session, *keys = python("manage.py", "shell", "-v", "0", "-c", PREPARE, env=env).split()
        log = Path(f"/tmp/faults-{database.partition(':')[0]}.log")
        return cls(env, log, session, [int(key) for key in keys])

    @contextmanager
    def running(self, **environment: str) -> Iterator[None]:
        command, env = server_command(self.port), self.environment | environment
        with self.log.open("wb") as log:
            self.server = subprocess.Popen(command, cwd=BASE, env=env, stdout=log, stderr=log)
        try:
            self.wait_until_ready(60)
            yield
        finally:
            self.stop()

    def stop(self) -> None:
        assert self.server
        self.server.terminate()
        self.server.wait(20)

    def workers(self) -> list[int]:
        assert self.server
        return [pid for pid in tree(self.server.pid) if pid != self.server.pid]

    def wait_until_ready(self, seconds: float) -> float:
        """The seconds until the site is ready."""
        began = time.monotonic()
        while not answers(f"{self.address}/readyz"):
            if time.monotonic() - began > seconds:
                raise AssertionError(f"The site is not ready after {seconds} seconds.")
            time.sleep(0.1)
        return time.monotonic() - began

    def ask(self, address: str, form: dict[str, str] | None = None, staff: bool = False) -> Answer:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        headers = {"Cookie": self.cookies} if staff else {}
        body = urlencode(form | TOKEN) if form is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.monotonic()
        try:
            connection.request("GET" if body is None else "POST", address, body, headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
            fields = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, text, fields, time.monotonic() - began)
        except OSError as error:
            return Answer(0, str(error), {}, time.monotonic() - began)
        finally:
            connection.close()

    @property
    def cookies(self) -> str:
        return f"sessionid={self.session}; csrftoken={TOKEN['csrfmiddlewaretoken']}"

    def save(self, record: int, word: str) -> Answer:
        """Add a word to the summary of a project, as staff do in the form."""
        page = self.ask(address_of(record), staff=True)
        if page.status != 200:
            return page
        return self.ask(address_of(record), with_word(page, word), staff=True)

    def words(self, record: int) -> set[str]:
        page = self.ask(address_of(record), staff=True)
        assert page.status == 200, (page.status, page.text[:500])
        return set(with_word(page, "")["summary"].split())

    @contextmanager
    def readers(self, number: int = 4, addresses: list[str] = PUBLIC) -> Iterator[list[Answer]]:
        """Readers who ask until the block ends; their answers."""
        found: list[Answer] = []
        going = [True]

        def read(place: int) -> None:
            while going:
                found.append(self.ask(addresses[place % len(addresses)]))
                place += 1
                time.sleep(0.05)

        threads = [Thread(target=read, args=(place,)) for place in range(number)]
        for thread in threads:
            thread.start()
        try:
            yield found
        finally:
            going.clear()
            for thread in threads:
                thread.join()

    def kill_a_worker(self) -> None:
        if workers := self.workers():
            os.kill(workers[0], signal.SIGKILL)


def address_of(record: int) -> str:
    return f"/admin/projects/project/{record}/change/"


def with_word(page: Answer, word: str) -> dict[str, str]:
    """The fields of the form of a project, with one more word in its summary."""
    fields = Fields()
    fields.feed(page.text)
    return fields.values | {"summary": f"{fields.values['summary'].strip()} {word}"}


def at_once(number: int, action: Callable[[int], None]) -> None:
    threads = [Thread(target=action, args=(place,)) for place in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def statuses(found: list[Answer]) -> str:
    counts = Counter(answer.status for answer in found)
    slowest = max((answer.seconds for answer in found), default=0)
    numbers = ", ".join(f"{number} × {status}" for status, number in sorted(counts.items()))
    return f"{numbers}; slowest {slowest:.1f} s"
