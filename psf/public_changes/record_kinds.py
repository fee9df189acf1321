"""The kinds of record whose changes readers can follow. Each app registers its own kinds."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
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


class Publication(NamedTuple):
    """Why a record is public: a moment, and columns by kind and key of their rows.

    Readers see the record from the moment on, or from the last write of a column if that is later.
    """

    key: str
    at: datetime
    columns: list[tuple[str, object, str]]


class PublicKind(NamedTuple):
    """A kind of record with public versions, which its declared facts describe.

    `publications` returns why those of some records are public that are. `page_name` is the name
    of a record for readers.

    A page may change once without a write: readers see the part `results` from its own
    publication on, and `results_sentence` says so. The changes of a rare kind stay in the list of
    changes after an import of many other records.
    """

    facts: Facts
    label: Promise
    publications: Callable[[Collection[str]], Iterable[Publication]]
    page_name: Callable[[Any], str] = str
    results: type[Model] | None = None
    publications_of_results: Callable[[Collection[str]], Iterable[Publication]] = lambda keys: []
    results_sentence: Promise | str = ""
    is_rare: bool = False

    def name(self) -> str:
        return kind_of(self.facts.model)

    def kinds_of_rows(self) -> list[str]:
        """The kinds of the record and of its public parts."""
        return [kind_of(model) for model in [self.facts.model, *self.facts.models_of_log()]]

    def load_since(self, keys: Collection[str]) -> Moments:
        """The start of the present publication of the public records among these."""
        return _first_moments([*self.publications(keys)])

    def load_results_since(self, keys: Collection[str]) -> Moments:
        return _first_moments([*self.publications_of_results(keys)])


KINDS: dict[str, PublicKind] = {}


def register(*kinds: PublicKind) -> None:
    """Add kinds of records. The kinds registered last are listed first."""
    earlier = dict(KINDS)
    KINDS.clear()
    KINDS.update({kind.name(): kind for kind in kinds} | earlier)


def _first_moments(publications: list[Publication]) -> Moments:
    keys: dict[tuple[str, str], set[str]] = defaultdict(set)
    for publication in publications:
        for kind, key, column in publication.columns:
            keys[kind, column].add(str(key))
    written = {place: _last_written(*place, of_rows) for place, of_rows in keys.items()}
    since: Moments = {}
    for record, at, columns in publications:
        moments = (written[kind, column].get(str(key), at) for kind, key, column in columns)
        at = max([at, *moments])
        since[record] = min(since.get(record, at), at)
    return since


def _last_written(kind: str, column: str, keys: Iterable[str]) -> Moments:
    """The moment of the last recorded write of a column, by the key of the row."""
    moments: Moments = {}
    for chunk in chunked(keys, KEYS_A_QUERY):
        writes = Change.objects.filter(kind=kind, key__in=chunk, after__has_key=column)
        last = writes.order_by().values_list("key").annotate(at=Max("change_set__made_at"))
        moments |= dict(last)
    return moments
