"""What readers will see otherwise after an act: it is tried, compared, and taken back.

The history tells which records the act touched, whatever it was. Their public pages, and the
figures of the whole site, are read before and after.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _

from psf.history import recording
from psf.history.models import Change, ChangeSet, Channel
from psf.history.names import references_in
from psf.history.states import read_row
from psf.history.tracking import kind_of, model_of, part_models
from psf.history.values import shorten_pair
from psf.impact.facts import Fact, Page

MOST_LINES = 40
MOST_PAGES = 100  # of each kind

Places = dict[str, list[str]]  # keys by kind
Pages = dict[tuple[str, str], Page]
# A function that returns the public pages of the records with these keys, by key.
Reader = Callable[[list[str]], dict[str, Page]]
READERS: dict[str, Reader] = {}
FIGURES: list[Callable[[], dict[str, Fact]]] = []


def register(readers: dict[str, Reader], figures: Callable[[], dict[str, Fact]]) -> None:
    """Add the public pages of an app, by model, and its figures.

    The pages of apps that are registered later are listed first.
    """
    earlier = dict(READERS)
    READERS.clear()
    READERS.update(readers | earlier)
    FIGURES.insert(0, figures)


class Line(NamedTuple):
    """One thing that readers see: of which record, and what it says now and then."""

    record: str
    label: str
    old: str
    new: str


class Seen(NamedTuple):
    """What readers will see otherwise; `why_unknown` is a sentence where that cannot be said.

    `more` lines are not shown, and `uncompared` pages were not looked at.
    """

    figures: list[Line]
    lines: list[Line]
    more: int = 0
    uncompared: int = 0
    why_unknown: str = ""

    def as_data(self) -> dict[str, Any]:
        """The same, to be kept as JSON."""
        return self._asdict() | {
            "figures": [line._asdict() for line in self.figures],
            "lines": [line._asdict() for line in self.lines],
        }


class _TakenBack(Exception):
    """Ends the transaction of a trial."""


class _State(NamedTuple):
    figures: dict[str, Fact]
    pages: Pages


def preview_impact(act: Callable[[], object]) -> Seen | None:
    """What readers will see otherwise once the act is done; None of an act that is refused.

    Nothing of it stays, but for what it writes into the objects that it is given.
    """
    found: list[tuple[Places, int, _State]] = []
    try:
        with transaction.atomic(), recording.change_set(None, channel=Channel.FORM) as change_set:
            act()
            places, uncompared = _touched(change_set)
            found.append((places, uncompared, _state(places)))
            raise _TakenBack
    except _TakenBack:
        places, uncompared, after = found[0]
    except (ValidationError, IntegrityError):
        return None
    except OperationalError:
        why = _("Somebody is saving at this moment, so it cannot be said: load this page again.")
        return Seen([], [], why_unknown=why)
    before = _state(places)
    figures = list(_differences("", before.figures, after.figures))
    lines = [line for place in _in_order(places) for line in _page(place, before, after)]
    return Seen(figures, lines[:MOST_LINES], max(len(lines) - MOST_LINES, 0), uncompared)


def _touched(change_set: ChangeSet) -> tuple[Places, int]:
    """The records with a public page that have changed or stand beside one that has."""
    found: dict[str, dict[str, None]] = {kind: {} for kind in READERS}
    rows = change_set.changes.order_by("pk")
    for change in rows.iterator():
        for kind, key in [(change.record_kind, change.record_key), *_named_in(change)]:
            if kind in found:
                found[kind][key] = None
    places = {kind: list(islice(keys, MOST_PAGES)) for kind, keys in found.items()}
    for kind, keys in _beside(places):
        found[kind] |= dict.fromkeys(keys)
    wanted = {kind: list(keys) for kind, keys in found.items()}
    uncompared = sum(max(len(keys) - MOST_PAGES, 0) for keys in wanted.values())
    return {kind: keys[:MOST_PAGES] for kind, keys in wanted.items()}, uncompared


def _named_in(change: Change) -> Iterator[tuple[str, str]]:
    model = model_of(change.kind)
    for kept in [change.old(), change.new()]:
        yield from references_in(model, read_row(model, kept))


def _beside(places: Places) -> Iterator[tuple[str, list[str]]]:
    """The records that the parts of these records name: a project’s organisations."""
    for kind, keys in places.items():
        for part, column in part_models(model_of(kind)):
            parts: Any = part._base_manager.filter(**{f"{_field(part, column)}__in": keys})
            for field in part._meta.local_fields:
                if field.related_model and kind_of(field.related_model) in READERS:
                    keys_named = parts.order_by("pk").values_list(field.attname, flat=True)
                    yield kind_of(field.related_model), [str(key) for key in keys_named if key]


def _field(part: Any, column: str) -> str:
    return next(field.name for field in part._meta.local_fields if field.column == column)


def _state(places: Places) -> _State:
    figures = {key: fact for read in FIGURES for key, fact in read().items()}
    pages = {
        (kind, key): page
        for kind, keys in places.items()
        for key, page in READERS[kind](keys).items()
    }
    return _State(figures, pages)


def _in_order(places: Places) -> Iterator[tuple[str, str]]:
    return ((kind, key) for kind in READERS for key in places[kind])


def _page(place: tuple[str, str], before: _State, after: _State) -> Iterable[Line]:
    """What changes on one page; where it comes, goes or moves, only that."""
    nothing = Page("", "", {})
    old, new = before.pages.get(place, nothing), after.pages.get(place, nothing)
    name = old.name or new.name
    if old.address != new.address:
        return [Line(name, _("Page"), old.address or _("none"), new.address or _("none"))]
    return _differences(name, old.facts, new.facts)


def _differences(name: str, old: dict[str, Fact], new: dict[str, Fact]) -> Iterator[Line]:
    for key in [*old, *(key for key in new if key not in old)]:
        label = (new.get(key) or old[key]).label
        words = [facts[key].words if key in facts else "" for facts in [old, new]]
        if words[0] != words[1]:
            was, will_be = shorten_pair(*words)
            yield Line(name, label, was or _("nothing"), will_be or _("nothing"))
