"""Changes and states in words: names of records, values of fields, sentences and differences."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.contrib.admin.utils import display_for_value
from django.db.models import CharField, DecimalField, Field, ForeignKey, Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.database.fields import is_amount
from psf.history.models import Action, Change
from psf.history.states import (
    Place,
    Row,
    Rows,
    Step,
    keys_by_kind,
    read_row,
    rows_by_key,
    rows_with,
)
from psf.history.tracking import (
    PUBLICATION_FIELDS,
    fields_of,
    is_generated,
    is_tracked,
    kind_of,
    list_field,
    model_of,
    parent_columns,
    target_of,
)
from psf.text.dates import Precision, describe, describe_moment
from psf.text.numbers_and_amounts import eur

MAX_TEXT = 160  # characters: longer texts are shortened
CONTEXT = 40  # characters of unchanged text shown before and after a change


# Names of current and deleted records


class Names:
    """The names of records, read with one query for each kind and one for deleted records."""

    def __init__(self, places: Iterable[Place]) -> None:
        places = set(places)
        self.names = {place: str(record) for place, record in records_at(places).items()}
        deleted = deleted_rows(places - self.names.keys())
        related = records_at(references_of_rows(deleted))
        for place, row in deleted.items():
            self.names[place] = str(build_linked_record(related, model_of(place[0]), row))

    def of(self, kind: str, key: object) -> str:
        return self.names.get((kind, str(key))) or _("no. %(key)s") % {"key": key}


def deleted_rows(places: Iterable[Place]) -> Rows:
    """Return the last values of deleted rows."""
    places = set(places)
    if not places:
        return {}
    deletions = Change.objects.filter(
        action=Action.DELETED,
        kind__in={kind for kind, _key in places},
        key__in={key for _kind, key in places},
    ).order_by("pk")
    return {
        (change.kind, change.key): read_row(model_of(change.kind), change.old())
        for change in deletions
        if (change.kind, change.key) in places
    }


def references_in(model: type[Model], row: Row) -> list[Place]:
    """Return the records that a row names."""
    return [
        (kind_of(target_of(field)), str(row[column]))
        for column, field in fields_of(model).items()
        if field.is_relation and row.get(column) is not None
    ]


def references_of_rows(rows: Rows) -> Iterator[Place]:
    """Yield the records that these rows name."""
    for (kind, _key), row in rows.items():
        yield from references_in(model_of(kind), row)


def parents_in(model: type[Model], row: Row) -> list[Place]:
    """Return the records of a part; [] if the row is a record itself."""
    return [
        (kind, str(row[column]))
        for kind, column in parent_columns(model)
        if row.get(column) is not None
    ]


def naming_column(model: type[Model], row: Row) -> str:
    """Return the column that names a part: the first foreign key or text with a value."""
    parents = [parent.column for parent in parent_columns(model)]
    columns = (
        column
        for column, field in fields_of(model).items()
        if isinstance(field, ForeignKey | CharField)
        and column not in parents
        and row.get(column) not in [None, ""]
    )
    return next(columns, str(model._meta.pk.column))


def row_name(model: type[Model], row: Row, names: Names) -> str:
    """Return the name of a record, or of a part within the record."""
    if not parent_columns(model):
        return str(build_record(model, row))
    column = naming_column(model, row)
    return format_value(fields_of(model)[column], row[column], names)


def qualified_name(model: type[Model], row: Row, names: Names) -> str:
    """Return the name of a part with the name of the record, such as "Latvia: member"."""
    records = [names.of(*place) for place in parents_in(model, row)]
    return ": ".join([*records, row_name(model, row, names)])


def build_record(model: type[Model], row: Row) -> Model:
    """Return an unsaved record with the values of a row. Missing columns have their defaults."""
    fields = fields_of(model)
    return model(**{fields[column].attname: value for column, value in row.items()})


def records_at(places: Iterable[Place]) -> dict[Place, Model]:
    """Return the existing records with their relations, read with one query for each kind."""
    records: dict[Place, Model] = {}
    for kind, keys in keys_by_kind(places).items():
        model = model_of(kind)
        related = [field.name for field in model._meta.local_fields if field.is_relation]
        for chunk in rows_with(model, keys):
            records |= {(kind, str(row.pk)): row for row in chunk.select_related(*related)}
    return records


def build_linked_record(records: dict[Place, Model], model: type[Model], row: Row) -> Model:
    """Return an unsaved record with related objects from `records`; None for a missing one."""
    record = build_record(model, row)
    for column, field in fields_of(model).items():
        if field.is_relation and row.get(column) is not None:
            place = (kind_of(target_of(field)), str(row[column]))
            setattr(record, field.name, records.get(place))
    return record


# Values of fields


def field_in_words(record: Model, field: Field) -> str:
    """Return what a record has in a field, in words. Related records are loaded."""
    value = getattr(record, field.name)
    return str(value or "") if field.is_relation else format_value(field, value)


def format_value(field: Field, value: object, names: "Names | None" = None) -> str:
    """Return the value of a field in words; "" for an empty value. Relations need names."""
    if value is None or value == "":
        return ""
    if field.is_relation and names:
        return names.of(kind_of(target_of(field)), value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, DecimalField) and not is_amount(field):
        return str(value)
    return format_plain(value)


def format_plain(value: object) -> str:
    """Return a value in words, without its field. Each decimal is an amount."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return describe_moment(value)
    if isinstance(value, date):
        return describe(value, Precision.DAY)
    if isinstance(value, Decimal):
        return eur(value)
    return str(display_for_value(value, ""))


def field_label(field: Field) -> str:
    return capfirst(str(field.verbose_name))


def shorten_pair(old: str, new: str) -> tuple[str, str]:
    """Shorten two long texts to the part that differs, with some text before and after."""
    if max(len(old), len(new)) <= MAX_TEXT:
        return old, new
    length = min(len(old), len(new))
    same = next((i for i in range(length) if old[i] != new[i]), length)
    same_end = next((i for i in range(length - same) if old[-1 - i] != new[-1 - i]), length - same)
    return _cut(old, same, same_end), _cut(new, same, same_end)


def _cut(text: str, start: int, end: int) -> str:
    first, last = max(0, start - CONTEXT), min(len(text), len(text) - end + CONTEXT)
    if last - first > 2 * MAX_TEXT:
        last = first + 2 * MAX_TEXT
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"


# Sentences about changes


def part_details(model: type[Model], row: Row, names: Names) -> list[str]:
    """Return the values of a part that differ from those of a new part, without the name."""
    skipped = [naming_column(model, row), *(parent.column for parent in parent_columns(model))]
    details = []
    for column, field in fields_of(model).items():
        value = format_value(field, row.get(column), names)
        internal = field.primary_key or is_generated(field) or column in PUBLICATION_FIELDS
        if value and not internal and column not in skipped and row[column] != field.get_default():
            details.append(f"{field.verbose_name} {shorten_pair(value, '')[0]}")
    return details


def part_phrase(model: type[Model], row: Row, names: Names, detailed: bool = False) -> str:
    """Return a part with its kind, such as Partner “Stellit”, and on request with its values."""
    kind = capfirst(str(model._meta.verbose_name))
    phrase = _("%(kind)s “%(name)s”") % {"kind": kind, "name": row_name(model, row, names)}
    details = part_details(model, row, names) if detailed else []
    return f"{phrase} ({'; '.join(details)})" if details else phrase


class ChangeSentence(NamedTuple):
    """A sentence about a change of a record or of a part."""

    record: Place
    sentence: str


def sentences_by_change_set(changes: list[Change]) -> dict[int, list[ChangeSentence]]:
    """Describe changes in sentences, grouped by the key of the change set."""
    rows, names = _rows_and_names(changes)
    by_set: dict[int, list[ChangeSentence]] = {}
    for change in changes:
        record = (change.record_kind, change.record_key)
        for sentence in _sentences_of(change, rows.get((change.kind, change.key), {}), names):
            by_set.setdefault(change.change_set_id, []).append(ChangeSentence(record, sentence))
    return by_set


def _rows_and_names(changes: list[Change]) -> tuple[Rows, Names]:
    changed = {(c.kind, c.key) for c in changes if c.action == Action.CHANGED}
    parts = {place for place in changed if parent_columns(model_of(place[0]))}
    rows = rows_by_key(parts)
    rows |= deleted_rows(parts - rows.keys())
    places = [*references_of_rows(rows)]
    for change in changes:
        model = model_of(change.kind)
        places += references_in(model, change.old()) + references_in(model, change.new())
    return rows, Names(places)


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
    if list_field(model):
        values = {"name": row_name(model, row, names), "list": list_label(model)}
        sentence = _("%(list)s: “%(name)s” added.") if added else _("%(list)s: “%(name)s” removed.")
        return [sentence % values]
    phrase = part_phrase(model, row, names, detailed=True)
    return [(_("%(part)s added.") if added else _("%(part)s deleted.")) % {"part": phrase}]


def list_label(model: type[Model]) -> str:
    """Return the label of a list in a record: of parts or of linked records; "" for a record."""
    if field := list_field(model):
        return field_label(field)
    return capfirst(str(model._meta.verbose_name_plural)) if parent_columns(model) else ""


def field_change_sentence(field: Field, before: object, after: object, names: Names) -> str:
    """Return a sentence such as “Title changed from “A” to “B”.”"""
    old, new = (format_value(field, value, names) for value in (before, after))
    old, new = shorten_pair(old, new)
    values = {"field": field_label(field), "old": old, "new": new}
    if not old:
        return _("%(field)s set to “%(new)s”.") % values
    if not new:
        return _("%(field)s cleared; it was “%(old)s”.") % values
    return _("%(field)s changed from “%(old)s” to “%(new)s”.") % values


def reference_error(row: Model) -> str:
    """Return the error of deleting a record that `row` uses."""
    if not is_tracked(type(row)):  # such as evidence, which no change names
        words = _("A record that would be deleted has %(kind)s, which must stay.")
        return words % {"kind": row._meta.verbose_name_plural}
    values = {column: getattr(row, f.attname) for column, f in fields_of(type(row)).items()}
    names = Names(references_in(type(row), values))
    parents = parents_in(type(row), values)
    name = names.of(*parents[0]) if parents else row_name(type(row), values, names)
    return _(
        "“%(record)s” (%(kind)s) was changed later and uses a record that would be deleted. "
        "Change it first, or undo that change."
    ) % {"record": name, "kind": row._meta.verbose_name}


# Two states side by side, and one state in full


class Difference(NamedTuple):
    """A field or a part, with the stored value and the other value in words."""

    label: str
    stored: str
    typed: str


class DifferenceGroup(NamedTuple):
    """The differences in a list of parts, or in the record itself if the name is ""."""

    name: str
    differences: list[Difference]


def difference_groups(steps: list[Step], now: Rows, names: Names) -> list[DifferenceGroup]:
    """Return the current and future values that the steps change, grouped by list."""
    groups: dict[type[Model], list[Difference]] = {}
    for step in steps:
        groups.setdefault(step.model, []).extend(_differences(step, now, names))
    return [DifferenceGroup(list_label(model), rows) for model, rows in groups.items()]


def _differences(step: Step, now: Rows, names: Names) -> list[Difference]:
    model = step.model
    if step.before is None or step.after is None:
        row = step.before or step.after or {}
        present, absent = _("present"), _("not present")
        values = (present, absent) if step.after is None else (absent, present)
        return [Difference(_entry(model, row, names), *values)]
    about = ""
    if parent_columns(model):
        about = f"{row_name(model, now[kind_of(model), step.key], names)} · "
    differences = []
    for column, after in step.after.items():
        field = fields_of(model)[column]
        old, new = (format_value(field, value, names) for value in (step.before[column], after))
        old, new = shorten_pair(old, new)
        label = about + field_label(field)
        differences.append(Difference(label, old or _("empty"), new or _("empty")))
    return differences


def _entry(model: type[Model], row: Row, names: Names) -> str:
    """A row of a list in words: the name of a linked record, or a part with its values."""
    if list_field(model):
        return row_name(model, row, names)
    return part_phrase(model, row, names, detailed=True)


class StateDescription(NamedTuple):
    """A state of a record in words: labels and values of fields, and labels and rows of lists."""

    facts: list[tuple[str, str]]
    lists: list[tuple[str, list[str]]]


def describe_state(rows: Rows, names: Names) -> StateDescription:
    """Describe a state. The first row is the record, the other rows are the parts."""
    facts: list[tuple[str, str]] = []
    lists: dict[str, list[str]] = {}
    for number, ((kind, _key), row) in enumerate(rows.items()):
        model = model_of(kind)
        if number == 0:
            facts = _facts(model, row, names)
        else:
            lists.setdefault(list_label(model), []).append(_entry(model, row, names))
    return StateDescription(facts, list(lists.items()))


def _facts(model: type[Model], row: Row, names: Names) -> list[tuple[str, str]]:
    fields = fields_of(model)
    facts = [
        (field_label(fields[column]), format_value(fields[column], value, names))
        for column, value in row.items()
        if not fields[column].primary_key
        and not is_generated(fields[column])
        and column not in PUBLICATION_FIELDS
    ]
    return [(label, value) for label, value in facts if value]
