"""The export: all public addresses, from the sitemap and from the links of the pages."""

import gc
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple
from wsgiref.types import WSGIApplication

from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from partners.models import Merger, Partner
from projects.models import Call, Decision, Project
from projects.open_data.catalogue import datasets
from psf.caching.data_version import versions
from psf.caching.scheduled_expiry import next_expiry
from psf.database.sql import chunked
from psf.http import errors
from psf.http.in_process_requests import fetch
from psf.site.sitemap import load_pages
from psf.static_site.addresses import file_of, pages_before, path_in_copy
from psf.static_site.files import ExportState, remove_other_files, write_file
from psf.static_site.rewriting import (
    addresses_in_style,
    parts_of_sitemap,
    redirect_page,
    rewrite_page,
)
from psf.text.urls import slug_url

PAGES_AT_ONCE = 50
FORK = get_context("fork")
is_stopped = FORK.RawValue("b", False)  # shared with the processes of an export
GARBAGE_THRESHOLD = 50_000  # new objects before Python looks for garbage
FILES = ["/robots.txt", "/sitemap.xml", "/.well-known/security.txt", "/calls.ics"]
FILES += ["/feed.atom", "/changes.atom"]
ERROR_PAGE = "404.html"

MapGroups = Callable[
    [Callable[[list[str]], list["Copied"]], Iterable[list[str]]], Iterable[list["Copied"]]
]
Report = Callable[[int, int], None]  # the finished and the known addresses


class Copied(NamedTuple):
    """A finished address: its file, "" without one, and the addresses it links to."""

    address: str
    name: str
    links: set[str]


class Export(NamedTuple):
    """The numbers of files, of deleted files, and the addresses that have no page.

    `is_outdated` says that data changed during the export, which may have written earlier pages.
    """

    files: int
    removed: int
    broken: list[str]
    is_outdated: bool


def export_site(folder: Path, processes: int, report: Report, afresh: bool = False) -> Export:
    """Write the public site to a folder, and delete other files there.

    An export that was interrupted continues if no public data changed, unless `afresh` is true.
    """
    folder.mkdir(parents=True, exist_ok=True)
    version = data_version()
    state = ExportState(folder, version, afresh)
    write_file(
        folder, ERROR_PAGE, rewrite_page(errors.page(404).content.decode(), "/404/").text.encode()
    )
    seeds = list(seed_addresses())
    with _workers(processes) as map_groups:
        while waiting := state.waiting(seeds):
            known = len(state.done) + len(waiting)
            groups = chunked(waiting, PAGES_AT_ONCE)
            for rows in map_groups(partial(copy_group, folder), groups):
                state.add(rows)
                report(len(state.done), known)
    names = [name for name in state.done.values() if name]
    removed = remove_other_files(folder, [*names, ERROR_PAGE])
    broken = sorted(address for address, name in state.done.items() if not name)
    return Export(len(names), removed, broken, data_version() != version)


def data_version() -> str:
    """The name of the present state of the public site. It changes at scheduled moments too."""
    return f"{versions.read()} until {next_expiry(timezone.now()).isoformat()}"


def seed_addresses() -> Iterator[str]:
    """The largest files first, so that processes end together, then all pages and tombstones."""
    files = [address for dataset in datasets() for address in dataset.files]
    yield from filter(path_in_copy, files)
    yield from FILES
    yield from (page.address for page in load_pages())
    for slug in Project.objects.unpublished().values_list("slug", flat=True):
        yield slug_url("projects:project-detail", slug)
    for slug in Call.objects.unpublished().values_list("slug", flat=True):
        yield slug_url("projects:call-detail", slug)
    withdrawn = Decision.objects.unpublished().values_list("call__slug", flat=True)
    yield from (reverse("projects:call-announcement", args=[slug]) for slug in withdrawn)
    merged = Merger.objects.in_force().filter(winner__in=Partner.objects.public())
    for slug in merged.values_list("slug", flat=True):
        yield slug_url("partners:partner-detail", slug)


@contextmanager
def _workers(processes: int) -> Iterator[MapGroups]:
    """The function `map`, on several processors if `processes` is more than one.

    The processes live until the end, so each fills its caches once. After an exception they end
    when the pages that they write are finished.
    """
    is_stopped.value = False
    if processes == 1:
        yield map
        return
    # A connection must not be shared with another process.
    connections.close_all()
    versions.close()
    # The collector examines few objects, and seldom: a fifth more pages in the same time.
    gc.freeze()
    with ProcessPoolExecutor(processes, FORK, _start_worker) as pool:
        try:
            yield partial(_map_unordered, pool)
        except BaseException:
            is_stopped.value = True
            raise


def _start_worker() -> None:
    gc.set_threshold(GARBAGE_THRESHOLD)
    # A terminal sends an interrupt to all processes. The first of them ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _map_unordered(
    pool: Executor, copy: Callable[[list[str]], list[Copied]], groups: Iterable[list[str]]
) -> Iterator[list[Copied]]:
    """The results as they are ready: no group waits for a large file in another group."""
    futures = [pool.submit(copy, group) for group in groups]
    try:
        for future in as_completed(futures):
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


@cache
def site() -> WSGIApplication:
    return get_wsgi_application()


def copy_group(folder: Path, addresses: Iterable[str]) -> list[Copied]:
    return [copy_address(folder, address) for address in addresses if not is_stopped.value]


def copy_address(folder: Path, address: str) -> Copied:
    """Write the file of one address."""
    path, answer = path_in_copy(address), fetch(site(), address)
    if path is None or answer.status not in [200, 301, 302, 410]:
        return Copied(address, "", set())
    name, content, links = file_of(path), answer.body, set[str]()
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.status in [301, 302]:
        target = answer.headers["location"]
        content, links = redirect_page(target).encode(), {target}
    elif kind == "text/html":
        page = rewrite_page(content.decode(), address)
        content, links = page.text.encode(), page.addresses
        if "page=" not in address:  # a list links few of its pages, but always the last page
            links = links.union(*map(pages_before, links))
    elif kind == "text/css":
        links = addresses_in_style(content.decode(), address)
    elif kind == "application/xml":
        links = parts_of_sitemap(content.decode())
    write_file(folder, name, content)
    return Copied(address, name, links)
