"""The trigger that refuses every change of evidence."""

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TRIGGERS = {
    "sqlite": [
        """CREATE TRIGGER evidence_never_changes BEFORE UPDATE ON projects_evidence
        BEGIN SELECT RAISE(ABORT, 'evidence never changes'); END"""
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION evidence_never_changes() RETURNS trigger AS $$
        BEGIN RAISE EXCEPTION 'evidence never changes' USING ERRCODE = '23514'; END
        $$ LANGUAGE plpgsql""",
        """CREATE TRIGGER evidence_never_changes BEFORE UPDATE ON projects_evidence
        FOR EACH ROW EXECUTE FUNCTION evidence_never_changes()""",
    ],
}


def install_evidence_trigger(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the trigger. For migrations."""
    if "evidence" not in apps.all_models["projects"]:  # earlier migrations have no evidence
        return
    for statement in TRIGGERS[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)
