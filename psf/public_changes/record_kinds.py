"""The kinds of record whose changes readers can follow. Each app registers its own kinds."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max, Model
from django.utils.functional import Promise

from psf.database.sql import chunked
from psf.facts.facts import Facts
from psf.history.models import Change
from psf.history.states import KEYS_A_QUERY
from psf.history.tracking import kind_of

Moments = dict[str, datetime]  # by the key of a record


class PublicKind(NamedTuple):
    """A kind of record with public versions, which its declared facts describe.

    `load_since` returns the start of the present publication of the public records among some
    keys. `page_name` is the name of a record for readers.

    A page may change once without a write: readers see the part `results` from the moment on that
    `load_results_since` returns, and `results_sentence` says so. The changes of a rare kind stay
    in the list of changes after an import of many other records.
    """

    facts: Facts
    label: Promise
    load_since: Callable[[list[str]], Moments]
    page_name: Callable[[Any], str] = str
    results: type[Model] | None = None
    load_results_since: Callable[[list[str]], Moments] = lambda keys: {}
    results_sentence: Promise | str = ""
    is_rare: bool = False

    def name(self) -> str:
        return kind_of(self.facts.model)

    def kinds_of_rows(self) -> list[str]:
        """The kinds of the record and of its public parts."""
        return [kind_of(model) for model in [self.facts.model, *self.facts.models_of_log()]]


KINDS: dict[str, PublicKind] = {}


def register(*kinds: PublicKind) -> None:
    """Add kinds of records. The kinds registered last are listed first."""
    later = {kind.name(): kind for kind in kinds}
    earlier = {name: kind for name, kind in KINDS.items() if name not in later}
    KINDS.clear()
    KINDS.update(later | earlier)


def last_written(kind: str, keys: Iterable[str], column: str) -> Moments:
    """The moment of the last recorded write of a column, by the key of the row."""
    moments: Moments = {}
    for chunk in chunked(keys, KEYS_A_QUERY):
        writes = Change.objects.filter(kind=kind, key__in=chunk, after__has_key=column)
        last = writes.order_by().values_list("key").annotate(at=Max("change_set__made_at"))
        moments |= dict(last)
    return moments
