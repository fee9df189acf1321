"""Merging two records of one organisation, its preview, and undoing the merger.

A merger points all links to the loser at the winner and deletes the loser. The history undoes it.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from partners.models import DuplicateCandidate, Merger, NameKind, Partner, PartnerName
from partners.participation import participation
from psf.database.record_version import bump_version, lock, lock_record
from psf.history import recording
from psf.history.models import Action, Change, ChangeSet, Channel
from psf.history.restore import undo_what_stayed
from psf.history.tracking import fields_of, kind_of
from psf.history.words import field_in_words, field_label

# Fields that an empty winner gets from the loser; the last two belong together.
COPIED_FIELDS = ["city", "website", "registry_number", "internal_note"]
COPIED_FIELDS += ["parent_id", "successor_id", "succeeded_on"]


def merge_blockers(winner: Partner, loser: Partner) -> list[str]:
    """Sentences about what must change before the records can be merged."""
    names = {"winner": winner, "loser": loser}
    if winner.pk == loser.pk:
        return [_("Choose another organisation: this is the same record.")]
    blockers = []
    if _leads_to(winner, loser) or _leads_to(loser, winner):
        blockers.append(
            _(
                "“%(loser)s” and “%(winner)s” are linked: one is part of the other, or became the "
                "other. If they are the same organisation, remove the link first."
            )
            % names
        )
    if projects := participation().shared_projects(winner.pk, loser.pk):
        blockers.append(
            _("Both are partners of %(projects)s: delete one of the two rows there first.")
            % {"projects": get_text_list([f"“{project}”" for project in projects], _("and"))}
        )
    return blockers


def _leads_to(start: Partner, target: Partner) -> bool:
    """Whether links to parents and successors lead from `start` to `target`."""
    queue, visited = [start], {start.pk}
    while queue:
        partner = queue.pop()
        for relative in filter(None, [partner.parent, partner.successor]):
            if relative.pk == target.pk:
                return True
            if relative.pk not in visited:
                visited.add(relative.pk)
                queue.append(relative)
    return False


def copied_values(winner: Partner, loser: Partner) -> dict[str, object]:
    """The values of the loser, by field, where the winner has no value."""
    values = {
        name: getattr(loser, name)
        for name in COPIED_FIELDS
        if getattr(loser, name) and not getattr(winner, name)
    }
    if winner.successor_id and winner.successor_id != loser.successor_id:
        values.pop("succeeded_on", None)
    return values


def merge_partners(winner: Partner, loser: Partner, by: User) -> Merger:
    """Merge the loser into the winner; raise `ValidationError` with the `merge_blockers()`."""
    names = {"winner": winner, "loser": loser}
    with recording.change_set(
        by, channel=Channel.MERGE, reason=_("%(loser)s into %(winner)s") % names
    ):
        return _merge(winner, loser, by)


def _merge(winner: Partner, loser: Partner, by: User) -> Merger:
    locked = {row.pk: row for row in lock(Partner.objects.filter(pk__in=[winner.pk, loser.pk]))}
    if len(locked) < len({winner.pk, loser.pk}):
        raise ValidationError(_("One of the two records was deleted. Open the list again."))
    winner, loser = locked[winner.pk], locked[loser.pk]
    if blockers := merge_blockers(winner, loser):
        raise ValidationError(blockers)
    decided = DuplicateCandidate.objects.of(loser).filter(decided_at__isnull=False)
    pairs = serializers.serialize("json", decided)
    PartnerName.objects.filter(pk__in=[row.pk for row in names_of_both(winner, loser)]).delete()
    loser.names.update(partner=winner)
    _keep_name(winner, loser)
    _move_links(loser, winner)
    Partner.objects.filter(pk=winner.pk).update(**copied_values(winner, loser))
    bump_version(Partner, [winner.pk])
    merger = Merger(winner=winner, name=loser.name, slug=loser.slug, merged_by=by)
    merger.loser_key, merger.pairs = loser.pk, pairs
    loser.delete()
    merger.save()
    return merger


def names_of_both(winner: Partner, loser: Partner) -> list[PartnerName]:
    """The names of the loser shared by the winner, with the same kind and language."""
    winners_names = {(row.text, row.kind, row.language) for row in winner.names.all()}
    return [
        row
        for row in loser.names.all()
        if (row.text, row.kind, row.language) in winners_names
        or (row.text, row.language) == (winner.name, winner.name_language)
    ]


def _keep_name(winner: Partner, loser: Partner) -> None:
    """Add the loser's name to the other names of the winner."""
    if loser.name != winner.name and not winner.names.filter(text=loser.name).exists():
        kinds = {"en": NameKind.ENGLISH, "": NameKind.AS_PUBLISHED}
        kind = kinds.get(loser.name_language, NameKind.OFFICIAL)
        winner.names.create(kind=kind, text=loser.name, language=loser.name_language)


def _move_links(loser: Partner, winner: Partner) -> None:
    """Point every foreign key to the loser at the winner, and raise versions."""
    partnerships = participation().partnerships().model
    for relation in Partner._meta.related_objects:
        field, model = relation.field, relation.related_model
        if model is PartnerName:
            continue
        keys = [*model._base_manager.filter(**{field.name: loser}).values_list("pk", flat=True)]
        model._base_manager.filter(pk__in=keys).update(**{field.name: winner})
        if any(column.name == "version" for column in model._meta.fields):
            bump_version(model, keys)
        if model is partnerships:
            participation().bump_project_versions(keys)


def undo_merger(merger: Merger, by: User) -> Partner:
    """Restore the merged record and return it; changes made since the merger stay.

    Raises `ValidationError` with the `merger_undo_blockers()`, or if the restored records break a
    rule.
    """
    with recording.change_set(by, channel=Channel.MERGE) as undoing:
        merger = lock_record(merger)
        if blockers := merger_undo_blockers(merger):
            raise ValidationError(blockers)
        merging = _change_sets_of(merger).get()
        own_row = {"kind": kind_of(Merger), "key": merger.pk}
        undo_what_stayed(merging.changes.exclude(**own_row))
        undoing.undoes = merging
        undoing.save(update_fields=["undoes"])
        merger.undone_at, merger.undone_by = timezone.now(), by
        merger.save(update_fields=["undone_at", "undone_by"])
        _restore_pairs(merger)
    return Partner.objects.get(slug=merger.slug)


def merger_undo_blockers(merger: Merger) -> list[str]:
    if merger.undone_at:
        return [_("This merger was undone already.")]
    if not merger.winner_id:
        return [_("The record into which it was merged was deleted, with everything in it.")]
    if not _change_sets_of(merger).exists():
        return [
            _("The history does not contain this merger: it came with imported data, or is older.")
        ]
    blockers = []
    if Partner.objects.filter(slug=merger.slug).exists():
        blockers.append(
            _("Another organisation uses the address “%(slug)s” now.") % {"slug": merger.slug}
        )
    winner: Any = _addition_of(merger).get().new()["winner_id"]  # before later mergers
    later = Merger.objects.in_force().filter(loser_key=winner).select_related("winner")
    return blockers + [
        _("Undo the later merger of %(merger)s first.") % {"merger": row} for row in later
    ]


def _addition_of(merger: Merger) -> models.QuerySet[Change]:
    return Change.objects.filter(kind=kind_of(Merger), key=merger.pk, action=Action.ADDED)


def _change_sets_of(merger: Merger) -> models.QuerySet[ChangeSet]:
    """The set of changes that merged the two records, if the history has it."""
    deletion = Change.objects.filter(
        change_set=models.OuterRef("pk"),
        kind=kind_of(Partner),
        key=str(merger.loser_key),
        action=Action.DELETED,
    )
    sets = _addition_of(merger).order_by().values("change_set")
    return ChangeSet.objects.filter(models.Exists(deletion), pk__in=sets)


def _restore_pairs(merger: Merger) -> None:
    """Write the decisions about possible duplicates again, which have no history."""
    for item in serializers.deserialize("python", json.loads(merger.pairs)):
        pair: Any = item.object
        if Partner.objects.filter(pk__in=[pair.first_id, pair.second_id]).count() == 2:
            if not User.objects.filter(pk=pair.decided_by_id).exists():
                pair.decided_by_id = None
            pair.save(force_insert=True)


# The winner keeps its own values of these fields.
SINGLE_VALUES = ["country_id", "kind", *COPIED_FIELDS]


class MergePreview(NamedTuple):
    """The names, links and values to be moved from the loser, and the values to be lost."""

    names: list[str]
    participations: Sequence[models.Model]  # partnerships, with project and call
    units: list[Partner]
    predecessors: list[Partner]
    copied: list[tuple[str, str]]  # label of the field, new value of the winner
    lost: list[tuple[str, str, str]]  # label of the field, value of the winner, lost value


def preview_merger(winner: Partner, loser: Partner) -> MergePreview:
    rows = participation().partnerships().filter(partner=loser)
    rows = rows.select_related("project", "country").order_by("project__reference")
    names = [loser.name, *(row.text for row in loser.names.all())]
    return MergePreview(
        names=[name for name in dict.fromkeys(names) if name != winner.name],
        participations=list(rows),
        units=list(loser.units.all()),
        predecessors=list(loser.predecessors.all()),
        copied=[(_label(name), _text(loser, name)) for name in copied_values(winner, loser)],
        lost=_lost_values(winner, loser),
    )


def _label(name: str) -> str:
    return field_label(fields_of(Partner)[name])


def _text(partner: Partner, name: str) -> str:
    return field_in_words(partner, fields_of(Partner)[name])


def _lost_values(winner: Partner, loser: Partner) -> list[tuple[str, str, str]]:
    """The different values of fields and of sources of names: those of the loser will be lost."""
    values = [(_label(name), _text(winner, name), _text(loser, name)) for name in SINGLE_VALUES]
    sources = {row.text: row.source for row in winner.names.all()}
    values += [
        (_("Source of “%(name)s”") % {"name": row.text}, sources.get(row.text) or "–", row.source)
        for row in names_of_both(winner, loser)
    ]
    return [
        (label, stays, lost) for label, stays, lost in values if stays and lost and stays != lost
    ]
