"""Undoing a change set, such as an import."""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db.models import Exists, Min, Model, OuterRef, QuerySet
from django.utils.translation import gettext as _

from psf.history import recording
from psf.history.channels import Channel
from psf.history.models import Action, Change, ChangeSet, UndoBlocker
from psf.history.names import Place
from psf.history.restore import Step, apply_steps, lock_records, steps_between, without_publication
from psf.history.states import KeysByModel, Rows, read_row, rows_by_key, walk_back
from psf.history.tracking import PUBLICATION_FIELDS, kind_of, model_of, quiet_columns
from psf.search.maintenance import update_indexes


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
    added, existing = split_rows(change_set)
    apply_steps(without_publication(reverting_steps(change_set, existing)), deletions=added)


def split_rows(change_set: ChangeSet) -> tuple[KeysByModel, set[Place]]:
    """Return the keys of the rows that the set added, and the rows that existed before."""
    added: dict[str, set[str]] = defaultdict(set)
    existing: set[Place] = set()
    rows = change_set.changes.order_by("-pk").values_list("kind", "key", "action")
    for kind, key, action in rows.iterator():  # from the last change to the first
        if action == Action.ADDED:
            added[kind].add(key)
            existing.discard((kind, key))
        else:
            added[kind].discard(key)
            existing.add((kind, key))
    return {model_of(kind): sorted(keys) for kind, keys in added.items()}, existing


def reverting_steps(change_set: ChangeSet, existing: set[Place]) -> list[Step]:
    """Return the steps that reset the rows that existed before the set."""
    now = rows_by_key(existing)
    changes = change_set.changes.order_by("-pk").iterator()
    earlier = walk_back(now, (row for row in changes if (row.kind, row.key) in existing))
    return steps_between(now, earlier)


def undo_what_stayed(changes: QuerySet[Change]) -> None:
    """Reverse changes of a set, except of rows and columns that were changed since.

    Raises `ValidationError` with sentences if the rules do not allow this.
    """
    lock_records(changes.order_by().values_list("record_kind", "record_key").distinct())
    ordered = list(changes.order_by("pk"))
    left = _rows_left(ordered)
    now = rows_by_key(left)
    then = walk_back(now, reversed(ordered))
    for place, columns in left.items():
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
    left: Rows = {}
    for change in changes:
        place, new = (change.kind, change.key), read_row(model_of(change.kind), change.new())
        left[place] = left.get(place, {}) | new if change.action == Action.CHANGED else new
    return left


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


def restore_blockers(model: type[Model], key: str) -> list[UndoBlocker]:
    """Return the reasons why a deleted record cannot be restored, such as a merger."""
    deletions = Change.objects.filter(kind=kind_of(model), key=key, action=Action.DELETED)
    last = ChangeSet.objects.filter(changes__in=deletions).first()
    return record_undo_blockers(last) if last else []


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
