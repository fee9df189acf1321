"""The trigger of PostgreSQL: the first change of a transaction changes the data version."""

NEW_VERSION = """
INSERT INTO psf_dataversion AS version (id, value) VALUES (1, (random() * 9e18)::bigint)
ON CONFLICT (id) DO UPDATE SET value = excluded.value
"""

# The version is written at commit. If the first change wrote the version, all other writers would
# wait for the end of a long import.
TRIGGER = f"""
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

CREATE TRIGGER history_change_is_noted AFTER INSERT ON history_change
    FOR EACH ROW WHEN (NEW.kind NOT IN ({{internal}})) EXECUTE FUNCTION psf_note_change();
CREATE TRIGGER history_truncate_is_noted AFTER TRUNCATE ON history_change
    FOR EACH STATEMENT EXECUTE FUNCTION psf_note_change();
"""
