"""Senders who begin a request and stop, while readers read and staff save."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from select import select
from socket import SHUT_WR, create_connection, socket
from urllib.parse import urlencode

from psf.http.middleware import STRANGERS_AT_ONCE
from tests.benchmarks.processes import HOST
from tests.faults.site import CSRF_COOKIE, TOKEN, Site, address_of, statuses, with_word

SENDERS, WORKERS = 40, 2
FORM = (
    "POST {address} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\nContent-Length: {length}\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}"
)


def slow_senders(site: Site) -> str:
    """40 forms and 40 heads that stop, a made-up session, a form that ends early; HUP."""
    with site.readers() as found:
        with stopped_senders(site):
            others_are_served(site, "slow")
            renew_workers(site)
        with stopped_senders(site) as heads:
            others_are_served(site, "new")
            assert all(head.recv(1) == b"" for head in heads), "A head has no deadline."
        sign_in_again(site)
    assert all(answer.status == 200 for answer in found), statuses(found)
    return statuses(found)


def send(site: Site, text: str) -> socket:
    connection = create_connection((HOST, site.port), timeout=20)
    connection.sendall(text.encode())
    return connection


def form(site: Site, address: str, cookies: str, length: int, body: str = "") -> socket:
    host = f"{HOST}:{site.port}"
    values = {"address": address, "host": host, "cookies": cookies, "length": length, "body": body}
    return send(site, FORM.format(**values))


@contextmanager
def stopped_senders(site: Site) -> Iterator[list[socket]]:
    """Forms and heads that stop; gives the heads. A form without a permit is refused at once."""
    with ExitStack() as stack:
        heads = [
            stack.enter_context(send(site, "GET / HTTP/1.1\r\nHos")) for _sender in range(SENDERS)
        ]
        forms = [
            stack.enter_context(form(site, "/admin/login/", CSRF_COOKIE, 2000))
            for _sender in range(SENDERS)
        ]
        waiting, end = forms, time.monotonic() + 20
        while len(waiting) > WORKERS * STRANGERS_AT_ONCE:
            assert time.monotonic() < end, f"{len(waiting)} forms hold a thread."
            for connection in select(waiting, [], [], 1)[0]:
                assert connection.recv(12) == b"HTTP/1.1 503"
                waiting = [other for other in waiting if other is not connection]
        yield heads


def others_are_served(site: Site, word: str) -> None:
    """Health answers, staff save, and nothing else is saved or read."""
    record = site.records[0]
    assert site.ask("/healthz").status == 200
    saved = site.save(record, word)
    assert saved.status == 302, (saved.status, saved.text[:500])
    made_up = f"sessionid={'a' * 32}; {CSRF_COOKIE}"
    with form(site, "/admin/login/", made_up, 1_000_000) as large:
        assert large.recv(12) == b"HTTP/1.1 413"
    page = site.ask(address_of(record), staff=True)
    body = urlencode(with_word(page, f"cut-{word}") | TOKEN, doseq=True)
    with form(site, address_of(record), site.cookies, len(body) + 500, body) as cut:
        cut.shutdown(SHUT_WR)
        assert cut.recv(12) == b"HTTP/1.1 400"
    words = site.words(record)
    assert word in words
    assert f"cut-{word}" not in words


def renew_workers(site: Site) -> None:
    """HUP; threads that wait for a form do not keep a worker."""
    assert site.server
    former, end = {*site.workers()}, time.monotonic() + 60
    site.server.send_signal(signal.SIGHUP)
    while former & {*site.workers()}:
        assert time.monotonic() < end, "A worker does not end."
        time.sleep(0.1)


def sign_in_again(site: Site) -> None:
    """Once the senders have left, strangers can send forms."""
    end = time.monotonic() + 10
    while site.ask("/admin/login/", {}, staff=False).status == 503:
        assert time.monotonic() < end, "The senders still hold threads."
        time.sleep(0.1)
