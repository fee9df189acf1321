"""The content of an index: a kind of record, its texts and the tables of the texts."""

from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import QuerySet

from psf.search.document import Field
from psf.search.triggers import Watch


class TextSource(NamedTuple):
    """A text of a document: the model, the paths to the record and to the text, and the field."""

    model: str
    record: str
    text: str
    field: Field


class IndexDefinition(NamedTuple):
    """An index of one kind of record.

    Models are given by name, because models import their index. `countries` names a model and
    the paths to the record and to the country. A document contains the codes of the countries and
    all their `names`, in every language. `watches` are the tables whose changes make a document
    stale.
    """

    kind: str
    model: str
    sources: list[TextSource]
    countries: tuple[str, str, str]
    watches: list[Watch]

    @property
    def table(self) -> str:
        return f"psf_search_{self.kind}"

    def __hash__(self) -> int:
        return hash(self.kind)

    def records(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = apps.get_model(self.model)._base_manager.order_by()
        return rows
