"""Reading the texts of documents from the records."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.db.models import F, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce

from psf.database.sql import in_keys
from psf.search.definition import IndexDefinition, TextSource
from psf.search.document import Field, SearchDocument, build_column, spelled_words


def read_texts(
    index: IndexDefinition, records: list[int], fields: Sequence[Field]
) -> list[tuple[int, int, str]]:
    """Return record, field and text of each text of the records, without country names.

    A missing text is empty. Every record has a row of each text of its own table.
    """
    if not records:
        return []
    queries = [
        _query_for(source, index, records) for source in index.sources if source.field in fields
    ]
    return list(queries[0].union(*queries[1:], all=True)) if queries else []


def _query_for(
    source: TextSource, index: IndexDefinition, records: list[int]
) -> QuerySet[Any, Any]:
    rows: QuerySet[Any] = apps.get_model(source.model)._base_manager.order_by()
    selected = in_keys(apps.get_model(index.model), records)
    return rows.filter(**{f"{source.record}__in": selected}).values_list(
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
    label, record, country = index.countries
    model = apps.get_model(label)
    selected = {f"{record}__in": in_keys(apps.get_model(index.model), records)}
    pairs = model._base_manager.filter(**selected).order_by().values_list(record, country)
    pairs = sorted(pairs.distinct())
    countries: Any = model._meta.get_field(country).related_model
    named = countries._base_manager.filter(names__isnull=False, pk__in={code for _, code in pairs})
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for code, text in named.order_by("names__text").values_list("pk", "names__text"):
        names[code].update(dict.fromkeys(spelled_words(text)))
    by_record: dict[int, list[str]] = defaultdict(list)
    for key, code in pairs:
        by_record[key] += [code.lower(), *names[code]]
    return by_record
