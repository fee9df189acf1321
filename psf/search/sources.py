"""What goes into the document of a record: its texts, and the names of its countries."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.db.models import F, IntegerField, TextField, Value
from django.db.models.functions import Cast
from django.db.models.lookups import In

from psf.database.prepared import PreparedForKeys
from psf.search.document import Document, Field, column_of, runs

if TYPE_CHECKING:
    from psf.search.index import Index


class Source(NamedTuple):
    """A text of a document: in which model it is, whose it is, and in which field it counts."""

    model: str
    record: str
    text: str
    field: Field


def texts_of(
    index: "Index", records: list[int], fields: Sequence[Field] = tuple(Field)
) -> list[tuple[int, int, str]]:
    """Record, field and text, for each text of these records, names of countries left out."""
    if not records or not any(source.field in fields for source in index.sources):
        return []
    return [row for row in _texts(index, fields).of(records) if row[2]]


@cache
def _texts(index: "Index", fields: Sequence[Field]) -> PreparedForKeys:
    def make(records: list[Any]) -> Any:
        sources = [source for source in index.sources if source.field in fields]
        first, *others = [_query_for(source, records) for source in sources]
        return first.union(*others, all=True)

    return PreparedForKeys(make)


def _query_for(source: Source, records: list[Any]) -> Any:
    rows = apps.get_model(source.model)._base_manager.order_by()
    # A look-up by name would take no slots for the keys of relations.
    return rows.filter(In(F(source.record), records)).values_list(
        F(source.record),
        Value(int(source.field), output_field=IntegerField()),
        Cast(source.text, TextField()),
    )


def documents_of(index: "Index", records: list[int]) -> Iterator[Document]:
    """What the documents of these records should say; none for what is no record any more."""
    there = list(index.records().filter(pk__in=records).values_list("pk", flat=True))
    if not there:
        return
    columns: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for record, field, text in texts_of(index, there):
        columns[record][field].append(text)
    countries = _country_names(index, there)
    for record in there:
        yield Document(
            record,
            [
                column_of(
                    sorted(columns[record][field]),  # the database gives them in any order
                    countries[record] if field == Field.NAMES else [],
                )
                for field in Field
            ],
        )


def _country_names(index: "Index", records: list[int]) -> dict[int, list[str]]:
    """The words of the names, in every language, of the countries of each record."""
    label, record, country = index.countries
    rows = apps.get_model(label)._base_manager.filter(**{f"{record}__in": records})
    pairs = sorted(set(rows.order_by().values_list(record, country)))
    names: dict[str, dict[str, None]] = defaultdict(dict)
    names_of = apps.get_model("partners.CountryName")._base_manager.order_by("text")
    codes = {code for _record, code in pairs}
    for code, text in names_of.filter(country__in=codes).values_list("country", "text"):
        names[code].update(dict.fromkeys(runs(text)))
    found: dict[int, list[str]] = defaultdict(list)
    for key, code in pairs:
        found[key] += names[code]
    return found
