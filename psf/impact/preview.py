"""Previews the impact of an action on public pages: run, compare, roll back.

The history names the records that the action changed. Their public pages and the figures of the
whole site are read before and after the action."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import CharField, Model, QuerySet, TextField
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.database.sql import in_keys
from psf.history import recording
from psf.history.models import Action, Change, Channel
from psf.history.states import Place, read_row
from psf.history.tracking import fields_of, kind_of, model_of, part_models, target_of
from psf.history.words import references_in, shorten_pair


class PublicFact(NamedTuple):
    """A fact in words. Its label may be lazy, because most facts are only compared."""

    label: str | Promise
    words: str


class PublicPage(NamedTuple):
    """The page of a record. Facts have permanent keys.

    `address` is the address of the page, or the text shown there after the page is unpublished.
    """

    name: str
    address: str
    facts: dict[str, PublicFact]


class FactDifference(NamedTuple):
    """A fact with its words before and after; "" for a fact that is not on the page."""

    label: str
    old: str
    new: str


def compare_facts(
    old: Mapping[str, PublicFact], new: Mapping[str, PublicFact]
) -> list[FactDifference]:
    """The facts whose words differ, in the order of the page."""
    nothing = PublicFact("", "")
    pairs = [(old.get(key, nothing), new.get(key, nothing)) for key in {**old, **new}]
    return [
        FactDifference(str(before.label or after.label), before.words, after.words)
        for before, after in pairs
        if before.words != after.words
    ]


Pages = dict[tuple[str, str], PublicPage]
NO_PAGE = PublicPage("", "", {})


class ImpactLine(NamedTuple):
    """A change on a public page: the record, the label, and the text now and then."""

    record: str
    label: str
    old: str
    new: str


def page_changes(kind: str, keys: list[str], before: Pages, after: Pages) -> Iterator[ImpactLine]:
    """Yield the changes of pages of one kind. Several new pages are one line with their names."""
    pairs = [(before.get((kind, key), NO_PAGE), after.get((kind, key), NO_PAGE)) for key in keys]
    new = [then.name for now, then in pairs if then.address and not now.address]
    if len(new) > 1:
        pairs = [(now, then) for now, then in pairs if now.address]
        plural = capfirst(str(model_of(kind)._meta.verbose_name_plural))
        label = _("New pages (%(number)s)") % {"number": len(new)}
        yield ImpactLine(plural, label, _("none"), "\n".join(new))
    for now, then in pairs:
        name = now.name or then.name
        if now.address == then.address:
            yield from differences(name, now.facts, then.facts)
        else:
            yield ImpactLine(name, _("Page"), now.address or _("none"), then.address or _("none"))


def differences(
    name: str, old: Mapping[str, PublicFact], new: Mapping[str, PublicFact]
) -> Iterator[ImpactLine]:
    for difference in compare_facts(old, new):
        now, then = shorten_pair(difference.old, difference.new)
        yield ImpactLine(name, difference.label, now or _("nothing"), then or _("nothing"))


MAX_LINES = 40  # for each kind of record
MAX_PAGES = 100  # for each kind of record
NAME_COLUMNS = {"name", "title"}
INTERNAL_COLUMNS = {"internal_note"}

Result = TypeVar("Result")

Places = dict[str, list[str]]  # keys by kind
# A function that returns the public pages of the records with these keys, by key.
Reader = Callable[[list[str]], dict[str, PublicPage]]
READERS: dict[str, Reader] = {}
FigureReader = Callable[[], dict[str, PublicFact]]
FIGURES: list[FigureReader] = []


def register(readers: dict[str, Reader], figures: FigureReader) -> None:
    """Add the public pages of an app, by model, and its figures.

    The pages of apps that are registered later are listed first.
    """
    earlier = dict(READERS)
    READERS.clear()
    READERS.update(readers | earlier)
    FIGURES.insert(0, figures)


class Impact(NamedTuple):
    """The changes on public pages. `why_unknown` is a sentence if the preview failed.

    `more` is the number of changes that are not shown, `uncompared` the number of skipped pages.
    """

    figures: list[ImpactLine]
    lines: list[ImpactLine]
    more: int = 0
    uncompared: int = 0
    why_unknown: str = ""


class Preview(NamedTuple):
    """The impact of an action that was rolled back.

    `confirmation` names the changed values, and what readers will see.
    """

    impact: Impact
    confirmation: str


class _RollBack(Exception):
    """Rolls back the transaction of the preview."""


class _State(NamedTuple):
    figures: dict[str, PublicFact]
    pages: Pages


class _Comparison:
    """The public pages and figures that an action changes, read after the action."""

    def __init__(self, changes: QuerySet[Change]) -> None:
        self.places, self.uncompared = _changed_pages(changes)
        self.figures_of = FIGURES if any(map(_is_counted, changes)) else []
        self.after = _state(self.places, self.figures_of)
        self.confirmation = _digest(changes, self.after)

    def impact(self) -> Impact:
        """Return the impact. The action must be rolled back."""
        before, after = _state(self.places, self.figures_of), self.after
        figures = list(differences("", before.figures, after.figures))
        lines: list[ImpactLine] = []
        more = 0
        for kind, keys in self.places.items():
            of_kind = list(page_changes(kind, keys, before.pages, after.pages))
            lines += of_kind[:MAX_LINES]
            more += len(of_kind[MAX_LINES:])
        return Impact(figures, lines, more, self.uncompared)


def preview_impact(action: Callable[[], object]) -> Impact | None:
    """Return the impact of an action, or None if the action is refused.

    The database is rolled back. Changes of Python objects by the action stay.
    """
    try:
        preview = save_or_preview(action, None)
    except (ValidationError, IntegrityError):
        return None
    assert isinstance(preview, Preview)
    return preview.impact


def save_or_preview(action: Callable[[], Result], confirmation: str | None) -> Result | Preview:
    """Run an action and return its result, or roll it back and return its preview.

    The action stays if readers see no difference, or if `confirmation` names this impact. Without
    a confirmation it is only previewed.
    """
    try:
        with transaction.atomic(), recording.change_set(None, channel=Channel.FORM) as change_set:
            result = action()
            changes = change_set.changes.order_by("pk")
            if confirmation is not None and all(map(_is_internal, changes)):
                return result
            comparison = _Comparison(changes)
            if comparison.confirmation == confirmation:
                return result
            raise _RollBack
    except _RollBack:
        impact = comparison.impact()
    except OperationalError:
        return Preview(_unknown_impact(), "")
    is_shown = confirmation is None or any(impact)
    return Preview(impact, comparison.confirmation) if is_shown else action()


def _unknown_impact() -> Impact:
    reason = _("No preview: another change is being saved right now. Reload this page.")
    return Impact([], [], why_unknown=reason)


def _is_internal(change: Change) -> bool:
    return change.action == Action.CHANGED and change.new().keys() <= INTERNAL_COLUMNS


def _is_counted(change: Change) -> bool:
    """Whether a change may concern figures and the pages of other records: texts do not."""
    model, is_changed = model_of(change.kind), change.action == Action.CHANGED
    return not is_changed or not all(_is_text(model, name) for name in change.new())


def _digest(changes: Iterable[Change], after: _State) -> str:
    """Return a digest of the changes and of what readers see after them.

    New rows get other keys when the action runs again.
    """
    values: list[object] = [*after.figures.values()]
    pages = after.pages.values()
    values += [[page.name, page.address, *page.facts.values()] for page in pages]
    added: set[Place] = set()
    for change in changes:
        model, row, key = model_of(change.kind), dict(change.new()), change.key
        if change.action == Action.ADDED:
            added.add((change.kind, key))
            del row[str(model._meta.pk.column)]
            key = ""
        for column, field in fields_of(model).items():
            if field.is_relation and (kind_of(target_of(field)), str(row.get(column))) in added:
                row[column] = ""
        values.append([change.action, change.kind, key, row])
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()


def _changed_pages(changes: QuerySet[Change]) -> tuple[Places, int]:
    """Return the changed public pages and their neighbours, and the number of skipped pages."""
    by_kind: dict[str, dict[str, None]] = {kind: {} for kind in READERS}
    counted: Places = {}
    renamed: Places = {}
    for change in changes:
        is_counted = _is_counted(change)
        for kind, key in [(change.record_kind, change.record_key), *_references(change)]:
            if kind in by_kind:
                by_kind[kind][key] = None
                if is_counted:
                    counted.setdefault(kind, []).append(key)
        if change.action == Action.CHANGED and NAME_COLUMNS & change.new().keys():
            renamed.setdefault(change.kind, []).append(change.key)
    for kind, key in _users_of(renamed):
        by_kind[kind][key] = None
    for kind, keys in _neighbours(counted):
        by_kind[kind] |= dict.fromkeys(keys)
    uncompared = sum(max(len(keys) - MAX_PAGES, 0) for keys in by_kind.values())
    return {kind: [*keys][:MAX_PAGES] for kind, keys in by_kind.items() if keys}, uncompared


def _references(change: Change) -> Iterator[tuple[str, str]]:
    model = model_of(change.kind)
    for row in [change.old(), change.new()]:
        yield from references_in(model, read_row(model, row))


def _users_of(renamed: Places) -> Iterator[Place]:
    """Yield the records whose pages show the name of a renamed record, such as a topic."""
    for kind in READERS:
        user = model_of(kind)
        for part, column in [(user, str(user._meta.pk.column)), *part_models(user)]:
            for field in part._meta.local_fields:
                target = target_of(field) if field.is_relation else None
                if target and field.column != column and kind_of(target) in renamed:
                    keys = in_keys(target, renamed[kind_of(target)])
                    users = part._base_manager.filter(**{f"{field.name}__in": keys}).order_by("pk")
                    owners = users.values_list(fields_of(part)[column].name, flat=True)
                    yield from ((kind, str(key)) for key in owners if key)


def _neighbours(places: Places) -> Iterator[tuple[str, list[str]]]:
    """Yield the records that these name, such as the call of a project and its organisations."""
    for kind, keys in places.items():
        model = model_of(kind)
        for part, column in [(model, str(model._meta.pk.column)), *part_models(model)]:
            parts = part._base_manager.filter(**{f"{fields_of(part)[column].name}__in": keys})
            for field in part._meta.local_fields:
                if field.is_relation and (target := kind_of(target_of(field))) in READERS:
                    related = parts.order_by("pk").values_list(field.attname, flat=True)
                    yield target, [str(key) for key in related if key]


def _is_text(model: type[Model], column: str) -> bool:
    field = fields_of(model)[column]
    return isinstance(field, CharField | TextField) and not field.choices


def _state(places: Places, figures_of: Iterable[FigureReader]) -> _State:
    figures = {key: fact for load_figures in figures_of for key, fact in load_figures().items()}
    pages = {
        (kind, key): page
        for kind, keys in places.items()
        for key, page in READERS[kind](keys).items()
    }
    return _State(figures, pages)
