"""The index of one kind of record: how it finds records, and how it follows their changes."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django.db import OperationalError, transaction
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from psf.database.keysets import KeySet, keyset
from psf.database.sql import (
    READING_SECONDS,
    chunked,
    delete_keys,
    fetch_all,
    in_keys,
    in_values,
    waiting_at_most,
)
from psf.search.definition import IndexDefinition
from psf.search.document import Field, SearchDocument
from psf.search.engine import current_engine
from psf.search.query import Query, parse_query
from psf.search.sources import build_documents

from .models import SearchNote, SearchWord
from .ranking import ALL_MATCHES, RANKS, Rank, read_matching_keys, split

logger = logging.getLogger(__name__)
Rows = TypeVar("Rows", bound=QuerySet[Any])

RECORDS_A_CHUNK = 500
# Small statements let the database work while the next documents are built.
DOCUMENTS_A_STATEMENT = 100
# Shorter words have too many similar words for a useful suggestion.
MIN_VOCABULARY_WORD = 4


class Index(IndexDefinition):
    """The documents of one kind of record."""

    __slots__ = ()

    # Finding

    def search(self, rows: Rows, text: str) -> Rows:
        """Return the rows that match a text. An empty text matches all rows."""
        query = parse_query(text)
        if not query.is_empty():
            self.try_update()
        return self.matching(rows, query)

    def matching(self, rows: Rows, query: Query) -> Rows:
        """Return the rows that match a query, without updating the index first."""
        if query.is_empty():
            return rows
        if not query.required:
            return rows.exclude(pk__in=self._keys(current_engine().excluded_condition(query)))
        return rows.filter(pk__in=self._keys(current_engine().condition(query, Field)))

    def best_first(self, rows: Rows, text: str) -> Rows:
        """Order matching rows by rank, then by their own order."""
        query = parse_query(text)
        if not query.required:
            return rows
        ranks = [
            When(
                pk__in=self._keys(current_engine().condition(query, fields, whole_words)),
                then=Value(rank),
            )
            for rank, (fields, whole_words) in enumerate(RANKS)
        ]
        rank = Case(*ranks, default=Value(len(RANKS)), output_field=IntegerField())
        return rows.order_by(rank, *(rows.query.order_by or rows.model._meta.ordering))

    def _keys(self, condition: str) -> RawSQL:
        return RawSQL(current_engine().matching_keys_sql(self.table), [condition])

    def matching_keys(self, query: Query, within: KeySet, ranked: bool = False) -> list[KeySet]:
        """Return the matching keys of the key set `within`: by rank if `ranked`, else as one set.

        The query must not be empty. A stale index is updated first.
        """
        self.try_update()
        if not query.required:
            return [within & ~self._read_key_set(current_engine().excluded_condition(query))]
        return [*split(within, self._read_ranks(query, RANKS if ranked else []))]

    def ranked_groups(self, query: Query) -> Iterator[KeySet]:
        """Yield the matching keys as key sets, best rank first. Each set costs one query.

        The query must have a required term. Empty sets are skipped. A stale index is updated first.
        """
        self.try_update()
        return filter(None, split(~0, self._read_ranks(query, RANKS)))

    def _read_ranks(self, query: Query, ranks: list[Rank]) -> Iterator[KeySet]:
        """Yield the keys with each of these ranks, then all matching keys."""
        for rank in [*ranks, ALL_MATCHES]:
            yield self._read_key_set(current_engine().condition(query, *rank))

    def _read_key_set(self, condition: str) -> KeySet:
        keys_sql = current_engine().matching_keys_sql(self.table)
        return keyset(read_matching_keys(keys_sql, condition))

    def try_update(self) -> None:
        """Update stale documents.

        If the database is locked, log a warning and use the old index. On a replica the error
        passes: the request is repeated on the primary, which updates the index.
        """

        try:
            if self._stale_records():
                with waiting_at_most(READING_SECONDS):
                    self.update()
        except OperationalError:
            logger.warning("The search index of %ss could not be brought up to date", self.kind)

    def rare_words(self, words: Iterable[str], max_titles: int) -> dict[str, Sequence[int]]:
        """Return the keys of the records with each word in their title, in any inflection.

        Words in no title and in more than `max_titles` are missing.
        """
        sql = f"{current_engine().matching_keys_sql(self.table)} LIMIT {max_titles + 1}"
        found = {}
        for word in words:
            in_title = current_engine().condition(parse_query(word), [Field.TITLE], True)
            found[word] = read_matching_keys(sql, in_title)
        return {word: keys for word, keys in found.items() if 0 < len(keys) <= max_titles}

    # Following the records

    def update(self, progress: Callable[[int], None] = lambda records: None) -> None:
        """Rebuild the stale documents in chunks, and call `progress` with the size of each chunk.

        Code that writes many records calls this in the same transaction. Otherwise the next
        search does all of the work.
        """
        learnt: set[str] = set()
        while records := self._stale_records():
            with transaction.atomic():
                # Read before the records: a later note is about a later change.
                about = self._notes().filter(record__in=in_keys(SearchNote, records))
                notes = [*about.values_list("pk", flat=True)]
                self.write_documents(records, learnt)
                delete_keys(SearchNote, notes)
            progress(len(records))
            if len(records) < RECORDS_A_CHUNK:
                break

    def _notes(self) -> QuerySet[SearchNote]:
        return SearchNote.objects.filter(kind=self.kind)

    def _stale_records(self) -> list[int]:
        """Return the keys of some records with a note."""
        notes = self._notes().order_by("record")
        return [*notes.values_list("record", flat=True).distinct()[:RECORDS_A_CHUNK]]

    def write_documents(self, records: list[int], learnt: set[str]) -> None:
        """Write the documents of records and remove those of deleted records.

        `learnt` are the words already stored in this run. New words are added.
        """
        engine = current_engine()
        engine.lock_documents(self.table, records)
        documents: list[SearchDocument] = []
        for chunk in chunked(build_documents(self, records), DOCUMENTS_A_STATEMENT):
            engine.write_documents(self.table, chunk)
            documents += chunk
        if deleted := {*records} - {document.record for document in documents}:
            engine.remove_documents(self.table, sorted(deleted))
        _learn(documents, learnt)

    def stale_records(self) -> list[int]:
        """Return the keys of records, including deleted ones, with wrong documents.

        Records with a note are skipped, because the next search updates them.
        """
        digest_table = current_engine().digest_table(self.table)
        digests: dict[int, str] = dict(fetch_all(f"SELECT record, digest FROM {digest_table}", []))
        with_note = self._notes().values_list("record", flat=True)
        records = sorted({*digests, *self.records().values_list("pk", flat=True)} - {*with_note})
        stale: list[int] = []
        for chunk in chunked(records, RECORDS_A_CHUNK):
            current = {row.record: row.digest() for row in build_documents(self, chunk)}
            stale += [record for record in chunk if digests.get(record) != current.get(record)]
        return stale

    def rebuild(self) -> None:
        """Write all documents. The table must be empty."""
        learnt: set[str] = set()
        for chunk in chunked(sorted(self.records().values_list("pk", flat=True)), RECORDS_A_CHUNK):
            self.write_documents(chunk, learnt)
        self._notes().delete()
        current_engine().optimize(self.table)

    def without_document(self) -> QuerySet[Any]:
        """Return the records that have neither a document nor a note."""
        meta, notes = self.records().model._meta, SearchNote._meta.db_table
        # EXCEPT instead of NOT IN: NOT IN is slow on PostgreSQL with many records.
        missing = (
            f"SELECT {meta.pk.column} FROM {meta.db_table}"
            f" EXCEPT SELECT record FROM {current_engine().digest_table(self.table)}"
            f" EXCEPT SELECT record FROM {notes} WHERE kind = %s"
        )
        return self.records().filter(pk__in=RawSQL(missing, [self.kind]))


def _learn(documents: Iterable[SearchDocument], learnt: set[str]) -> None:
    """Store new words of the documents for suggestions. Concurrent runs may store a word twice."""
    words: set[str] = set()
    for document in documents:
        words |= document.words()
    words -= learnt
    learnt |= words
    words = {word for word in words if len(word) >= MIN_VOCABULARY_WORD and word.isalpha()}
    known = SearchWord.objects.filter(word__in=in_values([*words], "text"))
    new_words = sorted(words.difference(known.values_list("word", flat=True)))
    SearchWord.objects.bulk_create(SearchWord(word=word) for word in new_words)
