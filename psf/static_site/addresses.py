"""Where a public address is in the copy. Files have no query, so some addresses have no place."""

import re
from collections.abc import Collection
from urllib.parse import parse_qsl, quote, unquote, urlencode

LISTS = {"/projects/", "/calls/", "/partners/", "/lead-partners/", "/countries/", "/changes/"}
PROJECTS = "/projects/"
# The filters of the list of projects whose lists are in the copy, one value at a time.
FILTERS = {"call", "country", "priority", "topic"}
VALUE = re.compile(r"[\w-]+", re.ASCII)
# Nobody follows a copy that never changes, and the whole tables have the data of each record. Lists
# in JSON have pages, which need a query.
SITE_FEEDS = {"/feed.atom", "/changes.atom"}
LEFT_OUT = re.compile(
    r"/admin/.*|/healthz|/readyz|/[a-z-]+\.json|/(projects|partners|calls|countries)/[^/]+\.\w+"
)


def path_in_copy(address: str) -> str | None:
    """The path that replaces the address in the copy; None if the copy has no such page."""
    path, _mark, query = address.partition("?")
    if LEFT_OUT.fullmatch(path) or (path.endswith(".atom") and path not in SITE_FEEDS):
        return None
    if not query:
        return path
    if path not in LISTS:
        return None
    pairs = parse_qsl(query, keep_blank_values=True)
    pages = [value for name, value in pairs if name == "page"]
    filters = [(name, value) for name, value in pairs if name != "page"]
    folder = _folder_of_list(path, filters)
    if folder is None or not all(page.isdecimal() for page in pages):
        return None
    number = pages[-1] if pages else "1"
    return folder if number == "1" else f"{folder}page/{number}/"


def _folder_of_list(path: str, filters: Collection[tuple[str, str]]) -> str | None:
    if not filters:
        return path
    ((name, value), *more) = filters
    if more or path != PROJECTS or name not in FILTERS or not VALUE.fullmatch(value):
        return None
    return f"{path}{name}/{value}/"


def file_of(path: str) -> str:
    """The file below the folder of the copy, such as "projects/index.html"."""
    name = unquote(path).lstrip("/")
    return f"{name}index.html" if path.endswith("/") else name


def normalise(address: str) -> str:
    """The address with its parameters in one order, and without a first page."""
    path, _mark, query = address.partition("?")
    pairs = [pair for pair in parse_qsl(query) if pair != ("page", "1")]
    parameters = urlencode(sorted(pairs))
    path = quote(unquote(path), safe="/:@!$&'()*+,;=~.-_")
    return f"{path}?{parameters}" if parameters else path


def pages_before(address: str) -> list[str]:
    """The pages of a list before one of its pages, other than the first; [] for any other page."""
    path, _mark, query = address.partition("?")
    if not query:
        return []
    pairs = parse_qsl(query)
    last = int(dict(pairs).get("page", "1"))
    filters = [pair for pair in pairs if pair[0] != "page"]
    pages = [urlencode([*filters, ("page", str(page))]) for page in range(2, last)]
    return [normalise(f"{path}?{query}") for query in pages]
