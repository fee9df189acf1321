"""The records that may have changed since their publication, found without loading changes."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import CharField, Count, F, Max, Min, Q, QuerySet

from psf.database.parameters import Parameter
from psf.database.prepared import Prepared
from psf.history.models import Action, Change
from psf.public_changes.record_kinds import KINDS, PublicKind


class Span(NamedTuple):
    """The end of the history of a record: its last change set, and the number of all its rows.

    The moment tells the change set from a set with the same number, after a backup was restored.
    """

    last: int
    last_at: datetime
    rows: int


def load_spans(kind: PublicKind, keys: Collection[str]) -> dict[str, Span]:
    """The spans of the history of those records that may have changed, by key."""
    return _by_key(_spans(kind, Change.objects.filter(record_key__in=keys)))


def load_span(kind: PublicKind, key: str) -> dict[str, Span]:
    """The same for one record."""
    return _by_key(_span_of_record(kind.name())(key=key))


@cache
def _span_of_record(kind_name: str) -> Prepared:
    record = Change.objects.filter(record_key=Parameter("key", CharField()))
    return Prepared(lambda: _spans(KINDS[kind_name], record))


def _spans(kind: PublicKind, changes: QuerySet[Change]) -> QuerySet:
    """The key and the span of each record with changes later than its last publication.

    The history may not know the publication.
    """
    own = Q(kind=kind.name())
    rows = changes.filter(record_kind=kind.name(), kind__in=kind.kinds_of_rows()).order_by()
    return (
        rows.values("record_key")
        .annotate(last=Max("change_set"), last_at=Max("change_set__made_at"), rows=Count("pk"))
        .alias(
            first=Min("change_set"),
            added=Count("pk", filter=own & Q(action=Action.ADDED)),
            published_at=Max("change_set__made_at", filter=own & Q(after__has_key="published_at")),
        )
        .exclude(added__gt=0, first=F("last"))
        .filter(Q(published_at=None) | Q(last_at__gt=F("published_at")))
        .values_list("record_key", *Span._fields)
    )


def _by_key(rows: Iterable[tuple[Any, ...]]) -> dict[str, Span]:
    return {str(key): Span(*span) for key, *span in rows}
