"""A running site with readers and staff, whose processes and database can fail on demand."""

import http.client
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Thread
from typing import NamedTuple
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
from tests.support.forms import read_form

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


Form = dict[str, list[str]]
TOKEN = {"csrfmiddlewaretoken": ["a" * 32]}
CSRF_COOKIE = f"csrftoken={'a' * 32}"


class Answer(NamedTuple):
    status: int
    text: str
    headers: dict[str, str]
    seconds: float

    def is_page_or_promise(self) -> bool:
        """A page, or 503 with the time of the next attempt."""
        return self.status == 200 or (self.status == 503 and "retry-after" in self.headers)


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
        self.server.wait(60)

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

    def ask(self, address: str, form: Form | None = None, staff: bool = False) -> Answer:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        headers = {"Cookie": self.cookies} if staff else {}
        body = urlencode(form | TOKEN, doseq=True) if form is not None else None
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
        return f"sessionid={self.session}; {CSRF_COOKIE}"

    def save(self, record: int, word: str) -> Answer:
        """Add a word to the summary of a project, as staff do in the form."""
        page = self.ask(address_of(record), staff=True)
        if page.status != 200:
            return page
        return self.ask(address_of(record), with_word(page, word), staff=True)

    def words(self, record: int) -> set[str]:
        page = self.ask(address_of(record), staff=True)
        assert page.status == 200, (page.status, page.text[:500])
        return set(with_word(page, "")["summary"][0].split())

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


def with_word(page: Answer, word: str) -> Form:
    """The fields of the form of a project, with one more word in its summary."""
    form = read_form(page.text)
    return form | {"summary": [f"{form['summary'][0].strip()} {word}"]}


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


# What readers and staff may get while something fails


def only_pages(found: list[Answer]) -> None:
    wrong = [answer for answer in found if not answer.is_page_or_promise()]
    assert not wrong, f"{statuses(found)}: {wrong[0].text[:200]}"


def sentence(answer: Answer) -> None:
    assert answer.status == 503, answer.status
    assert "Nothing was saved" in answer.text, answer.text[:500]


def outage(site: Site, fault: AbstractContextManager[None], seconds: float) -> str:
    """Readers get pages or 503, staff a sentence, static files and health answer at once."""
    for address in ["/", "/projects/"]:
        site.ask(address)
    with site.readers(addresses=["/", "/projects/", "/calls/", "/projects/?q=river"]) as found:
        with fault:
            end = time.monotonic() + seconds
            time.sleep(1.5)
            sentence(site.ask("/admin/", staff=True))
            while time.monotonic() < end:
                for address in ["/static/psf/site.css", "/healthz"]:
                    answer = site.ask(address)
                    assert answer.status == 200, (address, answer.status)
                    assert answer.seconds < 3, (address, answer.seconds)
                time.sleep(0.5)
            ready = site.ask("/readyz")
            assert ready.status == 503, (ready.status, ready.text)
        recovered = site.wait_until_ready(20)
    only_pages(found)
    time.sleep(2)  # both workers have noticed that the database is back
    saved = site.save(site.records[0], "after")
    assert saved.status == 302, (saved.status, saved.text[:500])
    return f"{statuses(found)}; ready again after {recovered:.1f} s"
