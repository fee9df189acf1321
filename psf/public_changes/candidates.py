"""The records that may have changed since their publication, found without loading changes."""

from collections.abc import Collection
from functools import cache

from django.db.models import CharField, Count, Max, Min, Q, QuerySet

from psf.database.parameters import Parameter
from psf.database.prepared import Prepared
from psf.history.models import Action, Change
from psf.public_changes.record_kinds import KINDS, PublicKind

Span = tuple[object, ...]


def may_have_changed(kind: PublicKind, key: str) -> bool:
    """Whether the history has changes of a record that are later than its last publication."""
    return any(_is_changed(span) for span in _span_of_record(kind.name())(key=key))


def changed_records(kind: PublicKind, keys: Collection[str]) -> list[str]:
    """Those among the keys whose records may have changed."""
    spans = _spans(kind, Change.objects.filter(record_key__in=keys))
    return [str(key) for key, *span in spans if _is_changed(tuple(span))]


@cache
def _span_of_record(kind_name: str) -> Prepared:
    record = Change.objects.filter(record_key=Parameter("key", CharField()))
    return Prepared(lambda: _spans(KINDS[kind_name], record).values_list(*SPAN))


SPAN = ["first", "last", "added", "last_at", "published_at"]


def _spans(kind: PublicKind, changes: QuerySet[Change]) -> QuerySet:
    """The first and last change sets of each record, and the set of its last publication."""
    own = Q(kind=kind.name())
    rows = changes.filter(record_kind=kind.name(), kind__in=kind.kinds_of_rows()).order_by()
    return (
        rows.values("record_key")
        .annotate(
            first=Min("change_set"),
            last=Max("change_set"),
            added=Count("pk", filter=own & Q(action=Action.ADDED)),
            last_at=Max("change_set__made_at"),
            published_at=Max("change_set__made_at", filter=own & Q(after__has_key="published_at")),
        )
        .values_list("record_key", *SPAN)
    )


def _is_changed(span: Span) -> bool:
    first, last, added, last_at, published_at = span
    is_untouched = added and first == last
    return not is_untouched and (published_at is None or last_at > published_at)  # type: ignore[operator]
