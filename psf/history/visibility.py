"""Who may see a change: accounts that may see the row and the record of the row.

`permit()` states the permission for each kind of row. A kind of record whose
records differ has also a queryset method `visible_to(user)`. Changes of deleted records of such a
kind are hidden from everybody.
"""

from collections.abc import Iterable, Mapping

from django.apps import apps
from django.db.models import CharField, Exists, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from psf.history.models import Change, ChangeSet
from psf.history.recording import Account
from psf.history.states import Rows
from psf.history.tracking import kind_of, model_of, owner_model, tracked_models

PERMISSIONS: dict[str, str] = {}
REASON_PERMISSIONS: dict[str, str] = {}


def permit(permissions: Mapping[str, str]) -> None:
    """State by kind the permission to see rows and their changes. Other kinds are hidden."""
    PERMISSIONS.update(permissions)


def permit_reasons(permissions: Mapping[str, str]) -> None:
    """State by channel the permission to read the reasons of its sets. Others need none."""
    REASON_PERMISSIONS.update(permissions)


def permission_of(model: type[Model]) -> str:
    """Return the permission to see the rows of a model; "" if none is stated."""
    return PERMISSIONS.get(kind_of(owner_model(model) or model), "")


def may_see(user: Account, model: type[Model]) -> bool:
    """Return whether the user may see any rows of a model."""
    permission = permission_of(model)
    return bool(permission) and user.has_perm(permission)


def visible(changes: QuerySet[Change], user: Account) -> QuerySet[Change]:
    """Return the changes that the user may see."""
    return changes.exclude(_is_hidden(user))


def visible_change_sets(user: Account) -> QuerySet[ChangeSet]:
    """Return the change sets with at least one change that the user may see."""
    partly_hidden = Change.objects.filter(_is_hidden(user)).order_by().values("change_set")
    changes = visible(Change.objects.filter(change_set=OuterRef("pk")), user)
    return ChangeSet.objects.exclude(Q(pk__in=partly_hidden) & ~Exists(changes))


def hide_reasons(change_sets: Iterable[ChangeSet], user: Account) -> None:
    """Empty, in memory only, the reasons that the user may not see.

    The reason of a set with a hidden change may quote the change. A reason for a rejection is
    confidential in itself.
    """
    explained = [change_set for change_set in change_sets if change_set.reason]
    if not explained:
        return
    keys = {change_set.pk for change_set in explained}
    hidden = Change.objects.filter(_is_hidden(user), change_set__in=keys).order_by()
    partly_hidden = set(hidden.values_list("change_set", flat=True))
    for change_set in explained:
        permission = REASON_PERMISSIONS.get(change_set.channel)
        is_allowed = permission is None or user.has_perm(permission)
        if change_set.pk in partly_hidden or not is_allowed:
            change_set.reason = ""


def sees_all(change_set: ChangeSet, user: Account) -> bool:
    """Return whether the user may see all changes of a set."""
    return not change_set.changes.filter(_is_hidden(user)).exists()


def visible_rows(rows: Rows, user: Account) -> Rows:
    """Return the rows of models that the user may see."""
    return {place: row for place, row in rows.items() if may_see(user, model_of(place[0]))}


def _is_hidden(user: Account) -> Q:
    models = tracked_models(apps)
    kinds = [kind_of(model) for model in models if not may_see(user, model)]
    hidden = Q(kind__in=kinds) | Q(record_kind__in=kinds)
    for model in models:
        narrowed = getattr(model._default_manager, "visible_to", None)
        if narrowed and kind_of(model) not in kinds:
            readable = narrowed(user).order_by()
            keys = readable.annotate(as_text=Cast("pk", CharField())).values("as_text")
            hidden |= Q(record_kind=kind_of(model)) & ~Q(record_key__in=keys)  # with its parts
    return hidden
