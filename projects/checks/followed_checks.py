"""The records at fault of each check for the work list, renewed by what changed."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import CharField, Model, QuerySet, Value

from projects.checks.check import Check
from projects.list_index.changed_projects import changed_projects
from projects.models import Assessment, Call, DecisionLine, Partnership, Project
from psf.database.keysets import KeySet, keyset
from psf.database.prepared import Prepared
from psf.database.sql import given_keys
from psf.followed_values.changes import Changes
from psf.followed_values.followed import Followed
from psf.history.tracking import kind_of


class Known(NamedTuple):
    """Records at fault and model by the key of the check, and the search for records at fault.

    The search receives the keys of affected records by model, and returns the rows of all checks
    among these: the key of the check, and of the record. Django needs longer to compile the queries
    of all checks than a database to answer them. The moment of the compilation stays in the search,
    which is made again after a scheduled moment.
    """

    faults: Mapping[str, KeySet]
    models: Mapping[str, type[Model]]
    search: Prepared


class FollowedChecks:
    """The records at fault of some checks.

    The rows of such a check depend on the records of its model, on their projects and calls, and
    on moments of `psf.caching.scheduled_expiry` only.
    """

    def __init__(self, checks: list[type[Check[Any]]]) -> None:
        self.checks = checks
        self._known: Followed[Known] = Followed(self._read, self._renew)

    def current(self) -> Mapping[str, KeySet]:
        """The keys of the records at fault now, by the key of the check."""
        return self._known.current().faults

    def _read(self, at: datetime) -> Known:
        rows = {check: check().rows().order_by() for check in self.checks}
        faults = {
            check.key: keyset(check().at_fault([*found.values_list("pk", flat=True)]))
            for check, found in rows.items()
        }
        models = {check.key: found.model for check, found in rows.items()}
        return Known(faults, models, Prepared(self._search))

    def _search(self) -> list[QuerySet[Any]]:
        queries = []
        for check in self.checks:
            rows = check().rows().order_by()
            given = rows.filter(pk__in=given_keys(rows.model, kind_of(rows.model)))
            queries.append(given.values_list(Value(check.key, output_field=CharField()), "pk"))
        return queries

    def _renew(self, old: Known, changes: Changes, at: datetime) -> Known:
        if not changes.rows:
            return old
        affected = affected_keys(changes)
        found = defaultdict[str, list[int]](list)
        for check_key, key in old.search(**{kind_of(model): affected[model] for model in affected}):
            found[check_key].append(key)
        unaffected = {model: ~keyset(keys) for model, keys in affected.items()}
        faults = {
            check.key: old.faults[check.key] & unaffected[old.models[check.key]]
            | keyset(check().at_fault(found[check.key]))
            for check in self.checks
        }
        return old._replace(faults=faults)


def affected_keys(changes: Changes) -> dict[type[Model], set[int]]:
    """The records that a check may judge differently after changes, by model."""
    projects, calls = changed_projects(changes), {*map(int, changes.records_of("projects.call"))}
    calls |= changes.values_of("projects.project", "call_id")
    of_projects = Project.objects.filter(pk__in=projects).order_by()
    calls |= set(of_projects.values_list("call", flat=True))
    parts: dict[type[Model], set[int]] = {
        model: _parts(model, projects, changes) for model in [Partnership, Assessment, DecisionLine]
    }
    return {Project: projects, Call: calls, **parts}


def _parts(model: type[Any], projects: set[int], changes: Changes) -> set[int]:
    rows = model._default_manager.filter(project__in=projects).order_by()
    return {*map(int, changes.keys_of(kind_of(model))), *rows.values_list("pk", flat=True)}
