"""Changes of which not everybody may know who sees the history.

A kind of record that has such rows says who may read which, by a method `visible_to(user)` of its
queryset; of the deleted ones nobody is told.
"""

from typing import Any

from django.apps import apps
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from psf.history.models import Change
from psf.history.tracking import kind_of, tracked_models


def hidden_change_sets(user: Any) -> QuerySet[Any]:
    """The keys of the sets of changes that hold anything which this person may not read."""
    hidden = Q(pk__in=[])
    for model in tracked_models(apps):
        if hasattr(model._default_manager, "visible_to"):
            readable = model._default_manager.visible_to(user).order_by()
            keys = readable.annotate(as_text=Cast("pk", CharField())).values("as_text")
            hidden |= Q(record_kind=kind_of(model)) & ~Q(record_key__in=keys)
    return Change.objects.filter(hidden).order_by().values("change_set")
