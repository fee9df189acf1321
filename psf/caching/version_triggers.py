"""Triggers that change the data version with every change of public data.

Code in Python would miss `update()`, a restored table and changes by `psql`.
"""

from types import ModuleType

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from psf.caching import postgresql, sqlite

# Apps with public data, and their models without public data.
WATCHED_APPS: list[str] = []
INTERNAL: set[str] = set()
VARIANTS: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}


def watch(app_label: str) -> None:
    """Let every change in the tables of the app change the data version."""
    WATCHED_APPS.append(app_label)


def exclude(*models: str) -> None:
    """Exclude models without public data, such as "projects.letter"."""
    INTERNAL.update(models)


def watched_tables(apps: Apps) -> list[str]:
    """The tables with public data, including those of many-to-many relations."""
    models = apps.get_models(include_auto_created=True)
    return sorted(
        {
            model._meta.db_table
            for model in models
            if model._meta.app_label in WATCHED_APPS
            and model._meta.managed
            and model._meta.label_lower not in INTERNAL
        }
    )


def trigger_names(table: str, vendor: str) -> list[str]:
    return [f"{table}_{event.lower()}_is_noted" for event in VARIANTS[vendor].EVENTS]


def install_version_triggers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers of every table with public data, and a new version."""
    if "dataversion" not in apps.all_models["psf"]:  # its table does not exist yet
        return
    vendor = schema_editor.connection.vendor
    variant = VARIANTS[vendor]
    if variant.FUNCTIONS:
        schema_editor.execute(variant.FUNCTIONS, params=None)
    for table in watched_tables(apps):
        for name, event in zip(trigger_names(table, vendor), variant.EVENTS, strict=True):
            sql = variant.TRIGGER.format(name=name, event=event, table=table)
            schema_editor.execute(sql, params=None)
    schema_editor.execute(variant.NEW_VERSION, params=None)
