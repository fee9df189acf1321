"""Merging two records of one organisation, and undoing it.

All that pointed at the merged record points at the winner afterwards, the merged record is
deleted, and a `Merger` keeps what it takes to bring everything back.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.core import serializers
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from partners.models import DuplicateCandidate, Merger, NameKind, Partner, PartnerName
from partners.models.countries import all_partnerships
from psf.database.record_version import bump_version, lock
from psf.history import recording
from psf.history.models import Channel
from psf.history.undo import creating_change_set

# What the winner takes over where it says nothing itself; the last two go together.
TAKEN_OVER = ["city", "website", "registry_number", "internal_note"]
TAKEN_OVER += ["parent_id", "successor_id", "succeeded_on"]


def hindrances(winner: Partner, loser: Partner) -> list[str]:
    """What keeps the two from being merged, in sentences; [] if nothing."""
    names = {"winner": winner, "loser": loser}
    if winner.pk == loser.pk:
        return [_("Choose another organisation: this is the record itself.")]
    found = []
    if _descends(winner, loser) or _descends(loser, winner):
        found.append(
            _(
                "“%(loser)s” and “%(winner)s” are recorded as parts of each other, or as one "
                "having become the other. Remove that link first, if they are one."
            )
            % names
        )
    if both := _projects_of_both(winner, loser):
        found.append(
            _(
                "Both stand in the list of partners of %(projects)s: delete one of the two rows "
                "there first."
            )
            % {"projects": get_text_list([f"“{project}”" for project in both], _("and"))}
        )
    return found


def _descends(one: Partner, other: Partner) -> bool:
    """Whether one leads to the other by what it is part of or became."""
    waiting, seen = [one], {one.pk}
    while waiting:
        partner = waiting.pop()
        for following in filter(None, [partner.parent, partner.successor]):
            if following.pk == other.pk:
                return True
            if following.pk not in seen:
                seen.add(following.pk)
                waiting.append(following)
    return False


def _projects_of_both(winner: Partner, loser: Partner) -> list[Any]:
    projects = _project_model()._base_manager.filter(partnerships__partner=winner)
    return list(projects.filter(partnerships__in=loser_rows(loser)).distinct())


def loser_rows(loser: Partner) -> models.QuerySet:
    """The parts in projects that a merger moves."""
    return all_partnerships().filter(partner=loser)


def _project_model() -> Any:
    """Asked of the registry: this app never imports `projects`."""
    return apps.get_model("projects", "Project")


def taken_over(winner: Partner, loser: Partner) -> dict[str, Any]:
    """The fields in which the winner says nothing and takes the other's word."""
    found = {
        name: getattr(loser, name)
        for name in TAKEN_OVER
        if getattr(loser, name) and not getattr(winner, name)
    }
    if winner.successor_id:
        found.pop("succeeded_on", None)
    return found


def merge(winner: Partner, loser: Partner, by: User) -> Merger:
    """Make one record of two. Raises `ValidationError` where `hindrances()` says why not."""
    names = {"winner": winner, "loser": loser}
    with recording.change_set(
        by, channel=Channel.MERGE, reason=_("“%(loser)s” into “%(winner)s”") % names
    ):
        return _merge(winner, loser, by)


def _merge(winner: Partner, loser: Partner, by: User) -> Merger:
    locked = {row.pk: row for row in lock(Partner.objects.filter(pk__in=[winner.pk, loser.pk]))}
    if len(locked) < len({winner.pk, loser.pk}):
        raise ValidationError(_("One of the two is not recorded any more: look again."))
    winner, loser = locked[winner.pk], locked[loser.pk]
    if reasons := hindrances(winner, loser):
        raise ValidationError(reasons)
    pairs = DuplicateCandidate.objects.of(loser)
    dropped = _names_of_both(winner, loser)
    merger = Merger(winner=winner, name=loser.name, slug=loser.slug, merged_by=by)
    kept = [loser, *dropped, *pairs.filter(decided_at__isnull=False)]
    merger.before = _as_json(serializers.serialize("python", kept))
    PartnerName.objects.filter(pk__in=[name.pk for name in dropped]).delete()
    links = _move_links(loser, winner)
    moved = {
        "names": _move(PartnerName.objects.filter(partner=loser), "partner", winner),
        "made": _keep_name(winner, loser),
        "links": links,
        "taken": _take_over(winner, loser),
    }
    merger.moved = _as_json(moved)
    _raise_versions([winner.pk], links)
    loser.delete()
    merger.save()
    return merger


def _names_of_both(winner: Partner, loser: Partner) -> list[PartnerName]:
    """The merged record's names that the winner has itself, word for word."""
    known = {(row.text, row.kind, row.language) for row in winner.names.all()}
    return [
        row
        for row in loser.names.all()
        if (row.text, row.kind, row.language) in known
        or (row.text, row.language) == (winner.name, winner.name_language)
    ]


def _as_json(data: Any) -> str:
    return json.dumps(data, cls=DjangoJSONEncoder)


def _keep_name(winner: Partner, loser: Partner) -> list[int]:
    """The name of the merged record becomes one of the winner's, unless it is."""
    if loser.name == winner.name or winner.names.filter(text=loser.name).exists():
        return []
    kind = NameKind.ENGLISH if loser.name_language == "en" else NameKind.OFFICIAL
    made = winner.names.create(text=loser.name, language=loser.name_language, kind=kind)
    return [made.pk]


def _links() -> Iterator[models.ForeignKey]:
    """Every field of any record that names an organisation, but for what is its own part."""
    for relation in Partner._meta.related_objects:
        if relation.related_model is not PartnerName:
            yield relation.field  # type: ignore[misc]


def _label(field: models.ForeignKey) -> str:
    return f"{field.model._meta.label}.{field.name}"


def _move(rows: models.QuerySet, field: str, to: Partner) -> list[Any]:
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.model._base_manager.filter(pk__in=keys).update(**{field: to})
    return keys


def _move_links(loser: Partner, winner: Partner) -> dict[str, list[Any]]:
    moved = {}
    for field in _links():
        rows = field.model._base_manager.filter(**{field.name: loser})
        if keys := _move(rows, field.name, winner):
            moved[_label(field)] = keys
    return moved


def _take_over(winner: Partner, loser: Partner) -> dict[str, list[Any]]:
    """The fields that the winner took over: what it said before, and what it says now."""
    taken = taken_over(winner, loser)
    before = {name: getattr(winner, name) for name in taken}
    Partner.objects.filter(pk=winner.pk).update(**taken)
    return {name: [before[name], value] for name, value in taken.items()}


def _raise_versions(partners: list[int], links: dict[str, list[Any]]) -> None:
    """Of the organisations, of the records that named one of them, and of their projects."""
    bump_version(Partner, partners)
    for field in _links():
        keys = links.get(_label(field), [])
        if keys and any(own.name == "version" for own in field.model._meta.fields):
            bump_version(field.model, keys)
    rows = all_partnerships().filter(pk__in=links.get("projects.Partnership.partner", []))
    bump_version(_project_model(), set(rows.values_list("project", flat=True)))


def undo(merger: Merger, by: User) -> Partner:
    """Make two records again, each with what it had; what was changed since stays changed.

    Raises `ValidationError` where something stands in the way. Returns the record that is back.
    """
    with recording.change_set(by, channel=Channel.MERGE) as made:
        back = _undo(merger, by)
        made.undoes = creating_change_set(merger)
        made.save(update_fields=["undoes"])
    return back


def _undo(merger: Merger, by: User) -> Partner:
    merger = Merger.objects.select_for_update().get(pk=merger.pk)
    if reasons := hindrances_of_undoing(merger):
        raise ValidationError(reasons)
    winner = Partner.objects.select_for_update().get(mergers=merger)
    moved = json.loads(merger.moved)
    PartnerName.objects.filter(pk__in=moved["made"]).delete()
    back = _bring_back(json.loads(merger.before))
    _give_back(winner, moved["taken"])
    PartnerName.objects.filter(pk__in=moved["names"], partner=winner).update(partner=back)
    for field in _links():
        keys = moved["links"].get(_label(field), [])
        rows = field.model._base_manager.filter(pk__in=keys, **{field.name: winner})
        rows.update(**{field.name: back})
    _raise_versions([winner.pk, back.pk], moved["links"])
    merger.undone_at, merger.undone_by = timezone.now(), by
    merger.save(update_fields=["undone_at", "undone_by"])
    return back


def hindrances_of_undoing(merger: Merger) -> list[str]:
    """What keeps a merger from being undone, in sentences; [] if nothing."""
    if merger.undone_at:
        return [_("This merger was undone already.")]
    if not merger.winner_id:
        return [_("The record into which it was merged was deleted, with all that it had.")]
    found = []
    if Partner.objects.filter(slug=merger.slug).exists():
        found.append(
            _("Another organisation has the address “%(slug)s” now: it cannot be given back.")
            % {"slug": merger.slug}
        )
    label = _label(Merger._meta.get_field("winner"))
    later = Merger.objects.in_force().filter(pk__gt=merger.pk).select_related("winner")
    return found + [
        _("Undo the later merger of %(merger)s first.") % {"merger": row}
        for row in later
        if merger.pk in json.loads(row.moved)["links"].get(label, [])
    ]


def _bring_back(data: Any) -> Partner:
    """Write the deleted rows again, with their keys: the organisation first, then its parts."""
    rows = [
        found.object for found in serializers.deserialize("python", data, ignorenonexistent=True)
    ]
    back = rows[0]
    assert isinstance(back, Partner)
    for link in ["parent_id", "successor_id"]:
        if not Partner.objects.filter(pk=getattr(back, link)).exists():
            setattr(back, link, None)
    if not back.successor_id:
        back.succeeded_on = None
    for row in rows:
        if not isinstance(row, DuplicateCandidate) or _both_are_there(row):
            row.save_base(raw=True, force_insert=True)
    return back


def _both_are_there(row: DuplicateCandidate) -> bool:
    return Partner.objects.filter(pk__in=[row.first_id, row.second_id]).count() == 2


def _give_back(winner: Partner, taken: dict[str, list[Any]]) -> None:
    """What the winner took over goes, where it still says that."""
    now = json.loads(_as_json({name: getattr(winner, name) for name in taken}))
    before = {name: old for name, (old, new) in taken.items() if now[name] == new}
    if "successor_id" in before:
        before["succeeded_on"] = None
    Partner.objects.filter(pk=winner.pk).update(**before)
