"""The trigger that changes the data version with every change of public data.

The history records all changes, also those by `update()`, by a restored table and by `psql`. Code
in Python would miss them.
"""

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# Kinds of recorded changes without public data.
INTERNAL: set[str] = set()

# On SQLite each change writes a new data version at once.
# INSERT OR REPLACE would obey the ON CONFLICT clause of the statement that fires the trigger.
SQLITE_VERSION = """
INSERT INTO psf_dataversion (id, value) VALUES (1, random())
ON CONFLICT (id) DO UPDATE SET value = excluded.value
"""

SQLITE_TRIGGER = f"""
CREATE TRIGGER history_change_is_noted AFTER INSERT ON history_change
WHEN NEW.kind NOT IN ({{internal}}) BEGIN {SQLITE_VERSION}; END
"""

# On PostgreSQL each transaction with a change writes a new data version.
POSTGRESQL_VERSION = """
INSERT INTO psf_dataversion AS version (id, value) VALUES (1, (random() * 9e18)::bigint)
ON CONFLICT (id) DO UPDATE SET value = excluded.value
"""

# The version is written at commit. If the first change wrote the version, all other writers would
# wait for the end of a long import.
POSTGRESQL_TRIGGER = f"""
DROP TABLE IF EXISTS psf_datachange;  -- of versions before December 2026
CREATE OR REPLACE FUNCTION psf_renew_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Once a transaction. The rollback of a savepoint resets this setting.
    IF current_setting('psf.changed_in', true) IS DISTINCT FROM txid_current()::text THEN
        PERFORM set_config('psf.changed_in', txid_current()::text, true);
        {POSTGRESQL_VERSION};
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER history_change_is_noted AFTER INSERT ON history_change
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind NOT IN ({{internal}})) EXECUTE FUNCTION psf_renew_version();
CREATE TRIGGER history_truncate_is_noted AFTER TRUNCATE ON history_change
    FOR EACH STATEMENT EXECUTE FUNCTION psf_renew_version();
"""

# The trigger and the statement for a new version, by database.
VARIANTS = {
    "sqlite": [SQLITE_TRIGGER, SQLITE_VERSION],
    "postgresql": [POSTGRESQL_TRIGGER, POSTGRESQL_VERSION],
}


def exclude(*models: str) -> None:
    """Exclude models without public data, such as "projects.letter"."""
    INTERNAL.update(models)


def install_version_trigger(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the trigger of the history, and a new version."""
    if "history" not in apps.app_configs or "dataversion" not in apps.all_models["psf"]:
        return  # one of the tables does not exist yet
    trigger, new_version = VARIANTS[schema_editor.connection.vendor]
    internal = ", ".join(f"'{kind}'" for kind in sorted(INTERNAL))
    for sql in [trigger.format(internal=internal), new_version]:
        schema_editor.execute(sql, params=None)
