"""Merging two records of one organisation, and undoing the merger.

A merger points all links to the loser at the winner and deletes the loser. A `Merger` keeps
everything needed for an undo.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import User
from django.core import serializers
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from partners.models import DuplicateCandidate, Merger, NameKind, Partner, PartnerName
from partners.participation import participation
from psf.database.record_version import bump_version, lock, lock_record
from psf.history import recording
from psf.history.channels import Channel
from psf.history.undo import creating_change_set

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


def loser_rows(loser: Partner) -> models.QuerySet:
    """The participations in projects that a merger moves."""
    return participation().partnerships().filter(partner=loser)


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
        by, channel=Channel.MERGE, reason=_("“%(loser)s” into “%(winner)s”") % names
    ):
        return _merge(winner, loser, by)


def _merge(winner: Partner, loser: Partner, by: User) -> Merger:
    locked = {row.pk: row for row in lock(Partner.objects.filter(pk__in=[winner.pk, loser.pk]))}
    if len(locked) < len({winner.pk, loser.pk}):
        raise ValidationError(_("One of the two records was deleted. Open the list again."))
    winner, loser = locked[winner.pk], locked[loser.pk]
    if blockers := merge_blockers(winner, loser):
        raise ValidationError(blockers)
    pairs = DuplicateCandidate.objects.of(loser)
    duplicate_names = names_of_both(winner, loser)
    merger = Merger(winner=winner, name=loser.name, slug=loser.slug, merged_by=by)
    deleted = [loser, *duplicate_names, *pairs.filter(decided_at__isnull=False)]
    merger.before = _as_json(serializers.serialize("python", deleted))
    PartnerName.objects.filter(pk__in=[name.pk for name in duplicate_names]).delete()
    links = _move_links(loser, winner)
    moved = {
        "names": _move(PartnerName.objects.filter(partner=loser), "partner", winner),
        "made": _keep_name(winner, loser),
        "links": links,
        "taken": _copy_values(winner, loser),
    }
    merger.moved = _as_json(moved)
    _bump_versions([winner.pk], links)
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


def _as_json(data: object) -> str:
    return json.dumps(data, cls=DjangoJSONEncoder)


def _keep_name(winner: Partner, loser: Partner) -> list[int]:
    """Add the loser's name to the other names of the winner; return the keys of new names."""
    if loser.name == winner.name or winner.names.filter(text=loser.name).exists():
        return []
    kinds = {"en": NameKind.ENGLISH, "": NameKind.AS_PUBLISHED}
    kind = kinds.get(loser.name_language, NameKind.OFFICIAL)
    return [winner.names.create(kind=kind, **_kept_name(loser)).pk]


def _kept_name(loser: Partner) -> dict[str, object]:
    """The values of the name that a merger adds; an undo keeps a name that staff have changed."""
    values = {"text": loser.name, "language": loser.name_language}
    return {**values, "valid_from": None, "valid_to": None, "source": ""}


def _links() -> Iterator[models.ForeignKey]:
    """Every foreign key to an organisation, except the key of other names."""
    for relation in Partner._meta.related_objects:
        if relation.related_model is not PartnerName:
            yield relation.field  # type: ignore[misc]


def _label(field: models.ForeignKey) -> str:
    return f"{field.model._meta.label}.{field.name}"


def _move(rows: models.QuerySet, field: str, to: Partner) -> list[int]:
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.model._base_manager.filter(pk__in=keys).update(**{field: to})
    return keys


def _move_links(loser: Partner, winner: Partner) -> dict[str, list[int]]:
    moved = {}
    for field in _links():
        rows = field.model._base_manager.filter(**{field.name: loser})
        if keys := _move(rows, field.name, winner):
            moved[_label(field)] = keys
    return moved


def _copy_values(winner: Partner, loser: Partner) -> dict[str, list[object]]:
    """Give the winner the copied values; return the old and new value by field."""
    values = copied_values(winner, loser)
    before = {name: getattr(winner, name) for name in values}
    Partner.objects.filter(pk=winner.pk).update(**values)
    return {name: [before[name], value] for name, value in values.items()}


def _bump_versions(partners: list[int], links: dict[str, list[int]]) -> None:
    """Raise the versions of the organisations, of linked records and of projects."""
    bump_version(Partner, partners)
    for field in _links():
        keys = links.get(_label(field), [])
        if keys and any(column.name == "version" for column in field.model._meta.fields):
            bump_version(field.model, keys)
    partnerships = participation().partnerships().model._meta.get_field("partner")
    participation().bump_project_versions(links.get(_label(partnerships), []))


def undo_merger(merger: Merger, by: User) -> Partner:
    """Restore the merged record and return it; changes made since the merger stay.

    Raises `ValidationError` with the `merger_undo_blockers()`.
    """
    with recording.change_set(by, channel=Channel.MERGE) as change_set:
        loser = _undo_merger(merger, by)
        change_set.undoes = creating_change_set(merger)
        change_set.save(update_fields=["undoes"])
    return loser


def _undo_merger(merger: Merger, by: User) -> Partner:
    merger = lock_record(merger)
    if blockers := merger_undo_blockers(merger):
        raise ValidationError(blockers)
    [winner] = lock(Partner.objects.filter(mergers=merger))
    moved = json.loads(merger.moved)
    loser = _restore_rows(json.loads(merger.before))
    PartnerName.objects.filter(pk__in=moved["made"], **_kept_name(loser)).delete()
    _restore_values(winner, moved["taken"])
    PartnerName.objects.filter(pk__in=moved["names"], partner=winner).update(partner=loser)
    for field in _links():
        keys = moved["links"].get(_label(field), [])
        rows = field.model._base_manager.filter(pk__in=keys, **{field.name: winner})
        rows.update(**{field.name: loser})
    _bump_versions([winner.pk, loser.pk], moved["links"])
    merger.undone_at, merger.undone_by = timezone.now(), by
    merger.save(update_fields=["undone_at", "undone_by"])
    return loser


def merger_undo_blockers(merger: Merger) -> list[str]:
    """Sentences about why the merger cannot be undone."""
    if merger.undone_at:
        return [_("This merger was undone already.")]
    if not merger.winner_id:
        return [_("The record into which it was merged was deleted, with everything in it.")]
    blockers = []
    if Partner.objects.filter(slug=merger.slug).exists():
        blockers.append(
            _("Another organisation uses the address “%(slug)s” now.") % {"slug": merger.slug}
        )
    label = _label(Merger._meta.get_field("winner"))
    later = Merger.objects.in_force().filter(pk__gt=merger.pk).select_related("winner")
    return blockers + [
        _("Undo the later merger of %(merger)s first.") % {"merger": row}
        for row in later
        if merger.pk in json.loads(row.moved)["links"].get(label, [])
    ]


def _restore_rows(data: list[dict[str, Any]]) -> Partner:
    """Write the deleted rows again under the old keys, the organisation first."""
    rows = [item.object for item in serializers.deserialize("python", data, ignorenonexistent=True)]
    partner = rows[0]
    assert isinstance(partner, Partner)
    for link in ["parent_id", "successor_id"]:
        if not Partner.objects.filter(pk=getattr(partner, link)).exists():
            setattr(partner, link, None)
    if not partner.successor_id:
        partner.succeeded_on = None
    for row in rows:
        if not isinstance(row, DuplicateCandidate) or _both_exist(row):
            row.save_base(raw=True, force_insert=True)
    return partner


def _both_exist(row: DuplicateCandidate) -> bool:
    return Partner.objects.filter(pk__in=[row.first_id, row.second_id]).count() == 2


def _restore_values(winner: Partner, copied: dict[str, list[object]]) -> None:
    """Give the winner the old values back, in fields with the copied value still."""
    values = json.loads(_as_json({name: getattr(winner, name) for name in copied}))
    before = {name: old for name, (old, new) in copied.items() if values[name] == new}
    if "successor_id" in before:
        before["succeeded_on"] = None
    Partner.objects.filter(pk=winner.pk).update(**before)
