"""Reading the texts of documents from the records."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import F, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce

from psf.database.prepared import Prepared
from psf.database.sql import given_keys
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
def _texts(index: IndexDefinition, fields: Sequence[Field]) -> Prepared:
    sources = [source for source in index.sources if source.field in fields]
    return Prepared(lambda: [_query_for(source, index) for source in sources])


def _query_for(source: TextSource, index: IndexDefinition) -> QuerySet[Any, Any]:
    rows: QuerySet[Any] = apps.get_model(source.model)._base_manager.order_by()
    records = given_keys(apps.get_model(index.model))
    return rows.filter(**{f"{source.record}__in": records}).values_list(
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
    """Return the codes and the words of the country names of each record, in every language."""
    pairs = sorted(_countries(index).of(records))
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for code, text in _names_of_countries(index).of({code for _record, code in pairs}):
        names[code].update(dict.fromkeys(spelled_words(text)))
    by_record: dict[int, list[str]] = defaultdict(list)
    for key, code in pairs:
        by_record[key] += [code.lower(), *names[code]]
    return by_record


@cache
def _countries(index: IndexDefinition) -> Prepared:
    """The pairs of record and country."""
    label, record, country = index.countries
    model = apps.get_model(index.model)
    rows: QuerySet[Any] = apps.get_model(label)._base_manager.values_list(record, country)
    return Prepared(
        lambda: rows.filter(**{f"{record}__in": given_keys(model)}).order_by().distinct()
    )


@cache
def _names_of_countries(index: IndexDefinition) -> Prepared:
    label, _record, country = index.countries
    countries: Any = apps.get_model(label)._meta.get_field(country).related_model
    named = countries._base_manager.filter(names__isnull=False, pk__in=given_keys(countries))
    return Prepared(lambda: named.order_by("names__text").values_list("pk", "names__text"))
