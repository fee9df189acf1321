"""Restoring rows to earlier values: steps, and how to apply the steps."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ForeignObjectRel, Model, Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.database.record_version import lock
from psf.database.sql import chunked, delete_keys
from psf.history.change_sentences import reference_error
from psf.history.names import Names, Place, build_record, parents_in, references_in
from psf.history.record_checks import CHANGE_CHECKS, check_row, has_checks
from psf.history.states import (
    KEYS_A_QUERY,
    KeysByModel,
    Row,
    Rows,
    keys_by_kind,
    rows_by_key,
    rows_with,
)
from psf.history.tracking import (
    PUBLICATION_FIELDS,
    fields_of,
    is_generated,
    is_tracked,
    kind_of,
    model_of,
    parent_columns,
    quiet_columns,
)

MAX_NAMED = 5  # records named in an error


class Step(NamedTuple):
    """A change of one row. `before` is None for an added row, `after` for a deleted row.

    For a changed row, both hold the columns that change.
    """

    model: type[Model]
    key: str
    before: Row | None
    after: Row | None


def steps_between(now: Rows, then: Rows) -> list[Step]:
    """Return the steps from the current rows to earlier rows.

    Columns without recorded values keep their values, or get the defaults in an added row.
    """
    steps = []
    for place in [*now, *(place for place in then if place not in now)]:
        kind, key = place
        model, old, new = model_of(kind), now.get(place), then.get(place)
        if old is not None and new is not None:
            quiet = quiet_columns(model)
            changed = [name for name in new if name not in quiet and new[name] != old[name]]
            old = {name: old[name] for name in changed}
            new = {name: new[name] for name in changed}
        if old or new:
            steps.append(Step(model, key, old, new))
    return steps


def without_publication(steps: list[Step]) -> list[Step]:
    """Return the steps without the columns of publication. Steps without columns are dropped."""
    kept_steps = [
        step._replace(after={k: v for k, v in step.after.items() if k not in PUBLICATION_FIELDS})
        if step.after is not None
        else step
        for step in steps
    ]
    return [step for step in kept_steps if step.after != {}]


@transaction.atomic
def apply_steps(steps: list[Step], deletions: KeysByModel | None = None) -> None:
    """Apply the steps in one transaction and increase the versions of the changed records.

    `deletions` are more rows to delete. Raises `ValidationError` with sentences if the current
    records do not allow the steps.
    """
    deletions = {model: list(keys) for model, keys in (deletions or {}).items()}
    for step in steps:
        if step.after is None:
            deletions.setdefault(step.model, []).append(step.key)
    additions = [step for step in steps if step.before is None]
    _check_publication(deletions)
    records = _records_of(steps, deletions)
    _delete(deletions)
    for step in steps:
        if step.before is not None and step.after is not None:
            additions += _change(step)
    _add(additions)
    _check_references(steps, deletions)
    for model, keys in records.items():
        _increase_versions(model, keys)
    _check(records)


def _delete(deletions: KeysByModel) -> None:
    """Delete only these rows. References to the rows are checked afterwards.

    Records are deleted before parts: triggers then update derived rows once and not for each part.
    """
    for model in sorted(deletions, key=lambda model: (len(parent_columns(model)), kind_of(model))):
        for chunk in chunked(deletions[model], KEYS_A_QUERY):
            delete_keys(model, chunk)


def _change(step: Step) -> list[Step]:
    """Save the columns. Return a step to add the row later if another row blocks the new values."""
    fields = fields_of(step.model)
    row = step.model._base_manager.get(pk=step.key)
    for check in CHANGE_CHECKS.get(step.model, []):
        check(row, step.after or {})
    for column, value in (step.after or {}).items():
        setattr(row, fields[column].attname, value)
    generated = [field.attname for field in fields.values() if is_generated(field)]
    changed = [fields[name].attname for name in step.after or {}]
    try:
        with transaction.atomic():
            row.save(update_fields=[*changed, *generated])
    except IntegrityError:
        _delete({step.model: [step.key]})
        values = {column: getattr(row, field.attname) for column, field in fields.items()}
        return [step._replace(before=None, after=values)]
    return []


def _add(steps: list[Step]) -> None:
    by_model: dict[type[Model], list[Model]] = {}
    for step in steps:
        by_model.setdefault(step.model, []).append(build_record(step.model, step.after or {}))
    for model, rows in by_model.items():
        for chunk in chunked(rows, KEYS_A_QUERY):
            try:
                with transaction.atomic():
                    model._base_manager.bulk_create(chunk)
            except IntegrityError:
                raise ValidationError(_constraint_errors(chunk)) from None


def _constraint_errors(rows: list[Model]) -> list[str]:
    """Return the validation errors of rows that the database refused."""
    errors = []
    for row in rows:
        try:
            row.validate_unique()
            row.validate_constraints()
        except ValidationError as error:
            kind = capfirst(str(row._meta.verbose_name))
            errors += [f"{kind}: {message}" for message in error.messages]
    return errors[:MAX_NAMED] or [_("The earlier state breaks a rule that applies now.")]


def _check_publication(deletions: KeysByModel) -> None:
    """Refuse to delete records that are or were public."""
    public = [
        row
        for model, keys in deletions.items()
        if "published_at" in fields_of(model)
        for rows in rows_with(model, keys)
        for row in rows.filter(_ever_public(model)).order_by("pk")[:MAX_NAMED]
    ]
    if public:
        raise ValidationError(
            [
                _("“%(record)s” is or was public and cannot be deleted. Unpublish it instead.")
                % {"record": row}
                for row in public[:MAX_NAMED]
            ]
        )


def _ever_public(model: type[Model]) -> Q:
    """Return the condition for records that are public or were unpublished."""
    moments = [name for name in ["published_at", "unpublished_at"] if name in fields_of(model)]
    return reduce(or_, [Q(**{f"{name}__isnull": False}) for name in moments])


# Related rows


def lock_records(places: Iterable[Place]) -> None:
    """Lock these records until the transaction ends."""
    for kind, keys in sorted(keys_by_kind(places).items()):
        for rows in rows_with(model_of(kind), sorted(keys)):
            lock(rows.only("pk"))


def _records_of(steps: list[Step], deletions: KeysByModel) -> dict[type[Model], set[str]]:
    """Return the keys of the changed and added rows and of all affected records, by model."""
    places: set[Place] = set()
    changed = [step for step in steps if step.before and step.after]
    now = rows_by_key((kind_of(step.model), step.key) for step in changed)
    for step in [step for step in steps if step.after is not None]:
        place = (kind_of(step.model), step.key)
        before, after = now.get(place, step.before or {}), step.after or {}
        places |= {place, *parents_in(step.model, before), *parents_in(step.model, after)}
    for model, deleted_keys in deletions.items():
        for kind, column in parent_columns(model):
            for rows in rows_with(model, deleted_keys):
                attname = fields_of(model)[column].attname
                parent_keys = rows.order_by().values_list(attname, flat=True).distinct()
                places |= {(kind, str(key)) for key in parent_keys if key is not None}
    return {model_of(kind): keys for kind, keys in keys_by_kind(sorted(places)).items()}


def _increase_versions(model: type[Model], keys: set[str]) -> None:
    """Increase the versions of the records and update the change times."""
    generated = [field for field in model._meta.local_concrete_fields if is_generated(field)]
    if not any(field.name == "version" for field in generated):
        return
    for rows in rows_with(model, sorted(keys)):
        for row in rows:
            row.version += 1
            row.save(update_fields=[field.attname for field in generated])


def _check_references(steps: list[Step], deletions: KeysByModel) -> None:
    """Refuse steps after which a row names a missing record."""
    places = {ref for step in steps for ref in references_in(step.model, step.after or {})}
    missing = sorted(places - rows_by_key(places).keys())
    if missing:
        names = Names(missing)
        raise ValidationError(
            [
                _("“%(record)s” was deleted. Restore it first.") % {"record": names.of(*place)}
                for place in missing[:MAX_NAMED]
            ]
        )
    sentences = [
        sentence for model, keys in deletions.items() for sentence in _reference_errors(model, keys)
    ]
    if sentences:
        raise ValidationError(sentences[:MAX_NAMED])


def _reference_errors(model: type[Model], keys: list[str]) -> list[str]:
    """Return sentences about rows that name deleted rows. Untracked parts are deleted here."""
    fields = [
        relation.field
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel) and (relation.one_to_many or relation.one_to_one)
    ]
    for field in fields:
        if field.remote_field.on_delete is models.CASCADE and not is_tracked(field.model):
            for rows in rows_with(field.model, keys, field.name, of=model):
                rows.delete()
    return [
        reference_error(row)
        for field in fields
        for rows in rows_with(field.model, keys, field.name, of=model)
        for row in _first_rows(rows)
    ]


def _first_rows(rows: QuerySet) -> Iterable[Model]:
    """Return the first rows by key, sorted in Python: sorting in SQL would scan the table."""
    keys = sorted(rows.order_by().values_list("pk", flat=True))
    return rows.filter(pk__in=keys[:MAX_NAMED]).order_by("pk") if keys else []


def _check(records: dict[type[Model], set[str]]) -> None:
    """Apply the rules over more than one row."""
    for model, keys in records.items():
        if has_checks(model):
            # The rules read related records, such as the call of a project.
            related = [field.name for field in model._meta.local_fields if field.is_relation]
            for rows in rows_with(model, sorted(keys)):
                for row in rows.select_related(*related):
                    _check_row(row)
    connection.check_constraints()


def _check_row(row: Model) -> None:
    """Name the row in the errors of its rules: other rows are restored with it."""
    try:
        check_row(row)
    except ValidationError as error:
        sentences = [f"“{row}”: {sentence}" for sentence in error.messages]
        raise ValidationError(sentences) from None
