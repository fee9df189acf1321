"""Whether the search finds what is there, as `manage.py check` says it."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning  # noqa: A004
from django.db import connection

from psf.database.triggers import triggers_there
from psf.search.maintenance import INDEXES
from psf.search.triggers import trigger_names

from .models import SearchNote


def check_indexes(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Whether searches find all that is there. Asks the database: `check --database default`.

    Warnings, because errors would stop the migration that mends it.
    """
    if "default" not in (databases or []) or not _is_there():
        return []
    found = [
        _warning("001", f"The search does not follow changes: trigger “{name}” is missing.")
        for name in _missing_triggers()
    ]
    return found + [
        _warning("002", f"No search finds {number} of the {index.kind}s.")
        for index in INDEXES
        if (number := index.without_document().count())
    ]


def _warning(number: str, text: str) -> CheckMessage:
    return Warning(text, hint="Run “manage.py rebuild_search”.", id=f"psf.W{number}")


def _is_there() -> bool:
    return SearchNote._meta.db_table in connection.introspection.table_names()


def _missing_triggers() -> list[str]:
    there = {name for name, _table in triggers_there(connection)}
    wanted = [name for index in INDEXES for name in trigger_names(index.kind, index.watches)]
    return [name for name in wanted if name not in there]
