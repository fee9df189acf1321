"""Triggers of PostgreSQL that change the data version: the first change of a transaction does."""

# A trigger for all events together: its name ends with "change".
EVENTS = ["CHANGE"]

NEW_VERSION = """
INSERT INTO psf_dataversion AS version (id, value) VALUES (1, (random() * 9e18)::bigint)
ON CONFLICT (id) DO UPDATE SET value = excluded.value
"""

# The version is written at commit. If the first change wrote the version, all other writers would
# wait for the end of a long import.
FUNCTIONS = f"""
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
    {NEW_VERSION};
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER psf_renew_version AFTER INSERT ON psf_datachange
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION psf_renew_version();
"""

TRIGGER = """
CREATE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{table}"
    FOR EACH STATEMENT EXECUTE FUNCTION psf_note_change();
"""
