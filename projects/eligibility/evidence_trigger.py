"""The trigger that refuses every change of evidence."""

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from psf.database.dialects import DIALECTS


def install_evidence_trigger(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the trigger. For migrations."""
    if "evidence" not in apps.all_models["projects"]:  # earlier migrations have no evidence
        return
    dialect = DIALECTS[schema_editor.connection.vendor]
    name, message = "evidence_never_changes", "evidence never changes"
    for statement in dialect.refuse_updates("projects_evidence", name, message):
        schema_editor.execute(statement, params=None)
