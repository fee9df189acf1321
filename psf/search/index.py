"""The index of one kind of record: its texts, and how it follows changes."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.apps import apps
from django.db import OperationalError, transaction
from django.db.models import F, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce

from psf.database.sql import (
    READING_SECONDS,
    chunked,
    delete_keys,
    fetch_all,
    in_keys,
    in_values,
    waiting_at_most,
)
from psf.search.document import Field, SearchDocument, build_column, spelled_words
from psf.search.models import SearchNote, SearchWord
from psf.search.storage import current_engine

logger = logging.getLogger(__name__)

RECORDS_A_CHUNK = 500
# Shorter words have too many similar words for a useful suggestion.
MIN_VOCABULARY_WORD = 4
Noted = defaultdict[str, set[str]]  # keys of records by kind


class TextSource(NamedTuple):
    """A text of a document: the model, the paths to the record and to the text, and the field."""

    model: str
    record: str
    text: str
    field: Field


class Way(NamedTuple):
    """The way from another record to documents: rows of `model` whose `path` leads to the record.

    `record` is the path from such a row to the record of the document.
    """

    kind: str
    model: str
    path: str
    record: str


class Watched(NamedTuple):
    """The columns of texts by kind of row, and the ways from other records."""

    columns: defaultdict[str, set[str]]
    ways: set[Way]


@dataclass(frozen=True, eq=False)
class Index:
    """The documents of one kind of record.

    Models are given by name, because models import their index. `countries` names a model and
    the paths to the record and to the country. A document contains the codes of the countries and
    all their `names`, in every language.
    """

    kind: str
    model: str
    sources: list[TextSource]
    countries: tuple[str, str, str]

    @property
    def table(self) -> str:
        return f"psf_search_{self.kind}"

    def records(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = apps.get_model(self.model)._base_manager.order_by()
        return rows

    @cached_property
    def watched(self) -> "Watched":
        """The columns of all texts, and the ways from other records to the documents."""
        watched = Watched(defaultdict(set), set())
        label, path_to_record, country = self.countries
        texts = [(source.model, source.record, source.text) for source in self.sources]
        for text in [*texts, (label, path_to_record, f"{country}__names__text")]:
            self._follow(watched, *text)
        return watched

    def _follow(self, watched: "Watched", label: str, record: str, path: str) -> None:
        model: Any = apps.get_model(label)
        names = path.split("__")
        for depth, name in enumerate(names, 1):
            field: Any = model._meta.get_field(name)
            if field.many_to_many:
                rows = field.remote_field.through
                keys = {key.column for key in rows._meta.local_fields if key.is_relation}
                watched.columns[rows._meta.label_lower] |= keys
            elif not field.one_to_many:  # the rows of the other side are parts of the record
                watched.columns[model._meta.label_lower].add(field.column)
            if field.is_relation:
                model = field.related_model
                if not field.one_to_many:
                    way = Way(model._meta.label_lower, label, "__".join(names[:depth]), record)
                    watched.ways.add(way)

    def records_with(self, noted: Noted) -> list[int]:
        """Return the keys of records, including deleted ones, whose texts changed."""
        keys = {int(key) for key in noted[self.model.lower()]}
        for way in self.watched.ways:
            if noted[way.kind]:
                keys_of_kind = in_keys(apps.get_model(way.kind), noted[way.kind])
                rows = apps.get_model(way.model)._base_manager.filter(
                    **{f"{way.path}__in": keys_of_kind}
                )
                keys.update(rows.order_by().values_list(way.record, flat=True))
        return sorted(keys)

    def write_documents(self, records: list[int], learnt: set[str]) -> None:
        """Write the documents of records and remove those of deleted records.

        `learnt` are the words already stored in this run. New words are added.
        """
        engine = current_engine()
        engine.lock_documents(self.table, records)
        if documents := [*build_documents(self, records)]:
            engine.write_documents(self.table, documents)
        if deleted := {*records} - {document.record for document in documents}:
            engine.remove_documents(self.table, sorted(deleted))
        _learn(documents, learnt)

    def stale_records(self) -> list[int]:
        """Return the keys of records, including deleted ones, with wrong documents.

        Records with a note are skipped, because the next search updates them.
        """
        digest_table = current_engine().digest_table(self.table)
        digests: dict[int, str] = dict(fetch_all(f"SELECT record, digest FROM {digest_table}", []))
        with_note = self.records_with(read_notes()[1])
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


# All indexes together

INDEXES: list[Index] = []


def register_index(index: Index) -> None:
    """Add an index to those that are installed, rebuilt and updated together."""
    INDEXES.append(index)


def watched_columns() -> dict[str, set[str]]:
    """Return the columns by kind of row whose changes are noted."""
    columns: defaultdict[str, set[str]] = defaultdict(set)
    for index in INDEXES:
        for kind, names in index.watched.columns.items():
            columns[kind] |= names
    return dict(columns)


def read_notes() -> tuple[list[int], Noted]:
    """Return the keys of all notes, and the noted records."""
    rows = [*SearchNote.objects.values_list("pk", "kind", "record")]
    records = Noted(set)
    for _note, kind, record in rows:
        records[kind].add(record)
    return [note for note, _kind, _record in rows], records


def update_indexes() -> None:
    """Write the stale documents in chunks.

    Code that writes many records calls this in the same transaction. Otherwise the next search
    does all of the work.
    """
    notes, changed = read_notes()  # before the records: a later note is about a later change
    if not notes:
        return
    stale = {index: index.records_with(changed) for index in INDEXES}
    learnt = set[str]()
    for index, records in stale.items():
        for chunk in chunked(records, RECORDS_A_CHUNK):
            with transaction.atomic():
                index.write_documents(chunk, learnt)
    delete_keys(SearchNote, notes)


def try_update() -> None:
    """Update stale documents.

    If the database is locked, log a warning and use the old documents. On a replica the error
    passes: the request is repeated on the primary, which updates the documents.
    """
    try:
        if SearchNote.objects.exists():
            with waiting_at_most(READING_SECONDS):
                update_indexes()
    except OperationalError:
        logger.warning("The search indexes could not be brought up to date")


def _learn(documents: Iterable[SearchDocument], learnt: set[str]) -> None:
    """Store new words of the documents for suggestions. Concurrent runs may store a word twice."""
    words: set[str] = set()
    for document in documents:
        words |= document.words()
    words -= learnt
    learnt |= words
    words = {word for word in words if len(word) >= MIN_VOCABULARY_WORD and word.isalpha()}
    old_words = SearchWord.objects.filter(word__in=in_values([*words], "text"))
    new_words = sorted(words.difference(old_words.values_list("word", flat=True)))
    SearchWord.objects.bulk_create(SearchWord(word=word) for word in new_words)


# Reading texts


def read_texts(
    index: "Index", records: list[int], fields: Sequence[Field]
) -> list[tuple[int, int, str]]:
    """Return record, field and text of each text of the records, without country names.

    A missing text is empty. Every record has a row of each text of its own table.
    """
    if not records:
        return []
    queries = [
        _query_for(source, index, records) for source in index.sources if source.field in fields
    ]
    return list(queries[0].union(*queries[1:], all=True).order_by()) if queries else []


def _query_for(source: TextSource, index: "Index", records: list[int]) -> QuerySet[Any, Any]:
    rows: QuerySet[Any] = apps.get_model(source.model)._base_manager.order_by()
    selected = in_keys(apps.get_model(index.model), records)
    return rows.filter(**{f"{source.record}__in": selected}).values_list(
        F(source.record),
        Value(int(source.field), output_field=IntegerField()),
        Coalesce(Cast(source.text, TextField()), Value(""), output_field=TextField()),
    )


def build_documents(index: "Index", records: list[int]) -> Iterator[SearchDocument]:
    """Yield the current documents of records. Deleted records have none."""
    columns: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for record, field, text in read_texts(index, records, tuple(Field)):
        columns[record][field].append(text)
    countries = _country_names(index, [*columns])
    for record in columns:
        yield SearchDocument(
            record,
            [
                build_column(
                    sorted(columns[record][field]),  # the database returns texts in any order
                    countries[record] if field == Field.NAMES else [],
                )
                for field in Field
            ],
        )


def _country_names(index: "Index", records: list[int]) -> dict[int, list[str]]:
    """Return the codes and the words of the country names of each record, in every language."""
    label, record, country = index.countries
    model = apps.get_model(label)
    selected = {f"{record}__in": in_keys(apps.get_model(index.model), records)}
    pairs = model._base_manager.filter(**selected).order_by().values_list(record, country)
    pairs = sorted(pairs.distinct())
    countries: Any = model._meta.get_field(country).related_model
    countries_with_names = countries._base_manager.filter(
        names__isnull=False, pk__in={code for _, code in pairs}
    )
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for code, text in countries_with_names.order_by("names__text").values_list("pk", "names__text"):
        names[code].update(dict.fromkeys(spelled_words(text)))
    by_record: dict[int, list[str]] = defaultdict(list)
    for key, code in pairs:
        by_record[key] += [code.lower(), *names[code]]
    return by_record
