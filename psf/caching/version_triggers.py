"""The trigger that changes the data version with every change of public data.

The history records all changes, also those by `update()`, by a restored table and by `psql`. Code
in Python would miss them.
"""

from types import ModuleType

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from psf.caching import postgresql, sqlite

# Kinds of recorded changes without public data.
INTERNAL: set[str] = set()
VARIANTS: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}


def exclude(*models: str) -> None:
    """Exclude models without public data, such as "projects.letter"."""
    INTERNAL.update(models)


def install_version_trigger(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the trigger of the history, and a new version."""
    if "history" not in apps.app_configs or "dataversion" not in apps.all_models["psf"]:
        return  # one of the tables does not exist yet
    variant = VARIANTS[schema_editor.connection.vendor]
    internal = ", ".join(f"'{kind}'" for kind in sorted(INTERNAL))
    for sql in [variant.TRIGGER.format(internal=internal), variant.NEW_VERSION]:
        schema_editor.execute(sql, params=None)
