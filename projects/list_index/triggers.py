"""Installs the triggers that keep the tables of `projects.models.listings` up to date."""

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from projects.list_index.postgresql import postgresql_triggers
from projects.list_index.rows import rewrite_projects
from projects.list_index.sqlite import sqlite_triggers

TRIGGERS_BY_VENDOR = {"sqlite": sqlite_triggers, "postgresql": postgresql_triggers}


def install_listing_triggers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write all rows again and create the triggers. For migrations."""
    if "listing" not in apps.all_models["projects"]:  # the first migrations have no listings
        return
    vendor = schema_editor.connection.vendor
    for statement in [
        *rewrite_projects("{} IS NOT NULL", vendor),
        *TRIGGERS_BY_VENDOR[vendor](),
    ]:
        schema_editor.execute(statement, params=None)
