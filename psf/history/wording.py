"""The history in sentences."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.admin.utils import display_for_value
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.history.models import Action, Change
from psf.history.states import Row, Rows, read_row, rows_by_key, split_into_chunks
from psf.history.tracking import (
    PUBLICATION_FIELDS,
    fields_of,
    is_generated,
    kind_of,
    model_of,
    parent_columns,
)
from psf.text.dates import Precision, describe

MAX_TEXT = 160  # characters of a text that is told whole
CONTEXT = 40  # characters told of what stays beside what changed


class Names:
    """What records are called, found in a query for each kind and one for all deleted ones."""

    def __init__(self, wanted: Iterable[tuple[str, str]]) -> None:
        by_kind: dict[str, set[str]] = {}
        for kind, key in wanted:
            by_kind.setdefault(kind, set()).add(key)
        self.names: dict[tuple[str, str], str] = {}
        for kind, keys in by_kind.items():
            self._find(kind, keys)
        self._find_gone(
            {(k, key) for k, keys in by_kind.items() for key in keys} - self.names.keys()
        )

    def _find(self, kind: str, keys: set[str]) -> None:
        model = model_of(kind)
        related = [field.name for field in model._meta.local_fields if field.is_relation]
        for chunk in split_into_chunks(keys):
            for row in model._base_manager.select_related(*related).filter(pk__in=chunk):
                self.names[kind, str(row.pk)] = str(row)

    def _find_gone(self, places: set[tuple[str, str]]) -> None:
        rows = deleted_rows(places)
        records = {
            place: row for place, row in rows.items() if not parent_columns(model_of(place[0]))
        }
        named = load_records(
            ref for (kind, _k), row in records.items() for ref in references_in(model_of(kind), row)
        )
        for place, row in records.items():
            self.names[place] = str(build_linked_record(named, model_of(place[0]), row))
        for place in rows.keys() - records.keys():
            self.names[place] = row_name(model_of(place[0]), rows[place], self)

    def of(self, kind: str, key: Any) -> str:
        return self.names.get((kind, str(key))) or _("no. %(key)s") % {"key": key}


def deleted_rows(places: Iterable[tuple[str, str]]) -> Rows:
    """What deleted rows held when they were deleted."""
    wanted = set(places)
    if not wanted:
        return {}
    deletions = Change.objects.filter(
        action=Action.DELETED,
        kind__in={kind for kind, _key in wanted},
        key__in={key for _kind, key in wanted},
    ).order_by("pk")
    return {
        (change.kind, change.key): read_row(model_of(change.kind), change.old())
        for change in deletions
        if (change.kind, change.key) in wanted
    }


def references_in(model: Any, row: Row) -> list[tuple[str, str]]:
    """The other records that a row names."""
    return [
        (kind_of(field.related_model), str(row[column]))
        for column, field in fields_of(model).items()
        if field.is_relation and row.get(column) is not None
    ]


def naming_column(model: Any, row: Row) -> str:
    """The column by which a part is known: the first that says something of itself."""
    parents = [parent.column for parent in parent_columns(model)]
    found = (
        column
        for column, field in fields_of(model).items()
        if isinstance(field, models.ForeignKey | models.CharField)
        and column not in parents
        and row.get(column) not in [None, ""]
    )
    return next(found, model._meta.pk.column)


def row_name(model: Any, row: Row, names: Names) -> str:
    """What a record is called, or a part among those of its record."""
    if not parent_columns(model):
        return str(build_record(model, row))
    column = naming_column(model, row)
    return format_value(fields_of(model)[column], row[column], names)


def qualified_name(model: Any, row: Row, names: Names) -> str:
    """What a part is called where its record is not at hand: Latvia: member."""
    whose = [names.of(kind, row[column]) for kind, column in parent_columns(model) if row[column]]
    return ": ".join([*whose, row_name(model, row, names)])


def build_record(model: Any, row: Row) -> Any:
    """The row as an object; what it does not say is as in a new one."""
    fields = fields_of(model)
    return model(**{fields[column].attname: value for column, value in row.items()})


def load_records(places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    """Those of the records that are there now, in a query for each kind."""
    by_kind: dict[str, set[str]] = {}
    for kind, key in places:
        by_kind.setdefault(kind, set()).add(key)
    return {
        (kind, str(record.pk)): record
        for kind, keys in by_kind.items()
        for chunk in split_into_chunks(keys)
        for record in model_of(kind)._base_manager.filter(pk__in=chunk)
    }


def build_linked_record(there: dict[tuple[str, str], Any], model: Any, row: Row) -> Any:
    """The row as an object; what it names and is not there (any more) counts as nothing."""
    record = build_record(model, row)
    for column, field in fields_of(model).items():
        if field.is_relation and row.get(column) is not None:
            place = (kind_of(field.related_model), str(row[column]))
            setattr(record, field.name, there.get(place))
    return record


# Values


def format_value(field: Any, value: Any, names: Names) -> str:
    """A value as a person would say it; "" for nothing."""
    if value is None or value == "":
        return ""
    if field.is_relation:
        return names.of(kind_of(field.related_model), value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return describe(timezone.localtime(value), Precision.MINUTE)
    if isinstance(value, date):
        return describe(value, Precision.DAY)
    if isinstance(value, Decimal):
        value = value.quantize(Decimal("0.01"))
    return str(display_for_value(value, ""))


def field_label(field: Any) -> str:
    return capfirst(str(field.verbose_name))


def shorten_pair(old: str, new: str) -> tuple[str, str]:
    """Of two long texts, what differs with a little of what stands around it."""
    if max(len(old), len(new)) <= MAX_TEXT:
        return old, new
    least = min(len(old), len(new))
    same = next((i for i in range(least) if old[i] != new[i]), least)
    same_end = next((i for i in range(least - same) if old[-1 - i] != new[-1 - i]), least - same)
    return _cut(old, same, same_end), _cut(new, same, same_end)


def _cut(text: str, start: int, end: int) -> str:
    first, last = max(0, start - CONTEXT), min(len(text), len(text) - end + CONTEXT)
    if last - first > 2 * MAX_TEXT:
        last = first + 2 * MAX_TEXT
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"


def part_details(model: Any, row: Row, names: Names) -> list[str]:
    """What a part says beside its name, where that is not what a new one says."""
    silent = [naming_column(model, row), *(parent.column for parent in parent_columns(model))]
    told = []
    for column, field in fields_of(model).items():
        words = format_value(field, row.get(column), names)
        made = field.primary_key or is_generated(field) or column in PUBLICATION_FIELDS
        if words and not made and column not in silent and row[column] != field.get_default():
            told.append(f"{field.verbose_name} {shorten_pair(words, '')[0]}")
    return told


def part_phrase(model: Any, row: Row, names: Names, told: bool = False) -> str:
    """A part with its kind, such as: Partner “Stellit”; `told` adds what else it says."""
    kind = capfirst(str(model._meta.verbose_name))
    name = _("%(kind)s “%(name)s”") % {"kind": kind, "name": row_name(model, row, names)}
    said = part_details(model, row, names) if told else []
    return f"{name} ({'; '.join(said)})" if said else name


# Sentences


class ChangeSentence(NamedTuple):
    """A change of a record or one of its parts."""

    record: tuple[str, str]
    sentence: str


def sentences_by_change_set(changes: list[Change]) -> dict[int, list[ChangeSentence]]:
    """What each set of changes did, by the number of the set."""
    rows, names = _rows_and_names(changes)
    told: dict[int, list[ChangeSentence]] = {}
    for change in changes:
        record = (change.record_kind, change.record_key)
        for sentence in _sentences_of(change, rows.get((change.kind, change.key), {}), names):
            told.setdefault(change.change_set_id, []).append(ChangeSentence(record, sentence))
    return told


def _rows_and_names(changes: list[Change]) -> tuple[Rows, Names]:
    changed = {(c.kind, c.key) for c in changes if c.action == Action.CHANGED}
    parts = {place for place in changed if parent_columns(model_of(place[0]))}
    rows = rows_by_key(parts)
    rows |= deleted_rows(parts - rows.keys())
    wanted = [ref for (kind, _k), row in rows.items() for ref in references_in(model_of(kind), row)]
    for change in changes:
        model = model_of(change.kind)
        wanted += references_in(model, change.old()) + references_in(model, change.new())
    return rows, Names(wanted)


def _sentences_of(change: Change, row: Row, names: Names) -> list[str]:
    model = model_of(change.kind)
    if change.action == Action.CHANGED:
        about = f"{part_phrase(model, row, names)}: " if parent_columns(model) else ""
        before, after = read_row(model, change.old()), read_row(model, change.new())
        return [
            about + field_change_sentence(fields_of(model)[column], value, after.get(column), names)
            for column, value in before.items()
        ]
    row = read_row(model, change.new() or change.old())
    added = change.action == Action.ADDED
    if not parent_columns(model):
        return [_("Added.") if added else _("Deleted.")]
    if model._meta.auto_created:
        words = {"name": row_name(model, row, names), "list": list_label(model)}
        return [
            (_("%(list)s: “%(name)s” added.") if added else _("%(list)s: “%(name)s” taken away."))
            % words
        ]
    words = {"part": part_phrase(model, row, names, told=True)}
    return [(_("%(part)s added.") if added else _("%(part)s deleted.")) % words]


def list_label(through: Any) -> str:
    """What the list is called of which a table between two models keeps the rows."""
    fields = through._meta.auto_created._meta.local_many_to_many
    return next(field_label(f) for f in fields if f.remote_field.through is through)


def field_change_sentence(field: Any, before: Any, after: Any, names: Names) -> str:
    """What became of the value of a field, such as: Title changed from “A” to “B”."""
    old, new = (format_value(field, value, names) for value in (before, after))
    old, new = shorten_pair(old, new)
    words = {"field": field_label(field), "old": old, "new": new}
    if not old:
        return _("%(field)s set to “%(new)s”.") % words
    if not new:
        return _("%(field)s emptied; it was “%(old)s”.") % words
    return _("%(field)s changed from “%(old)s” to “%(new)s”.") % words
