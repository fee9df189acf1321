"""Other projects of the same partnership, and projects that are like this one.

All are found by indexes, at most so many by each thing in common, so that the page of a project
costs the same however many projects there are.
"""

import heapq
from array import array
from collections import Counter
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    QuerySet,
    Value,
)

from projects.models import ListedPart, Listing, Partnership, Project
from projects.search import PROJECTS
from psf.caching.memo import cached_until_change
from psf.database.prepared import AT, Parameter, Prepared, PreparedForKeys
from psf.search.highlight import words_as_written
from psf.search.tokens import stem, words
from psf.text.languages import foreign_language
from psf.text.urls import slug_url

# Fewer organisations in common are a coincidence; this many are a partnership.
A_PARTNERSHIP = 2
BY_PARTNERS, BY_TOPICS = 40, 150
SHOWN = 5
# A word says something of a project if it is long enough and stands in few titles; of those in
# one title the rarest count.
SHORTEST_WORD, FEW_TITLES = 4, 100
WORDS_ASKED, WORDS_COUNTED = 5, 3
# Words that say nothing of what a project is about, however few projects there are.
EMPTY_WORDS = {*words("about across after against among before between during from into over")}
EMPTY_WORDS |= {*words("project projects that their through towards under using with within")}
EMPTY_WORDS |= {*words("without around baltic region regional")}
# What one thing in common says about how alike two projects are.
PARTNER, TOPIC, WORD = 3, 1, 1

# Where a row says nothing of a word.
NO_STEM = ""

PROJECT = Parameter("project", BigIntegerField())


class Kin(NamedTuple):
    """Another public project, and what it has in common with the one whose page it is.

    `words` are those of both titles, as they stand in the one whose page it is.
    """

    key: int
    title: str
    language: str
    slug: str
    call: str
    closes_at: Any
    partners: int
    topics: int
    words: list[str]

    @property
    def url(self) -> str:
        return slug_url("projects:project-detail", self.slug)

    def weight(self) -> int:
        return PARTNER * self.partners + TOPIC * self.topics + WORD * len(self.words)


class Family(NamedTuple):
    """Earlier and later projects of the same partnership, and other projects like it."""

    earlier: list[Kin]
    later: list[Kin]
    similar: list[Kin]


class Word(NamedTuple):
    """A word of a title, as it is written there and as it is searched; the keys of other titles."""

    written: str
    stem: str
    keys: set[int]


class Links(NamedTuple):
    """Projects that have a topic, and when each got it: a greater number is later.

    The key of a project that is not public is negative.
    """

    links: "array[int]"
    projects: "array[int]"


class Common(NamedTuple):
    """What other projects have in common with one, by their keys: numbers, and the rarest words."""

    partners: dict[int, int]
    topics: dict[int, int]
    words: list[Word]

    def likeness(self) -> Counter[int]:
        """How alike each project is, by its key."""
        found = Counter({key: TOPIC * number for key, number in self.topics.items()})
        for key, number in self.partners.items():
            found[key] += PARTNER * number
        for word in self.words:
            for key in word.keys:
                found[key] += WORD
        return found

    def words_with(self, title: str) -> list[str]:
        """Those that stand in another title."""
        stems = {stem(word) for _written, word in words_as_written(title)} if self.words else set()
        return [word.written for word in self.words if word.stem in stems]


def family_of(project: Project, topics: list[int]) -> Family:
    """`project` comes from `for_page()`; `topics` are the keys of its own.

    Words come from the search index, which follows the titles with the next search: a project
    that it does not know yet is missed, and what is said of a title is true of what it is now.
    """
    common = in_common(project, topics)
    together = {key for key, number in common.partners.items() if number >= A_PARTNERSHIP}
    # Of equally similar projects that which was entered last comes first.
    alike = ((weight, key) for key, weight in common.likeness().items() if key not in together)
    others = [key for _weight, key in heapq.nlargest(SHOWN, alike)]
    kin = [
        Kin(
            key,
            title,
            foreign_language(language),
            slug,
            call,
            closes_at,
            common.partners.get(key, 0),
            common.topics.get(key, 0),
            common.words_with(title),
        )
        for key, title, language, slug, call, closes_at in _told.of([*together, *others])
    ]
    # A word may be gone from a title since the index was told of it.
    return _family([each for each in kin if each.weight()], project.call.closes_at)


def _family(kin: list[Kin], closed: datetime | None) -> Family:
    """Those of the same partnership before and after a call, and of the others the most alike."""
    earlier: list[Kin] = []
    later: list[Kin] = []
    others: list[Kin] = []
    for each in kin:
        if each.partners < A_PARTNERSHIP or not closed or each.closes_at in (None, closed):
            others.append(each)
        else:
            (earlier if each.closes_at < closed else later).append(each)
    return Family(
        sorted(earlier, key=_by_date, reverse=True)[:SHOWN],
        sorted(later, key=_by_date)[:SHOWN],
        heapq.nlargest(SHOWN, others, key=lambda each: (each.weight(), each.key)),
    )


def _by_date(kin: Kin) -> tuple[datetime, int]:
    return kin.closes_at, kin.key


def in_common(project: Project, topics: list[int]) -> Common:
    """What the public projects have in common with this one, the rarest words first."""
    asked = telling_words(project.title)
    given = {f"stem {place}": each for place, each in enumerate(asked)}
    found: dict[str, dict[int, int]] = {NO_STEM: {}, **{each: {} for each in asked}}
    for each, key, number in _sharing(len(asked))(project=project.pk, **given):
        found[each][key] = number
    partners = found.pop(NO_STEM)
    words = [Word(asked[each], each, {*keys}) for each, keys in found.items() if keys]
    rarest = sorted(words, key=lambda word: len(word.keys))[:WORDS_COUNTED]
    return Common(partners, _with_topics(topics, project.pk), rarest)


def telling_words(title: str) -> dict[str, str]:
    """The words of a title that may say what it is about, by their stems, as they are written.

    Of many the longest, which are the rarest as a rule.
    """
    found: dict[str, tuple[int, str]] = {}
    for written, word in words_as_written(title):
        stemmed = stem(word)
        empty = not EMPTY_WORDS.isdisjoint([word, stemmed])
        if len(word) >= SHORTEST_WORD and word.isalpha() and not empty:
            found.setdefault(stemmed, (-len(word), written))
    longest = sorted(found.items(), key=lambda each: each[1][0])[:WORDS_ASKED]
    return {stemmed: written for stemmed, (_length, written) in longest}


@lru_cache
def _sharing(stems: int) -> Prepared:
    """What public projects share with one: a stem of its title or none, their key, a number."""
    return Prepared(lambda: [_by_partners(), *([_by_words(stems)] if stems else [])])


def _by_partners() -> QuerySet:
    """Those that share most organisations with it, and how many."""
    partners = Partnership.objects.filter(project=PROJECT, partner__isnull=False).values("partner")
    parts = ListedPart.objects.public(AT).filter(partner__in=partners).exclude(project=PROJECT)
    number, none = Count("partner", distinct=True), Value(NO_STEM, output_field=CharField())
    counted = parts.order_by().values("project").annotate(stem=none, number=number)
    rows = counted.values_list("stem", "project", "number")
    return rows.order_by("-number", "-project_id")[:BY_PARTNERS]


def _by_words(stems: int) -> QuerySet:
    """Those with one of its words in their title, if that is in few."""
    slots = [Parameter(f"stem {place}", CharField()) for place in range(stems)]
    others = Listing.objects.public(AT).exclude(pk=PROJECT).order_by()
    one = Value(1, output_field=IntegerField())
    return PROJECTS.with_rare_stems(others, slots, FEW_TITLES).values_list("stem", "pk", one)


def _with_topics(topics: list[int], own: int) -> Counter[int]:
    """How many of these topics each public project has, among those that got one of them last."""
    known = newest_with(topics)
    links = sorted(
        chain.from_iterable(zip(*known[topic], strict=True) for topic in topics), reverse=True
    )
    newest = [project for _link, project in links if abs(project) != own][:BY_TOPICS]
    return Counter(project for project in newest if project > 0)


def newest_with(topics: list[int]) -> dict[int, Links]:
    """The projects that were given each of these topics last, which thousands of pages ask.

    One more of each than count: the project whose page it is does not.
    """
    # Pages add to it what they read, which is of its version of the data or of a later one.
    known: dict[int, Links] = cached_until_change("projects by topic", dict)
    if missing := {topic for topic in topics if topic not in known}:
        rows = _given(len(missing))(**{f"topic {n}": key for n, key in enumerate(missing)})
        read = {topic: Links(array("q"), array("q")) for topic in missing}
        for topic, link, project, public in rows:
            read[topic].links.append(link)
            read[topic].projects.append(project if public else -project)
        known |= read
    return known


@lru_cache
def _given(topics: int) -> Prepared:
    return Prepared(lambda: [_by_topic(place) for place in range(topics)])


def _by_topic(place: int) -> QuerySet:
    """The last that were given a topic. Not the public ones alone: all links would be looked at."""
    links = Project.topics.through._default_manager.order_by("-pk")
    public = Listing.objects.public(AT).filter(pk=OuterRef("project"))
    rows = links.filter(topic=Parameter(f"topic {place}", BigIntegerField()))
    return rows.values_list("topic", "pk", "project", Exists(public))[: BY_TOPICS + 1]


@PreparedForKeys
def _told(keys: list[Any]) -> QuerySet:
    """What is said of each of so few projects."""
    fields = ["title", "title_language", "slug", "call__title", "call__closes_at"]
    return Project.objects.public(AT).filter(pk__in=keys).order_by().values_list("pk", *fields)
