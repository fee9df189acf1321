"""Related projects: earlier and later projects of the same partnership, and similar projects.

Every query uses an index and has a limit, and topics and publication come from key sets, so the
cost hardly depends on the number of projects.
"""

import heapq
from collections import Counter
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from django.db.models import Count

from projects.list_index.facet_sets import public_sets
from projects.models import Partnership, Project
from projects.search import PROJECTS
from psf.database.keysets import KeySet, keys_of, keyset, newest_keys, union
from psf.search.document import stem, words
from psf.search.highlight import words_as_written
from psf.text.phrases import foreign_language
from psf.text.slugs import slug_url

# This number of organisations in common makes a partnership.
MIN_PARTNERS = 2
MAX_BY_PARTNERS, MAX_BY_TOPICS = 40, 150
MAX_RELATED = 5
# A word is distinctive if it is long enough and occurs in few titles.
MIN_WORD_LENGTH, MAX_TITLES = 4, 100
MAX_SEARCHED_WORDS, MAX_COMMON_WORDS = 5, 3
# A single word in common says nothing about the subject.
MIN_COMMON_WORDS = 2
# Words that say nothing about the subject of a project.
EMPTY_WORDS = {*words("about across after against among before between during from into over")}
EMPTY_WORDS |= {*words("project projects that their through towards under using with within")}
EMPTY_WORDS |= {*words("without around baltic region regional")}
# The weights of one partner, topic or word in common.
PARTNER_WEIGHT, TOPIC_WEIGHT, WORD_WEIGHT = 3, 1, 1


class RelatedProject(NamedTuple):
    """Another public project with its numbers of partners and topics in common.

    `words` are the words in both titles, as written in the title of the current project.
    """

    key: int
    title: str
    language: str
    slug: str
    call: str
    closes_at: datetime | None
    partners: int
    topics: int
    words: list[str]

    @property
    def url(self) -> str:
        return slug_url("projects:project-detail", self.slug)

    def is_related(self) -> bool:
        return bool(self.partners or self.topics) or len(self.words) >= MIN_COMMON_WORDS

    def weight(self) -> int:
        words = WORD_WEIGHT * len(self.words)
        return PARTNER_WEIGHT * self.partners + TOPIC_WEIGHT * self.topics + words


class RelatedProjects(NamedTuple):
    """Earlier and later projects of the same partnership, and similar projects."""

    earlier: list[RelatedProject]
    later: list[RelatedProject]
    similar: list[RelatedProject]


class TitleWord(NamedTuple):
    """A word of a title as written, its stem, and the keys of projects with it in their title."""

    written: str
    stem: str
    keys: set[int]


class CommonFeatures(NamedTuple):
    """Partners and topics in common by the key of the other project, and the rarest words."""

    partners: dict[int, int]
    topics: dict[int, int]
    words: list[TitleWord]

    def weights(self) -> Counter[int]:
        """The weight of all common features by the key of the other project."""
        weights = Counter({key: TOPIC_WEIGHT * number for key, number in self.topics.items()})
        for key, number in self.partners.items():
            weights[key] += PARTNER_WEIGHT * number
        words = Counter(chain.from_iterable(word.keys for word in self.words))
        for key, number in words.items():
            if key in weights or number >= MIN_COMMON_WORDS:
                weights[key] += WORD_WEIGHT * number
        return weights

    def words_with(self, title: str) -> list[str]:
        """The words that also occur in another title."""
        stems = {stem(word) for _written, word in words_as_written(title)} if self.words else set()
        return [word.written for word in self.words if word.stem in stems]


def related_projects(project: Project, topics: list[int]) -> RelatedProjects:
    """The related projects of a project from `for_page()`; `topics` are the keys of its topics.

    Words come from the search index, which is updated before each search. A project that is not
    indexed yet is missing. The words shown are checked against the current titles.
    """
    common = common_features(project, topics)
    partnership = {key for key, number in common.partners.items() if number >= MIN_PARTNERS}
    # Among equally similar projects the newest record comes first.
    similar = ((weight, key) for key, weight in common.weights().items() if key not in partnership)
    most_similar = [key for _weight, key in heapq.nlargest(MAX_RELATED, similar)]
    fields = ["title", "title_language", "slug", "call__title", "call__closes_at"]
    projects = Project.objects.public().filter(pk__in=[*partnership, *most_similar]).order_by()
    related = [
        RelatedProject(
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
        for key, title, language, slug, call, closes_at in projects.values_list("pk", *fields)
    ]
    # The search index may still have a word that was removed from a title.
    return _group([row for row in related if row.is_related()], project.call.closes_at)


def _group(related: list[RelatedProject], closed: datetime | None) -> RelatedProjects:
    """Split into earlier and later projects of the partnership, and similar projects."""
    earlier: list[tuple[datetime, int, RelatedProject]] = []
    later: list[tuple[datetime, int, RelatedProject]] = []
    similar: list[RelatedProject] = []
    for row in related:
        if row.partners < MIN_PARTNERS or not closed or row.closes_at in (None, closed):
            similar.append(row)
        else:
            assert row.closes_at
            group = earlier if row.closes_at < closed else later
            group.append((row.closes_at, row.key, row))
    return RelatedProjects(
        [row for *_date, row in sorted(earlier, reverse=True)[:MAX_RELATED]],
        [row for *_date, row in sorted(later)[:MAX_RELATED]],
        heapq.nlargest(MAX_RELATED, similar, key=lambda row: (row.weight(), row.key)),
    )


def common_features(project: Project, topics: list[int]) -> CommonFeatures:
    """The features that public projects have in common with this project."""
    partners, sets = _by_partners(project), public_sets()
    written_words = distinctive_words(project.title)
    titles = PROJECTS.rare_words(written_words.values(), MAX_TITLES)
    with_words = {*chain.from_iterable(titles.values())} - {project.pk}
    public = {*keys_of(keyset(with_words) & sets.everything)}
    title_words = [
        TitleWord(written, text, keys)
        for text, written in written_words.items()
        if (keys := public.intersection(titles.get(written, [])))
    ]
    rarest = sorted(title_words, key=lambda word: len(word.keys))[:MAX_COMMON_WORDS]
    with_topics = [sets.of("topic", topic) for topic in topics]
    return CommonFeatures(partners, _with_topics(with_topics, project.pk), rarest)


def distinctive_words(title: str) -> dict[str, str]:
    """By stem: the longest words of a title as written, which are usually the rarest words."""
    by_stem: dict[str, tuple[int, str]] = {}
    for written, word in words_as_written(title):
        stemmed = stem(word)
        empty = not EMPTY_WORDS.isdisjoint([word, stemmed])
        if len(word) >= MIN_WORD_LENGTH and word.isalpha() and not empty:
            by_stem.setdefault(stemmed, (-len(word), written))
    longest = sorted(by_stem.items(), key=lambda item: item[1][0])[:MAX_SEARCHED_WORDS]
    return {stemmed: written for stemmed, (_length, written) in longest}


def _by_partners(project: Project) -> dict[int, int]:
    """The projects with most organisations in common, and the numbers of organisations."""
    partners = {row.partner_id for row in project.partnerships.all()} - {None}
    parts = Partnership.objects.public().filter(partner__in=partners).exclude(project=project)
    counted = parts.order_by().values("project").annotate(number=Count("partner", distinct=True))
    rows = counted.values_list("project", "number")
    return dict(rows.order_by("-number", "-project_id")[:MAX_BY_PARTNERS])


def _with_topics(by_topic: list[KeySet], own: int) -> dict[int, int]:
    """The number of topics by project, of the newest other projects with any of them."""
    newest = newest_keys(union(by_topic) & ~keyset([own]), MAX_BY_TOPICS)
    return {key: sum(projects >> key & 1 for projects in by_topic) for key in newest}
