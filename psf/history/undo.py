"""Undoing a whole set of changes, such as an import."""

from collections import defaultdict
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, Min, OuterRef
from django.utils.translation import gettext as _

from psf.history import recording
from psf.history.models import Action, Change, ChangeSet, Channel, UndoBlocker
from psf.history.restore import Step, apply_steps, lock_records, steps_between, without_publication
from psf.history.states import KeysByModel, rows_by_key, walk_back
from psf.history.tracking import PUBLICATION_FIELDS, kind_of, model_of
from psf.search.maintenance import catch_up

Place = tuple[str, str]  # the kind and the key of a row


def undo_change_set(change_set: ChangeSet, user: Any, reason: str) -> ChangeSet:
    """Bring all back that was before these changes, as a set of changes of its own.

    Raises ValidationError with sentences when later changes or rules stand in the way.
    """
    with recording.change_set(user, channel=Channel.UNDO, reason=reason) as made:
        touched = change_set.changes.order_by().values_list("record_kind", "record_key")
        lock_records(touched.distinct())
        if refusals := undo_blockers(change_set):  # of what nobody else changes any more
            raise ValidationError([each.sentence for each in refusals])
        added, others = split_rows(change_set)
        apply_steps(without_publication(reverting_steps(change_set, others)), gone=added)
        catch_up()
        made.undoes = change_set
        made.save(update_fields=["undoes"])
    return made


def split_rows(change_set: ChangeSet) -> tuple[KeysByModel, set[Place]]:
    """The rows that the set added, of which a large import has many, and those that were before."""
    added: dict[str, set[str]] = defaultdict(set)
    others: set[Place] = set()
    rows = change_set.changes.order_by("-pk").values_list("kind", "key", "action")
    for kind, key, action in rows.iterator():  # what came first speaks last
        if action == Action.ADDED:
            added[kind].add(key)
            others.discard((kind, key))
        else:
            added[kind].discard(key)
            others.add((kind, key))
    return {model_of(kind): sorted(keys) for kind, keys in added.items()}, others


def reverting_steps(change_set: ChangeSet, others: set[Place]) -> list[Step]:
    """What must happen to the rows that were there before the set."""
    now = rows_by_key(others)
    # One that was deleted and added again is as it was before that, whatever was added.
    changed = change_set.changes.exclude(action=Action.ADDED).order_by("-pk").iterator()
    return steps_between(
        now, walk_back(now, (each for each in changed if (each.kind, each.key) in others))
    )


def undo_blockers(change_set: ChangeSet) -> list[UndoBlocker]:
    """What keeps a set from being undone, in sentences; [] if nothing is known."""
    if is_undone(change_set):
        return [UndoBlocker(_("All of it is undone already."))]
    if refusals := record_undo_blockers(change_set):
        return refusals
    found = []
    if conflicting_change_sets(change_set):
        found.append(_("Later changes stand in the way: undo those first, the latest before."))
    acts = change_set.changes.filter(action=Action.CHANGED, before__has_any_keys=PUBLICATION_FIELDS)
    if acts.exists():
        found.append(_("It published something or took it back: do that on the record’s page."))
    return [UndoBlocker(sentence) for sentence in found]


def record_undo_blockers(change_set: ChangeSet) -> list[UndoBlocker]:
    """Of kinds of records that are undone in a way of their own, such as mergers."""
    kinds = change_set.changes.order_by().values_list("kind", flat=True).distinct()
    asked = [(kind, getattr(model_of(kind), "undo_blocker", None)) for kind in sorted(kinds)]
    found = [
        elsewhere
        for kind, where in asked
        if where
        for change in change_set.changes.filter(kind=kind)
        if (elsewhere := where(change))
    ]
    return list(dict.fromkeys(found))


def restore_blockers(model: Any, key: str) -> list[UndoBlocker]:
    """Where a deleted record is brought back, if not by restoring it: a merged one, say."""
    deletions = Change.objects.filter(kind=kind_of(model), key=key, action=Action.DELETED)
    last = ChangeSet.objects.filter(changes__in=deletions).first()
    return record_undo_blockers(last) if last else []


def creating_change_set(record: Any) -> ChangeSet | None:
    """The set of changes in which a record was made; None if that is older than the history."""
    added = Change.objects.filter(kind=kind_of(record), key=record.pk, action=Action.ADDED)
    return ChangeSet.objects.filter(changes__in=added).first()


def conflicting_change_sets(change_set: ChangeSet) -> list[ChangeSet]:
    """The sets of changes that stand in the way of undoing this one, the latest first.

    One that was undone does not, nor does what undid it.
    """
    first = change_set.changes.aggregate(first=Min("pk"))["first"] or 0
    mine = Change.objects.filter(change_set=change_set)
    same_row = mine.filter(kind=OuterRef("kind"), key=OuterRef("key"), pk__lt=OuterRef("pk"))
    of_an_added_record = mine.filter(
        kind=OuterRef("record_kind"), key=OuterRef("record_key"), action=Action.ADDED
    )
    later = (
        Change.objects.filter(pk__gt=first)
        .exclude(change_set=change_set)
        .filter(Exists(same_row) | Exists(of_an_added_record))
    )
    sets = {change.change_set_id for change in later if not _is_beside(change, mine)}
    found = ChangeSet.objects.filter(pk__in=sets, undoes=None)
    return [change_set for change_set in found if not is_undone(change_set)]


def is_undone(change_set: ChangeSet) -> bool:
    """Whether the changes were undone, and that not undone in its turn."""
    return any(not is_undone(other) for other in change_set.undone_by.all())


def _is_beside(change: Change, mine: Any) -> bool:
    """Whether a later change of the same row touched other columns only."""
    if change.action != Action.CHANGED:
        return False
    earlier = mine.filter(kind=change.kind, key=change.key)
    return all(
        row.action == Action.CHANGED and not row.old().keys() & change.old().keys()
        for row in earlier
    )
