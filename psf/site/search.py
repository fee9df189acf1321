"""The search in everything that readers may see, with the results by kind."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, partial
from itertools import chain, starmap
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _, ngettext
from django.views.decorators.http import require_safe

from partners.models import CountryName, Partner
from partners.pages.countries import public_countries
from partners.pages.list_index import load_partner_rows, partners_by_name, public_partner_sets
from partners.search import PARTNERS
from projects.list_index.facet_sets import public_calls, public_sets
from projects.list_index.index import frequent_topics, ordered_pages
from projects.models import Priority, Project, Topic
from projects.pages.open_call import open_calls
from projects.search import PROJECTS
from psf.database.keysets import union
from psf.http import errors
from psf.http.requests import accepts_parameters
from psf.lists.ordering import OrderedPages
from psf.search.document import Field, spelled_words, words
from psf.search.highlight import Marker, explain
from psf.search.index import Index, read_texts
from psf.search.query import (
    MAX_TEXT_LENGTH,
    MIN_WORD_LENGTH,
    Query,
    parse_query,
    suggest_queries,
    with_one_word_less,
)
from psf.search.ranking import matching_keys

CANDIDATES, RESULTS = 25, 10  # records of an index that are compared by name, and shown
# The kinds of results. Of two with equally close names the first comes first.
KINDS = {
    "countries": _("Countries"),
    "topics": _("Topics"),
    "calls": _("Calls"),
    "projects": _("Projects"),
    "partners": _("Organisations"),
    "pages": _("Pages"),
}
# The pages of the site, with other words for what they are about.
PAGES = [
    ("projects:project-list", _("Funded projects"), _("all projects, list of projects")),
    ("projects:results", _("Results"), _("outputs, publications, stories, what came of it")),
    ("projects:call-list", _("Calls"), _("calls for proposals, deadlines, call archive")),
    ("partners:partner-list", _("Organisations"), _("partners, beneficiaries, participants")),
    ("partners:country-list", _("Countries"), _("member states, observers, membership")),
    ("figures:overview", _("Figures"), _("statistics, charts, success rate, who works with whom")),
    ("figures:timeline", _("The facility on one page"), _("timeline, poster, history, map")),
    ("figures:compare", _("Compare"), _("comparison, side by side")),
    ("data", _("Data"), _("downloads, open data, spreadsheet, CSV, Excel, JSON, API, licence")),
    ("changes", _("Changes"), _("corrections, updates, what is new")),
    (
        "projects:apply",
        _("Apply"),
        _("how to apply, who can apply, eligibility, deadline, guidelines"),
    ),
    ("about", _("About the facility"), _("contact, e-mail, address, secretariat")),
    ("accessibility", _("Accessibility"), _("screen reader, keyboard, WCAG")),
    ("privacy", _("Privacy"), _("personal data, data protection, GDPR, cookies")),
]


class Closeness(IntEnum):
    """How close the closest name of a record is to a search."""

    EXACT = 0
    WORDS = 1  # it has them, or words that begin with them
    ELSEWHERE = 2  # other texts of the record have the words


class Result(NamedTuple):
    """A row: the marked title, and the marked other name that was searched, or ""."""

    closeness: Closeness
    title: SafeString
    also: SafeString
    url: str
    note: str
    record: Any


@dataclass(frozen=True)
class ResultGroup:
    """The closest results of a kind, and the number of all."""

    kind: str
    number: int
    results: list[Result]

    def label(self) -> str:
        return str(KINDS[self.kind])


class SearchEntry(NamedTuple):
    """A record without an index, by the names under which it is found, its title first."""

    kind: str
    url: str
    names: list[str]
    note: str = ""
    text: str = ""


class NameComparison:
    """Compares names of records with a search."""

    def __init__(self, query: Query) -> None:
        self.query, self.marker = query, Marker(query.required)
        self.typed = {*spelled_words(" ".join(term.typed for term in query.required))}

    def closeness(self, name: str) -> Closeness:
        if self.typed & {*spelled_words(name)}:
            return Closeness.EXACT
        return Closeness.WORDS if self.has_all(name) else Closeness.ELSEWHERE

    def has_all(self, text: str) -> bool:
        excluded = self.query.excluded and Marker(self.query.excluded).spans(text)
        return not excluded and self.marker.passage(text).term_count() == len(self.query.required)

    def result(
        self, names: list[str], url: str, note: str, record: Project | Partner | None = None
    ) -> Result:
        """The row of a record; the title is the first of its names."""
        closest = min(names, key=self.closeness)
        marked = [self.marker.passage(name).marked() for name in [names[0], closest]]
        also = marked[1] if closest != names[0] else SafeString("")
        return Result(self.closeness(closest), marked[0], also, url, note, record)


def _group(kind: str, results: list[Result], number: int = 0) -> ResultGroup:
    """The closest of `number` records, whose list has the others; or else all results."""
    closest = sorted(results, key=lambda result: result.closeness)
    return ResultGroup(kind, number or len(results), closest[:RESULTS] if number else closest)


class Search:
    """What readers may find, read once for one request."""

    def __init__(self) -> None:
        self.projects, self.numbers = public_sets(), public_partner_sets()["number"]
        self.partners = union(self.numbers.values())

    def groups(self, query: Query) -> list[ResultGroup]:
        """The results by kind, the kind with the closest name first."""
        groups = {group.kind: group for group in self._found(query) if group.results}
        in_order = [groups[kind] for kind in KINDS if kind in groups]
        return sorted(in_order, key=lambda group: group.results[0].closeness)

    def _found(self, query: Query) -> Iterator[ResultGroup]:
        yield from self._entry_groups(query)
        keys = matching_keys(PROJECTS, query, self.projects.everything, ranked=True)
        rows = ordered_pages(keys, "newest")[0:CANDIDATES]
        results = compared(query, PROJECTS, rows, [Field.TITLE])
        yield _group("projects", results, union(keys).bit_count())
        keys = matching_keys(PARTNERS, query, self.partners, ranked=True)
        load = partial(load_partner_rows, self.numbers)
        rows = OrderedPages(keys, partners_by_name(), load)[0:CANDIDATES]
        results = compared(query, PARTNERS, rows, [Field.TITLE, Field.NAMES])
        yield _group("partners", results, union(keys).bit_count())

    def _entry_groups(self, query: Query) -> Iterator[ResultGroup]:
        comparison, results = NameComparison(query), defaultdict[str, list[Result]](list)
        for kind, url, names, note, text in self.entries:
            if comparison.has_all(" ".join([*names, text])):
                results[kind].append(comparison.result(names, url, note))
        return starmap(_group, results.items())

    def matches(self, query: Query) -> bool:
        """Whether anything has the words."""
        return (
            any(matching_keys(PROJECTS, query, self.projects.everything))
            or any(matching_keys(PARTNERS, query, self.partners))
            or any(self._entry_groups(query))
        )

    def nearest(self, query: Query) -> tuple[Query, list[ResultGroup]]:
        """The first similar search with results: in another spelling, then with fewer words."""
        names = words(" ".join(name for entry in self.entries for name in entry.names))
        more_words = {word for word in names if len(word) >= MIN_WORD_LENGTH and word.isalpha()}
        terms = [term for term in query.required if self.matches(Query([term], []))]
        similar = chain(
            suggest_queries(query, self.matches, more_words),
            [query._replace(required=terms)] if terms else [],
        )
        for variant in similar:
            if groups := self.groups(variant):
                return variant, groups
        shorter = [(variant, self.groups(variant)) for variant in with_one_word_less(query)]
        return max(shorter, key=lambda found: total_of(found[1]), default=(query, []))

    @cached_property
    def entries(self) -> list[SearchEntry]:
        """The countries, topics, calls and pages."""
        return [*self._countries(), *self._topics(), *_calls(), *_pages()]

    def _countries(self) -> Iterator[SearchEntry]:
        countries, names = public_countries(), defaultdict[str, list[str]](list)
        rows = CountryName.objects.filter(country__in=[country.code for country in countries])
        for code, text in rows.order_by("text", "pk").values_list("country", "text"):
            names[code].append(text)
        for country in countries:
            own = [country.name, country.code, *names[country.code]]
            note = _projects(country.number_of_projects)
            yield SearchEntry("countries", country.get_absolute_url(), own, note)

    def _topics(self) -> Iterator[SearchEntry]:
        models: dict[str, Any] = {"topic": Topic, "priority": Priority}
        for facet, model in models.items():
            for row in model.objects.filter(pk__in=[*self.projects.values[facet]]).order_by("name"):
                url = f"{reverse('projects:project-list')}?{facet}={row.slug}"
                note = _projects(self.projects.of(facet, row.pk).bit_count())
                yield SearchEntry("topics", url, [row.name], note)


def _calls() -> Iterator[SearchEntry]:
    for call in public_calls():
        text = f"{call.summary} {call.description} {call.slug.replace('-', '')}"
        yield SearchEntry("calls", call.get_absolute_url(), [call.title], call.summary, text)


def _pages() -> Iterator[SearchEntry]:
    for name, title, other_words in PAGES:
        yield SearchEntry("pages", reverse(name), [str(title), *str(other_words).split(", ")])


def _projects(number: int) -> str:
    return ngettext("%(num)s project", "%(num)s projects", number) % {"num": number}


def total_of(groups: Iterable[ResultGroup]) -> int:
    return sum(group.number for group in groups)


def compared(query: Query, index: Index, rows: list[Any], fields: list[Field]) -> list[Result]:
    """The rows, compared by their texts in these fields of the index."""
    comparison, names = NameComparison(query), {row.pk: [str(row)] for row in rows}
    for record, _field, text in sorted(read_texts(index, [*names], fields)):
        names[record].append(text)
    return [
        comparison.result(names[row.pk], row.get_absolute_url(), _note(row), row) for row in rows
    ]


def _note(row: Project | Partner) -> str:
    """What a row of an organisation says; projects have rows of their own."""
    if isinstance(row, Project):
        return ""
    return f"{row.country} · {_projects(row.number_of_projects)}"


@require_safe
@accepts_parameters("q")
def search_page(request: HttpRequest, parameters: QueryDict) -> HttpResponse:
    """The results for the words of the address, or else those of the nearest search."""
    typed = parameters.get("q", "")[: MAX_TEXT_LENGTH + 1].strip()
    query = used = parse_query(typed)
    groups: list[ResultGroup] = []
    if query.required:
        search = Search()
        groups = search.groups(query)
        if not groups:
            used, groups = search.nearest(query)
    projects = [row.record for group in groups for row in group.results if group.kind == "projects"]
    explain(projects, used.text(), PROJECTS)
    context = {
        "typed": typed,
        "query": query,
        "used": used.text(),
        "groups": groups,
        "total": total_of(groups),
        "topics": [] if groups else frequent_topics(),
    }
    return render(request, "search.html", context)


# The address of a record, by which a reader looks for it.
RECORD = re.compile(r"/(projects|calls|partners|countries)/([a-z0-9-]{2,100})/")
ONE_DIGIT = re.compile(r"\b[0-9]\b")  # PSF-2019-3 is PSF-2019-03


def near(path: str) -> dict[str, Any]:
    """The words of the address of a missing record, the nearest public record, and open calls.

    A record of the kind in the address comes first.
    """
    address = RECORD.fullmatch(path)
    if not address:
        return {}
    searched, search = address[2].replace("-", " "), Search()
    query = parse_query(ONE_DIGIT.sub(r"0\g<0>", searched))
    if not query.required:
        return {}
    groups = search.groups(query) or search.nearest(query)[1]
    groups = sorted(groups, key=lambda group: group.kind != address[1])
    nearest = groups[0].results[0] if groups else None
    return {"searched": searched, "nearest": nearest, "open_now": open_calls}


handler404 = partial(errors.handler404, near=near)
