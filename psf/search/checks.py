"""System checks of the search index."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Warning  # noqa: A004
from django.db import connection

from psf.database.triggers import existing_triggers
from psf.search.maintenance import INDEXES
from psf.search.triggers import search_trigger_names

from .models import SearchNote


def check_indexes(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: object,
) -> list[CheckMessage]:
    """Check triggers and documents with `manage.py check --database default`.

    Problems are warnings, because errors would stop the migration that solves them.
    """
    if "default" not in (databases or []):
        return []
    if SearchNote._meta.db_table not in connection.introspection.table_names():
        return []
    warnings = [
        _warning("001", f"The search index misses changes: trigger “{name}” is missing.")
        for name in _missing_triggers()
    ]
    return warnings + [
        _warning("002", f"{number} of the {index.kind}s are missing from the search index.")
        for index in INDEXES
        if (number := index.without_document().count())
    ]


def _warning(number: str, text: str) -> CheckMessage:
    return Warning(text, hint="Run “manage.py rebuild_search”.", id=f"psf.W{number}")


def _missing_triggers() -> list[str]:
    existing = {name for name, _table in existing_triggers(connection)}
    names = [name for index in INDEXES for name in search_trigger_names(index.kind, index.watches)]
    return [name for name in names if name not in existing]
