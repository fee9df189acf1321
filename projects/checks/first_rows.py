"""The first rows of each check for the work list, renewed by what changed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import CharField, Model, Q, QuerySet, Value

from projects.checks.check import Check
from projects.list_index.changed_projects import changed_projects
from projects.models import Assessment, Call, DecisionLine, Partnership, Project
from psf.caching.scheduled_expiry import next_expiry
from psf.database.prepared import Prepared
from psf.database.sql import given_keys, in_keys
from psf.followed_values.changes import Changes
from psf.followed_values.followed import Followed
from psf.history.tracking import kind_of

# The work list shows a few rows. More are stored, because staff correct the first ones.
STORED_ROWS = 100
# With more affected records all checks run again.
MAX_AFFECTED = 2000


class FirstRows(NamedTuple):
    """The keys of the first rows of a check in their order, and whether these are all rows."""

    keys: list[int]
    are_all: bool

    def of(self, check: Check[Any]) -> Iterable[Any]:
        """The rows themselves as they are now. Rows that are no longer at fault are missing."""
        return check.rows().filter(pk__in=self.keys) if self.keys else []


class Known(NamedTuple):
    """First rows and model by the key of the check, and the search for the checks to renew.

    The search receives the keys of affected records by model, and returns the keys of the checks
    with any of these records among their rows. Django needs longer to compile the queries of all
    checks than a database to answer them. The moment of the compilation stays in the search: a
    scheduled moment, or another day, makes a new one.
    """

    rows: Mapping[str, FirstRows]
    models: Mapping[str, type[Model]]
    search: Prepared


class FollowedChecks:
    """The first rows of some checks.

    The rows of such a check depend on the records of its model, on their projects and calls, and
    on moments of `psf.caching.scheduled_expiry` only.
    """

    def __init__(self, checks: list[type[Check[Any]]]) -> None:
        self.checks = checks
        self._known: Followed[Known] = Followed(self._read, self._renew)

    def current(self) -> Mapping[str, FirstRows]:
        """The first rows now, by the key of the check."""
        return self._known.current().rows

    def _read(self, at: datetime) -> Known:
        rows = {check.key: _first_keys(check().at_fault(check().rows())) for check in self.checks}
        models = {check.key: check().rows().model for check in self.checks}
        search = Prepared(lambda: [*map(_key_if_concerned, self.checks)], has_moments=True)
        return Known(rows, models, search)

    def _renew(self, old: Known, changes: Changes) -> Known | None:
        if next_expiry(changes.since) <= changes.until:
            return None
        if not changes.rows:
            return old
        affected = affected_keys(changes)
        if sum(map(len, affected.values())) > MAX_AFFECTED:
            return None
        keys_by_kind = {kind_of(model): keys for model, keys in affected.items()}
        concerned = {key for (key,) in old.search(**keys_by_kind)}
        rows = dict(old.rows)
        for check in self.checks:
            first, changed = rows[check.key], affected[old.models[check.key]]
            if check.key in concerned or not changed.isdisjoint(first.keys):
                rows[check.key] = self._renewed(check, first, changed)
        return old._replace(rows=rows)

    def _renewed(self, check: type[Check[Any]], old: FirstRows, changed: set[int]) -> FirstRows:
        """The first rows after changes that concern them."""
        rows = check().rows()
        unchanged = [key for key in old.keys if key not in changed]
        faulty = check().at_fault(rows.filter(pk__in=in_keys(rows.model, changed)))
        keys = [*unchanged, *faulty.values_list("pk", flat=True)]
        first = _first_keys(rows.filter(pk__in=in_keys(rows.model, keys)))
        if old.are_all:
            return first
        # Rows that are not stored may come between the last unchanged row and later rows.
        number = first.keys.index(unchanged[-1]) + 1 if {*unchanged[-1:]} & {*first.keys} else 0
        if number <= STORED_ROWS // 2:
            return _first_keys(check().at_fault(rows))
        return FirstRows(first.keys[:number], are_all=False)


def _key_if_concerned(check: type[Check[Any]]) -> QuerySet[Any]:
    """The key of the check if its rows include any of the given records of their model."""
    rows = check().rows().order_by()
    given = rows.filter(pk__in=given_keys(rows.model, kind_of(rows.model)))
    return given.values_list(Value(check.key, output_field=CharField()))[:1]


def _first_keys(rows: QuerySet[Any]) -> FirstRows:
    keys = list(rows.values_list("pk", flat=True)[: STORED_ROWS + 1])
    return FirstRows(keys[:STORED_ROWS], len(keys) <= STORED_ROWS)


def affected_keys(changes: Changes) -> dict[type[Model], set[int]]:
    """The records that a check may judge differently after changes, by model."""
    projects, calls = changed_projects(changes), {*map(int, changes.records_of("projects.call"))}
    if calls:
        of_calls = Project.objects.filter(call__in=calls).order_by()
        projects |= set(of_calls.values_list("pk", flat=True))
    if projects:
        of_projects = Project.objects.filter(pk__in=projects).order_by()
        calls |= set(of_projects.values_list("call", flat=True))
    calls |= changes.values_of("projects.project", "call_id")
    parts: dict[type[Model], set[int]] = {
        model: _parts(model, projects, changes) for model in [Partnership, Assessment, DecisionLine]
    }
    return {Project: projects, Call: calls, **parts}


def _parts(model: type[Any], projects: set[int], changes: Changes) -> set[int]:
    own = Q(pk__in=changes.keys_of(kind_of(model)))
    rows = model._default_manager.filter(own | Q(project__in=projects)).order_by()
    return set(rows.values_list("pk", flat=True))
