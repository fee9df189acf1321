"""The index of one kind of record: what goes into it, how it follows the records, what it finds."""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

from django.apps import apps
from django.db import OperationalError, connection, transaction
from django.db.models import Case, IntegerField, QuerySet, TextField, Value, When
from django.db.models.expressions import RawSQL

from psf.database.bulk_insert import bulk_insert
from psf.database.prepared import Parameter, Prepared
from psf.search import postgresql, sqlite
from psf.search import title_stems as titles
from psf.search.document import Document, Field
from psf.search.query import Query, parse_query
from psf.search.sources import Source, documents_of
from psf.search.triggers import Watch

from .models import SearchNote, SearchWord
from .ranking import RANKS, Found, Question

logger = logging.getLogger(__name__)
Rows = TypeVar("Rows", bound=QuerySet)
Item = TypeVar("Item")

RECORDS_A_CHUNK = 500
# Few enough that the server has something to do while the next ones are made.
DOCUMENTS_A_STATEMENT = 100
# A shorter one has too many neighbours to tell what was meant.
SHORTEST_VOCABULARY = 4


class Index(NamedTuple):
    """The documents of one kind of record.

    Models are named and not imported, so that they can import this: `model` and those of
    `sources`. `countries` is a model with the paths to record and country: a document holds the
    names of its countries in every language. `watches` are the tables to which all that belongs.
    """

    kind: str
    model: str
    sources: list[Source]
    countries: tuple[str, str, str]
    watches: list[Watch]

    @property
    def table(self) -> str:
        return f"psf_search_{self.kind}"

    def __hash__(self) -> int:
        return hash(self.kind)

    # Finding

    def found(self, rows: Rows, text: str) -> Rows:
        """Those of the rows in which all that was typed stands; all of them if that is nothing."""
        query = parse_query(text)
        if not query.is_empty():
            self.follow()
        return self.matching(rows, query)

    def matching(self, rows: Rows, query: Query) -> Rows:
        """The rows that match what the index holds."""
        if query.is_empty():
            return rows
        if not query.wanted:
            return rows.exclude(pk__in=self._keys(engine().unwanted(query)))
        return rows.filter(pk__in=self._keys(engine().condition(query, Field)))

    def best_first(self, rows: Rows, text: str) -> Rows:
        """Rows that were found, by how well they match, then in their own order."""
        query = parse_query(text)
        if not query.wanted:
            return rows
        ranks = [
            When(pk__in=self._keys(engine().condition(query, fields, whole)), then=Value(rank))
            for rank, (fields, whole) in enumerate(RANKS)
        ]
        rank = Case(*ranks, default=Value(len(RANKS)), output_field=IntegerField())
        return rows.order_by(rank, *(rows.query.order_by or rows.model._meta.ordering))

    def _keys(self, condition: str) -> RawSQL:
        return RawSQL(engine().finding(self.table), [condition])

    def found_keys(self, query: Query, within: int, ranked: bool = False) -> Found:
        """Those of a key set (`psf.database.keysets`) that match; `ranked`: the best first.

        `query` asks for something. What was written meanwhile is caught up with.
        """
        if not query.wanted:
            unwanted = self._answer(engine().unwanted(query), []).keys
            return Found(within & ~unwanted)
        ranks = [engine().condition(query, *rank) for rank in (RANKS if ranked else [])]
        return self._answer(engine().condition(query, Field), ranks).within(within)

    def in_groups(self, query: Query) -> Iterator[int]:
        """The keys of what matches, in groups that are asked for one by one, the best first.

        `query` asks for something that must be found; groups without keys are left out.
        """
        seen = 0
        for fields, whole in [*RANKS, ([*Field], False)]:
            keys = self._answer(engine().condition(query, fields, whole), []).keys
            if group := keys & ~seen:
                yield group
            seen |= keys

    def _answer(self, condition: str, ranks: list[str]) -> Found:
        finding = partial(engine().finding, self.table)
        question = Question(self.kind, finding, condition, ranks)
        found, is_old = question.answer()
        if is_old:
            self.follow()
            found, _is_old = question.answer()
        return found

    def follow(self) -> None:
        """Catch up with what others wrote. A reader who cannot write is given what there is."""
        try:
            self.catch_up()
        except OperationalError:
            logger.warning("The search index of %ss could not be brought up to date", self.kind)

    def by_rare_stems(self, rows: QuerySet, stems: list[Parameter], most: int) -> Any:
        """Each of these rows once for each `stem` in its title that stands in no more titles.

        The key of `rows` is that of the record.
        """
        table, meta = f"{self.table}_titles", rows.model._meta
        return rows.extra(
            select={"stem": f"{table}.stem"},
            tables=[table],
            where=[
                f"{table}.record = {meta.db_table}.{meta.pk.column}",
                titles.in_few(self.table, len(stems)),
            ],
            params=[*chain.from_iterable((stem, stem, most) for stem in stems)],
        )

    # Following the records

    def catch_up(self, say: Callable[[int], None] = lambda records: None) -> None:
        """Make the documents anew of which the database noted that they are old.

        Whoever writes much calls this in the same transaction: or the next search does it all.
        `say` is told how many were made, some at a time.
        """
        notes = SearchNote.objects.filter(kind=self.kind)
        learnt: set[str] = set()
        while records := [record for (record,) in _noted(kind=self.kind)]:
            with transaction.atomic():
                # Before the records are read: a later note is of what was not seen yet.
                read = list(notes.filter(record__in=records).values_list("pk", flat=True))
                self.write(records, learnt)
                SearchNote.objects.filter(pk__in=read).delete()
            say(len(records))

    def write(self, records: list[int], learnt: set[str]) -> None:
        """Make the documents of these records from what the records say now.

        Their words join those that were learnt before, in the same run.
        """
        engine().lock(self.table, records)
        documents: list[Document] = []
        for some in _chunks(documents_of(self, records), DOCUMENTS_A_STATEMENT):
            engine().write(self.table, some)
            documents += some
        if gone := {*records} - {document.record for document in documents}:
            engine().remove(self.table, sorted(gone))
        titles.write(self.table, records, documents)
        _learn(documents, learnt)

    def stale(self) -> list[int]:
        """The records whose documents do not say what they should, gone records included.

        What is noted is not wrong: the next search mends it.
        """
        kept, found = engine().digests(self.table), []
        noted = SearchNote.objects.filter(kind=self.kind).values_list("record", flat=True)
        records = sorted({*kept, *self.records().values_list("pk", flat=True)} - {*noted})
        for some in _chunks(records):
            now = {document.record: document.digest() for document in documents_of(self, some)}
            found += [record for record in some if kept.get(record) != now.get(record)]
        return found

    def rebuild(self) -> None:
        """Write all documents into a table that is empty."""
        learnt: set[str] = set()
        for some in _chunks(sorted(self.records().values_list("pk", flat=True))):
            self.write(some, learnt)
        SearchNote.objects.filter(kind=self.kind).delete()
        engine().settle(self.table)

    def records(self) -> QuerySet:
        return apps.get_model(self.model)._base_manager.order_by()

    def without_document(self) -> QuerySet:
        """The records that no search finds, although nothing is noted of them."""
        records, notes = apps.get_model(self.model)._meta, SearchNote._meta.db_table
        # Not by NOT IN: PostgreSQL would look through all keys for each of very many records.
        absent = (
            f"SELECT {records.pk.column} FROM {records.db_table} EXCEPT {engine().keys(self.table)}"
            f" EXCEPT SELECT record FROM {notes} WHERE kind = %s"
        )
        return self.records().filter(pk__in=RawSQL(absent, [self.kind]))


@Prepared
def _noted() -> QuerySet:
    """Some records whose documents are old."""
    notes = SearchNote.objects.filter(kind=Parameter("kind", TextField())).order_by("record")
    return notes.values_list("record").distinct()[:RECORDS_A_CHUNK]


def engine() -> ModuleType:
    """How the database at hand keeps and finds documents."""
    return {"sqlite": sqlite, "postgresql": postgresql}[connection.vendor]


def _chunks(items: Iterable[Item], size: int = RECORDS_A_CHUNK) -> Iterator[list[Item]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def _learn(documents: Iterable[Document], learnt: set[str]) -> None:
    """Keep the words that somebody may have meant to type, each once or nearly so."""
    words: set[str] = set()
    for document in documents:
        words |= document.words()
    words -= learnt
    learnt |= words
    words = {word for word in words if len(word) >= SHORTEST_VOCABULARY and word.isalpha()}
    known = SearchWord.objects.filter(word__in=words).values_list("word", flat=True)
    bulk_insert(SearchWord(word=word) for word in sorted(words - {*known}))
