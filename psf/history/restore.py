"""Bringing back what was: a state of one record, or all that was before a set of changes."""

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.database.bulk_insert import bulk_insert
from psf.database.record_version import lock
from psf.database.sql import among
from psf.history.states import KeysByModel, Row, Rows, rows_by_key, split_into_chunks
from psf.history.tracking import (
    PUBLICATION_FIELDS,
    fields_of,
    generated_columns,
    is_generated,
    is_tracked,
    kind_of,
    model_of,
    parent_columns,
)
from psf.history.wording import Names, build_record, references_in, row_name

MAX_NAMED = 5  # of the records that stand in the way, so many are named
CHECKS: dict[type[models.Model], list[Callable[[Any], None]]] = {}


class Step(NamedTuple):
    """What happens to one row: `before` is None where it is added, `after` where it is deleted.

    Where it is changed both hold the columns that change.
    """

    model: Any
    key: str
    before: Row | None
    after: Row | None


def steps_between(now: Rows, then: Rows) -> list[Step]:
    """What must happen so that the rows are again as they were.

    Columns that the history does not know stay, or are as in a new record.
    """
    steps = []
    for place in [*now, *(place for place in then if place not in now)]:
        kind, key = place
        model, old, new = model_of(kind), now.get(place), then.get(place)
        if old is not None and new is not None:
            quiet = generated_columns(model)
            changed = [name for name in new if name not in quiet and new[name] != old[name]]
            old = {name: old[name] for name in changed}
            new = {name: new[name] for name in changed}
        if old or new:
            steps.append(Step(model, key, old, new))
    return steps


def without_publication(steps: list[Step]) -> list[Step]:
    """The same steps, of which none publishes anything or takes it back."""
    mended = [
        step._replace(after={k: v for k, v in step.after.items() if k not in PUBLICATION_FIELDS})
        if step.after is not None
        else step
        for step in steps
    ]
    return [step for step in mended if step.after != {}]


@transaction.atomic
def apply_steps(steps: list[Step], gone: KeysByModel | None = None) -> None:
    """Take the steps, all or none, and raise the versions of all records that they touch.

    `gone` are rows that are deleted besides. Raises ValidationError with sentences when what is
    now does not allow it.
    """
    deletions: KeysByModel = {model: list(keys) for model, keys in (gone or {}).items()}
    for step in steps:
        if step.after is None:
            deletions.setdefault(step.model, []).append(step.key)
    additions = [step for step in steps if step.before is None]
    _refuse_what_is_public(deletions)
    records = _records_of(steps, deletions)
    _delete(deletions)
    for step in steps:
        if step.before is not None and step.after is not None:
            additions += _change(step)
    _add(additions)
    _refuse_loose_ends(steps, deletions)
    for model, keys in records.items():
        _touch(model, keys)
    _check(records)


def _delete(deletions: KeysByModel) -> None:
    """These rows and no others: what hangs on them is looked at afterwards.

    Records before their parts: what is derived from a record is not made anew for each of those.
    """
    for model in sorted(deletions, key=lambda model: (len(parent_columns(model)), kind_of(model))):
        for rows in _chosen(model, deletions[model]):
            rows._raw_delete(rows.db)


def _chosen(model: Any, keys: Iterable[str], name: str = "pk", of: Any = None) -> Iterator[Any]:
    """The rows with these keys, or that name them in a field `of` another model, some at a time."""
    for chunk in split_into_chunks(keys):
        yield model._base_manager.filter(**{f"{name}__in": among(of or model, chunk)})


def _change(step: Step) -> list[Step]:
    """Write the columns. A row whose place another one still holds is added again in the end."""
    fields = fields_of(step.model)
    row = step.model._base_manager.get(pk=step.key)
    for column, value in (step.after or {}).items():
        setattr(row, fields[column].attname, value)
    made = [field.attname for field in fields.values() if is_generated(field)]
    try:
        with transaction.atomic():
            row.save(update_fields=[*(fields[name].attname for name in step.after or {}), *made])
    except IntegrityError:
        _delete({step.model: [step.key]})
        whole = {column: getattr(row, field.attname) for column, field in fields.items()}
        return [step._replace(before=None, after=whole)]
    return []


def _add(steps: list[Step]) -> None:
    by_model: dict[Any, list[Any]] = {}
    for step in steps:
        by_model.setdefault(step.model, []).append(build_record(step.model, step.after or {}))
    for rows in by_model.values():
        for chunk in split_into_chunks(rows):
            try:
                with transaction.atomic():
                    bulk_insert(chunk)
            except IntegrityError:
                raise ValidationError(_why_not(chunk)) from None


def _why_not(rows: list[Any]) -> list[str]:
    """What keeps rows from being added, as their own rules say it."""
    found = []
    for row in rows:
        try:
            row.validate_unique()
            row.validate_constraints()
        except ValidationError as error:
            kind = capfirst(str(row._meta.verbose_name))
            found += [f"{kind}: {message}" for message in error.messages]
    return found[:MAX_NAMED] or [_("What was then breaks a rule that holds now.")]


def _refuse_what_is_public(deletions: KeysByModel) -> None:
    public = [
        row
        for model, keys in deletions.items()
        if "published_at" in fields_of(model)
        for rows in _chosen(model, keys)
        for row in rows.filter(_was_public(model)).order_by("pk")[:MAX_NAMED]
    ]
    if public:
        raise ValidationError(
            [
                _("“%(record)s” is public, or was: it cannot go. Take it back from the public.")
                % {"record": row}
                for row in public[:MAX_NAMED]
            ]
        )


def _was_public(model: Any) -> Q:
    """It is, or it was taken back and its address tells why."""
    moments = [name for name in ["published_at", "unpublished_at"] if name in fields_of(model)]
    return reduce(or_, [Q(**{f"{name}__isnull": False}) for name in moments])


# What hangs together


def lock_records(places: Iterable[tuple[str, str]]) -> None:
    """Keep others from changing these records before the transaction ends."""
    by_kind: dict[str, set[str]] = {}
    for kind, key in places:
        by_kind.setdefault(kind, set()).add(key)
    for kind in sorted(by_kind):
        for rows in _chosen(model_of(kind), sorted(by_kind[kind])):
            lock(rows.only("pk"))


def _records_of(steps: list[Step], deletions: KeysByModel) -> dict[Any, set[str]]:
    """The rows that the steps touch and the records to which they belong, by model."""
    found: dict[str, set[str]] = {}
    changed = [step for step in steps if step.before and step.after]  # the others are whole
    now = rows_by_key((kind_of(step.model), step.key) for step in changed)
    for step in [step for step in steps if step.after is not None]:
        found.setdefault(kind_of(step.model), set()).add(step.key)
        before = now.get((kind_of(step.model), step.key), step.before or {})
        for row in [before, step.after or {}]:
            for kind, column in parent_columns(step.model):
                if row.get(column) is not None:
                    found.setdefault(kind, set()).add(str(row[column]))
    for model, gone in deletions.items():
        for kind, column in parent_columns(model):
            for rows in _chosen(model, gone):
                named = rows.order_by().values_list(fields_of(model)[column].attname, flat=True)
                found.setdefault(kind, set()).update(
                    str(key) for key in named.distinct() if key is not None
                )
    return {model_of(kind): keys for kind, keys in found.items()}


def _touch(model: Any, keys: set[str]) -> None:
    """Raise the version of the records and note when they were changed."""
    made = [field for field in model._meta.local_concrete_fields if is_generated(field)]
    if not any(field.name == "version" for field in made):
        return
    for rows in _chosen(model, sorted(keys)):
        for row in rows:
            row.version += 1
            row.save(update_fields=[field.attname for field in made])


def _refuse_loose_ends(steps: list[Step], deletions: KeysByModel) -> None:
    """No row may name one that is not there."""
    wanted = {ref for step in steps for ref in references_in(step.model, step.after or {})}
    missing = sorted(wanted - rows_by_key(wanted).keys())
    if missing:
        names = Names(missing)
        raise ValidationError(
            [
                _("“%(record)s” is not here any more: restore it first.")
                % {"record": names.of(*place)}
                for place in missing[:MAX_NAMED]
            ]
        )
    if found := [
        sentence for model, gone in deletions.items() for sentence in _still_named(model, gone)
    ]:
        raise ValidationError(found[:MAX_NAMED])


def _still_named(model: Any, keys: list[str]) -> list[str]:
    """What still names rows that were deleted; what is no record itself goes with them."""
    fields = [
        relation.field
        for relation in model._meta.get_fields(include_hidden=True)
        if relation.auto_created and (relation.one_to_many or relation.one_to_one)
    ]
    for field in fields:
        if field.remote_field.on_delete is models.CASCADE and not is_tracked(field.model):
            for rows in _chosen(field.model, keys, field.name, of=model):
                rows.delete()
    return [
        _named_by(row)
        for field in fields
        for rows in _chosen(field.model, keys, field.name, of=model)
        for row in _first(rows)
    ]


def _first(rows: Any) -> Any:
    """Some of the rows, found by what they name: not in an order that leads over all that went."""
    keys = sorted(rows.order_by().values_list("pk", flat=True))
    return rows.filter(pk__in=keys[:MAX_NAMED]).order_by("pk") if keys else []


def _named_by(row: Any) -> str:
    values = {column: getattr(row, f.attname) for column, f in fields_of(type(row)).items()}
    names = Names(references_in(type(row), values))
    parents = [parent for parent in parent_columns(type(row)) if values[parent.column] is not None]
    name = (
        names.of(parents[0].kind, values[parents[0].column])
        if parents
        else row_name(type(row), values, names)
    )
    return _("“%(record)s” was changed later and uses what would go: change it first.") % {
        "record": name
    }


def register_check(model: type[models.Model], *checks: Callable[[Any], None]) -> None:
    """Call the checks with each restored row of the model. A check raises `ValidationError`."""
    CHECKS.setdefault(model, []).extend(checks)


def _check(records: dict[Any, set[str]]) -> None:
    """Apply the rules over more than one row: `clean()` and the registered checks."""
    for model, keys in records.items():
        checks = CHECKS.get(model, [])
        if model.clean is models.Model.clean and not checks:
            continue
        related = [field.name for field in model._meta.local_fields if field.is_relation]
        for rows in _chosen(model, sorted(keys)):
            for row in rows.select_related(*related):  # the rules read these: a project's call
                row.clean()
                for check in checks:
                    check(row)
    connection.check_constraints()
