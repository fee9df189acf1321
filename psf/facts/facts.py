"""The facts of a kind of record: in words for the log, as fields of the data, as columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from django.db import models
from django.db.models import Field, ManyToManyField, Model
from django.utils.functional import Promise
from django.utils.text import capfirst

from psf.database.fields import rows_of
from psf.exports.tables import FieldKind, PublicField, Read, Record, blanks_of, value_at
from psf.facts.declaration import Fact
from psf.history.words import field_in_words
from psf.impact.preview import PublicFact

# The type of the data by type of the field; the first that fits. Other fields are texts.
KINDS: list[tuple[type[Any], FieldKind]] = [
    (models.URLField, FieldKind.ADDRESS),
    (models.DecimalField, FieldKind.AMOUNT),
    (models.DateTimeField, FieldKind.MOMENT),
    (models.DateField, FieldKind.DAY),
    (models.BooleanField, FieldKind.YES_NO),
    (models.IntegerField, FieldKind.NUMBER),
]
UNITS = {FieldKind.AMOUNT: "EUR", FieldKind.MOMENT: "UTC"}
AnyField = Field | ManyToManyField
Words = Callable[[Any], str]


@dataclass(frozen=True, eq=False)
class Facts:
    """The facts of a kind of record, or of a kind of part: `relation` leads from its record.

    `words` are functions for facts that have other words than their field. The log tells a part
    in one line, while `is_shown` says that readers see it. `label` and `fact_key` name the line.
    Records in lists of the data may have no model.
    """

    lines: Mapping[str, Fact]
    model: Any = None  # a class of Django, or None
    words: Mapping[str, Words] = field(default_factory=dict)
    parts: "tuple[Facts, ...]" = ()
    relation: str = ""
    is_shown: Callable[[Any], bool] = lambda part: True
    label: Callable[[Any], str | Promise] = lambda part: capfirst(part._meta.verbose_name)
    fact_key: Callable[[Any], str] = lambda part: f"{part._meta.model_name}-{part.pk}"

    @cached_property
    def fields(self) -> dict[str, AnyField]:
        """The fields of the model by name."""
        options = self.model and self.model._meta
        own = [*options.local_concrete_fields, *options.local_many_to_many] if options else []
        return {str(field.name): field for field in own}

    def field_of(self, fact: Fact) -> AnyField | None:
        return self.fields.get(fact.field or fact.key)

    # The log.

    @cached_property
    def told(self) -> list[Fact]:
        """The facts that the log tells by themselves."""
        return [
            fact
            for fact in self.lines.values()
            if not (fact.told_by or fact.untold or fact.internal)
            and (fact.key in self.words or self.field_of(fact))
        ]

    @cached_property
    def labels(self) -> dict[str, str | Promise]:
        """The labels of the facts in the log, perhaps lazy."""
        return {
            fact.key: fact.label or (capfirst(field.verbose_name) if field else fact.heading)
            for fact in self.told
            for field in [self.field_of(fact)]
        }

    def tell(self, record: Model) -> dict[str, PublicFact]:
        """The facts that the record and its public parts state, in words."""
        facts = {
            fact.key: PublicFact(self.labels[fact.key], self.in_words(record, fact))
            for fact in self.told
        }
        for part in self.parts:
            rows = rows_of(record, part.relation) if part.told else []
            for row in filter(part.is_shown, rows):
                facts[part.fact_key(row)] = PublicFact(part.label(row), part.in_one_line(row))
        return facts

    def in_words(self, record: Model, fact: Fact) -> str:
        if words := self.words.get(fact.key):
            return words(record)
        field: Any = self.field_of(fact)
        if field.many_to_many:
            return ", ".join(map(str, rows_of(record, field.name)))
        return field_in_words(record, field)

    def in_one_line(self, row: Model) -> str:
        """The facts of a part, without repetition."""
        words = dict.fromkeys(self.in_words(row, fact) for fact in self.told)
        return ", ".join(filter(None, words))

    def relations(self) -> list[str]:
        """The relations that `tell()` reads, to be loaded before."""
        lists = [field.name for field in self.fields.values() if field.many_to_many]
        return [*(part.relation for part in self.parts), *lists]

    def models_of_log(self) -> list[type[Model]]:
        """The models of the parts that the log needs, tables between two models included."""
        lists = [
            field.remote_field.through
            for fact in self.lines.values()
            if isinstance(field := self.field_of(fact), ManyToManyField) and not fact.internal
        ]
        return [*(part.model for part in self.parts), *lists]

    # The public data.

    def data_fields(
        self, reads: Mapping[str, Read], listed: Mapping[str, tuple[PublicField, ...]]
    ) -> tuple[PublicField, ...]:
        """The fields of the data. A field without a function in `reads` is read at its path.

        `listed` are the fields of listed records by section. Raises ValueError for a function
        without a declaration.
        """
        data = [fact for fact in self.lines.values() if fact.meaning]
        if undeclared := reads.keys() - {fact.key for fact in data}:
            raise ValueError(f"The fields {sorted(undeclared)} have no declaration.")
        fields: list[PublicField] = []
        for fact in data:
            path = fact.column_path()
            read = partial(rows_of, relation=path) if fact.of else value_at(path)
            if fact.key == "blanks":
                read = blanks_of(tuple(fields))
            read = reads.get(fact.key, read)
            fields.append(self._data_field(fact, read, listed[fact.of] if fact.of else ()))
        return tuple(fields)

    def _data_field(self, fact: Fact, read: Read, listed: tuple[PublicField, ...]) -> PublicField:
        field: Any = self.field_of(fact)
        kind = FieldKind(fact.type) if fact.type else _kind_of(field)
        kind = FieldKind.RECORDS if fact.of else kind
        heading = fact.heading or capfirst(str(field.verbose_name))
        unit = fact.unit or UNITS.get(kind, "")
        return PublicField(
            fact.key,
            f"{heading} ({unit})" if unit else heading,
            fact.meaning,
            kind,
            read,
            fact.column_path(),
            example=fact.example,
            unit=unit,
            blank=fact.blank,
            since=fact.since,
            is_short=fact.short,
            fields=listed,
        )

    def restored(self, row: Record, **more: Any) -> Any:
        """An unsaved record with the values of a row of the data, and `more` such as relations.

        A blank field keeps the default of its model.
        """
        values = {
            field.name: row.get(fact.data or fact.key)
            for fact in self.lines.values()
            if (field := self.field_of(fact)) and not (field.is_relation or fact.internal)
        }
        stated = {name: value for name, value in values.items() if value is not None}
        return self.model(**stated | more)

    # The import.

    def columns(self) -> dict[str, Fact]:
        """The facts that a spreadsheet can state, by column."""
        return {fact.column or fact.key: fact for fact in self.lines.values() if fact.fill_in}

    def instruction(self, fact: Fact) -> str:
        """What to enter in the column of a fact."""
        field = self.field_of(fact)
        length = getattr(field, "max_length", None)
        return fact.fill_in.format(length=f"{length or 0:,}".replace(",", " "))


def _kind_of(field: AnyField | None) -> FieldKind:
    return next((kind for cls, kind in KINDS if isinstance(field, cls)), FieldKind.TEXT)
