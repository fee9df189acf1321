"""Changes that some readers of the history may not see.

A model with confidential rows has a queryset method `visible_to(user)`. Changes of deleted rows
of such a model are hidden from everybody.
"""

from django.apps import apps
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from psf.history.models import Change
from psf.history.tracking import kind_of, tracked_models


def hidden_change_sets(user: User | AnonymousUser) -> QuerySet:
    """Return the keys of the change sets with a change that the user may not see."""
    hidden = Q(pk__in=[])
    for model in tracked_models(apps):
        if visible_to := getattr(model._default_manager, "visible_to", None):
            readable = visible_to(user).order_by()
            keys = readable.annotate(as_text=Cast("pk", CharField())).values("as_text")
            hidden |= Q(record_kind=kind_of(model)) & ~Q(record_key__in=keys)
    return Change.objects.filter(hidden).order_by().values("change_set")
