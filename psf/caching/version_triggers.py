"""Triggers that change the data version with every change of public data.

Code in Python would miss `update()`, a restored table and changes by `psql`.
"""

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# Apps with public data, and their models without public data.
WATCHED_APPS: list[str] = []
INTERNAL: set[str] = set()
EVENTS = {"sqlite": ["INSERT", "UPDATE", "DELETE"], "postgresql": ["CHANGE"]}

# INSERT OR REPLACE would obey the ON CONFLICT clause of the statement that fires the trigger.
SQLITE = """
CREATE TRIGGER {name} AFTER {event} ON "{table}" BEGIN
    INSERT INTO psf_dataversion (id, value) VALUES (1, random())
        ON CONFLICT (id) DO UPDATE SET value = excluded.value;
END
"""

# The version is written at commit. If the first change wrote the version, all other writers would
# wait for the end of a long import.
POSTGRESQL_FUNCTIONS = """
CREATE TABLE IF NOT EXISTS psf_datachange (id bigserial PRIMARY KEY);

CREATE OR REPLACE FUNCTION psf_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Once a transaction. The rollback of a savepoint resets this setting.
    IF current_setting('psf.changed_in', true) IS DISTINCT FROM txid_current()::text THEN
        PERFORM set_config('psf.changed_in', txid_current()::text, true);
        INSERT INTO psf_datachange DEFAULT VALUES;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION psf_renew_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM psf_datachange WHERE id = NEW.id;
    INSERT INTO psf_dataversion AS version (id, value)
        VALUES (1, (random() * 9e18)::bigint)
        ON CONFLICT (id) DO UPDATE SET value = excluded.value;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER psf_renew_version AFTER INSERT ON psf_datachange
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION psf_renew_version();
"""

POSTGRESQL = """
CREATE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{table}"
    FOR EACH STATEMENT EXECUTE FUNCTION psf_note_change();
"""


NEW_VERSION = {
    "sqlite": "INSERT OR REPLACE INTO psf_dataversion (id, value) VALUES (1, random())",
    "postgresql": """
        INSERT INTO psf_dataversion AS version (id, value) VALUES (1, (random() * 9e18)::bigint)
        ON CONFLICT (id) DO UPDATE SET value = excluded.value
    """,
}


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
    return [f"{table}_{event.lower()}_is_noted" for event in EVENTS[vendor]]


def install_version_triggers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers of every table with public data, and a new version."""
    if "dataversion" not in apps.all_models["psf"]:  # after the first migration alone
        return
    vendor = schema_editor.connection.vendor
    sql = {"sqlite": SQLITE, "postgresql": POSTGRESQL}[vendor]
    if vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_FUNCTIONS, params=None)
    for table in watched_tables(apps):
        for name, event in zip(trigger_names(table, vendor), EVENTS[vendor], strict=True):
            schema_editor.execute(sql.format(name=name, event=event, table=table), params=None)
    schema_editor.execute(NEW_VERSION[vendor], params=None)
