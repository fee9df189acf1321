"""Restoring rows to earlier values, and undoing sets of changes, such as an import."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Exists, ForeignObjectRel, Min, Model, OuterRef, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.database.record_version import lock
from psf.database.sql import chunked, delete_keys
from psf.history import recording
from psf.history.models import Action, Change, ChangeSet, Channel, UndoBlocker
from psf.history.states import (
    KEYS_A_QUERY,
    KeysByModel,
    Place,
    Rows,
    Step,
    keys_by_kind,
    read_row,
    rows_by_key,
    rows_with,
    steps_between,
    walk_back,
    without_publication,
)
from psf.history.tracking import (
    CHANGE_CHECKS,
    PUBLICATION_FIELDS,
    check_row,
    fields_of,
    is_generated,
    is_tracked,
    kind_of,
    model_of,
    quiet_columns,
)
from psf.history.words import Names, build_record, parents_in, reference_error, references_in
from psf.search.index import update_indexes

MAX_NAMED = 5  # records named in an error


@transaction.atomic
def apply_steps(steps: list[Step]) -> None:
    """Apply the steps in one transaction and increase the versions of the changed records.

    Raises `ValidationError` with sentences if the current records do not allow the steps.
    """
    deletions: KeysByModel = {}
    for step in steps:
        if step.after is None:
            deletions.setdefault(step.model, []).append(step.key)
    additions = [step for step in steps if step.before is None]
    _check_publication(deletions)
    records = _records_of(steps)
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
    """Delete only these rows. References to the rows are checked afterwards."""
    for model, keys in deletions.items():
        for chunk in chunked(keys, KEYS_A_QUERY):
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
        for row in rows.order_by("pk")
        if row.published_at or getattr(row, "unpublished_at", None)
    ]
    if public:
        raise ValidationError(
            [
                _("“%(record)s” is or was public and cannot be deleted. Unpublish it instead.")
                % {"record": row}
                for row in public[:MAX_NAMED]
            ]
        )


# Related rows


def lock_records(places: Iterable[Place]) -> None:
    """Lock these records until the transaction ends."""
    for kind, keys in sorted(keys_by_kind(places).items()):
        for rows in rows_with(model_of(kind), sorted(keys)):
            lock(rows.only("pk"))


def _records_of(steps: list[Step]) -> dict[type[Model], set[str]]:
    """Return the keys of the changed and added rows and of all affected records, by model."""
    places: set[Place] = set()
    now = rows_by_key((kind_of(step.model), step.key) for step in steps)
    for step in steps:
        place = (kind_of(step.model), step.key)
        places.update(parents_in(step.model, now.get(place, {})))
        if step.after is not None:
            places |= {place, *parents_in(step.model, step.after)}
    return {model_of(kind): keys for kind, keys in keys_by_kind(sorted(places)).items()}


def _increase_versions(model: type[Model], keys: set[str]) -> None:
    """Increase the versions of the records."""
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
        for row in rows.order_by("pk")[:MAX_NAMED]
    ]


def _check(records: dict[type[Model], set[str]]) -> None:
    """Apply the rules over more than one row."""
    for model, keys in records.items():
        # The rules read related records, such as the call of a project.
        related = [field.name for field in model._meta.local_fields if field.is_relation]
        for rows in rows_with(model, sorted(keys)):
            for row in rows.select_related(*related):
                try:
                    check_row(row)
                except ValidationError as error:  # of one row among others
                    sentences = [f"“{row}”: {sentence}" for sentence in error.messages]
                    raise ValidationError(sentences) from None
    connection.check_constraints()


# Undoing sets


def undo_change_set(
    change_set: ChangeSet, user: recording.Account | None, reason: str
) -> ChangeSet:
    """Reverse all changes of a set and return the new change set.

    Raises `ValidationError` with sentences if later changes or the rules do not allow this.
    """
    with recording.change_set(user, channel=Channel.UNDO, reason=reason) as undoing:
        records = change_set.changes.order_by().values_list("record_kind", "record_key")
        lock_records(records.distinct())
        if blockers := undo_blockers(change_set):  # checked after the locks
            raise ValidationError([blocker.sentence for blocker in blockers])
        write_undo(change_set)
        update_indexes()
        undoing.undoes = change_set
        undoing.save(update_fields=["undoes"])
    return undoing


def write_undo(change_set: ChangeSet) -> None:
    """Reverse all changes of a set. Also for a preview."""
    now, then = _now_and_before(list(change_set.changes.order_by("pk")))
    apply_steps(without_publication(steps_between(now, then)))


def _now_and_before(changes: list[Change]) -> tuple[Rows, Rows]:
    """Return the current rows of the changes, and the rows before the changes."""
    now = rows_by_key((change.kind, change.key) for change in changes)
    return now, walk_back(now, reversed(changes))


def undo_what_stayed(changes: QuerySet[Change]) -> None:
    """Reverse changes of a set, except of rows and columns that were changed since.

    Raises `ValidationError` with sentences if the rules do not allow this.
    """
    lock_records(changes.order_by().values_list("record_kind", "record_key").distinct())
    ordered = list(changes.order_by("pk"))
    now, then = _now_and_before(ordered)
    for place, columns in _rows_left(ordered).items():
        row, quiet = now.get(place, {}), quiet_columns(model_of(place[0]))
        changed = {n for n in columns if n not in quiet and row.get(n) != columns[n]}
        if columns and row and place in then:  # the set changed the row
            then[place] = {n: then[place][n] for n in columns.keys() - changed}
        elif changed or (row and not columns):  # somebody changed, deleted or restored the row
            now.pop(place, None)
            then.pop(place, None)
    apply_steps(without_publication(steps_between(now, then)))


def _rows_left(changes: list[Change]) -> Rows:
    """Return the values that the changes left in each row; {} for a deleted row."""
    values: Rows = {}
    for change in changes:
        place, new = (change.kind, change.key), read_row(model_of(change.kind), change.new())
        values[place] = values.get(place, {}) | new if change.action == Action.CHANGED else new
    return values


def undo_blockers(change_set: ChangeSet) -> list[UndoBlocker]:
    """Return the reasons why a set cannot be undone; [] if there are none."""
    if is_undone(change_set):
        return [UndoBlocker(_("These changes are already undone."))]
    if blockers := record_undo_blockers(change_set):
        return blockers
    sentences = []
    if conflicting_change_sets(change_set):
        sentences.append(_("Later changes block this. Undo the later changes first, newest first."))
    publication = change_set.changes.filter(
        action=Action.CHANGED, before__has_any_keys=PUBLICATION_FIELDS
    )
    if publication.exists():
        sentences.append(_("These changes published or unpublished a record. Do this on its page."))
    return [UndoBlocker(sentence) for sentence in sentences]


def record_undo_blockers(change_set: ChangeSet) -> list[UndoBlocker]:
    """Return the blockers of records that are undone on their own page, such as mergers."""
    kinds = change_set.changes.order_by().values_list("kind", flat=True).distinct()
    checks = [(kind, getattr(model_of(kind), "undo_blocker", None)) for kind in sorted(kinds)]
    blockers = [
        blocker
        for kind, undo_blocker in checks
        if undo_blocker
        for change in change_set.changes.filter(kind=kind)
        if (blocker := undo_blocker(change))
    ]
    return list(dict.fromkeys(blockers))


def conflicting_change_sets(change_set: ChangeSet) -> list[ChangeSet]:
    """Return the later change sets that block undoing this set, the newest first.

    A later set blocks if it changes the same columns of a row, or a part of an added record.
    Undone sets and sets that undo another set never block.
    """
    first = change_set.changes.aggregate(first=Min("pk"))["first"] or 0
    own = Change.objects.filter(change_set=change_set)
    same_row = own.filter(kind=OuterRef("kind"), key=OuterRef("key"), pk__lt=OuterRef("pk"))
    part_of_added_record = own.filter(
        kind=OuterRef("record_kind"), key=OuterRef("record_key"), action=Action.ADDED
    )
    later = (
        Change.objects.filter(pk__gt=first)
        .exclude(change_set=change_set)
        .filter(Exists(same_row) | Exists(part_of_added_record))
    )
    sets = {change.change_set_id for change in later if not _changes_other_columns(change, own)}
    blocking = ChangeSet.objects.filter(pk__in=sets, undoes=None)
    return [change_set for change_set in blocking if not is_undone(change_set)]


def is_undone(change_set: ChangeSet) -> bool:
    """Return whether a set was undone, and the undoing was not undone again."""
    return any(not is_undone(undoing) for undoing in change_set.undone_by.all())


def _changes_other_columns(change: Change, own: QuerySet[Change]) -> bool:
    """Return whether a later change of the same row changes other columns only."""
    if change.action != Action.CHANGED:
        return False
    earlier = own.filter(kind=change.kind, key=change.key)
    return all(
        row.action == Action.CHANGED and not row.old().keys() & change.old().keys()
        for row in earlier
    )
