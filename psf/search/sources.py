"""Reading the texts of documents from the records."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import CharField, F, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import In

from psf.database.prepared import PreparedForKeys
from psf.search.definition import IndexDefinition, TextSource
from psf.search.document import Field, SearchDocument, build_column, spelled_words


def read_texts(
    index: IndexDefinition, records: list[int], fields: Sequence[Field]
) -> list[tuple[int, int, str]]:
    """Return record, field and text of each text of the records, without country names.

    A missing text is empty. Every record has a row of each text of its own table.
    """
    if not any(source.field in fields for source in index.sources):
        return []
    return _texts(index, fields).of(records)


@cache
def _texts(index: IndexDefinition, fields: Sequence[Field]) -> PreparedForKeys:
    def build(records: list[Any]) -> QuerySet[Any, Any]:
        sources = [source for source in index.sources if source.field in fields]
        first, *more = [_query_for(source, records) for source in sources]
        return first.union(*more, all=True)

    return PreparedForKeys(build)


def _query_for(source: TextSource, records: list[Any]) -> QuerySet[Any, Any]:
    rows: QuerySet[Any] = apps.get_model(source.model)._base_manager.order_by()
    # `In` instead of filter(record__in=…): only `In` accepts parameters for keys of relations.
    return rows.filter(In(F(source.record), records)).values_list(
        F(source.record),
        Value(int(source.field), output_field=IntegerField()),
        Coalesce(Cast(source.text, TextField()), Value(""), output_field=TextField()),
    )


def build_documents(index: IndexDefinition, records: list[int]) -> Iterator[SearchDocument]:
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


def _country_names(index: IndexDefinition, records: list[int]) -> dict[int, list[str]]:
    """Return the words of the country names of each record, in every language."""
    pairs = sorted(_countries(index).of(records))
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for code, text in _names_of_countries.of({code for _record, code in pairs}):
        names[code].update(dict.fromkeys(spelled_words(text)))
    by_record: dict[int, list[str]] = defaultdict(list)
    for key, code in pairs:
        by_record[key] += names[code]
    return by_record


@cache
def _countries(index: IndexDefinition) -> PreparedForKeys:
    """The pairs of record and country."""
    label, record, country = index.countries
    rows: QuerySet[Any] = apps.get_model(label)._base_manager.order_by()
    return PreparedForKeys(
        lambda keys: rows.filter(In(F(record), keys)).values_list(record, country).distinct()
    )


def _names_by_code(codes: list[Any]) -> QuerySet[Any, Any]:
    names: QuerySet[Any] = apps.get_model("partners.CountryName")._base_manager.order_by("text")
    return names.filter(In(F("country"), codes)).values_list("country", "text")


_names_of_countries = PreparedForKeys(_names_by_code, CharField())
