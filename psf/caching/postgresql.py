"""The trigger of PostgreSQL: each transaction with a change writes a new data version."""

NEW_VERSION = """
INSERT INTO psf_dataversion AS version (id, value) VALUES (1, (random() * 9e18)::bigint)
ON CONFLICT (id) DO UPDATE SET value = excluded.value
"""

# The version is written at commit. If the first change wrote the version, all other writers would
# wait for the end of a long import.
TRIGGER = f"""
DROP TABLE IF EXISTS psf_datachange;  -- of versions before December 2026
CREATE OR REPLACE FUNCTION psf_renew_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Once a transaction. The rollback of a savepoint resets this setting.
    IF current_setting('psf.changed_in', true) IS DISTINCT FROM txid_current()::text THEN
        PERFORM set_config('psf.changed_in', txid_current()::text, true);
        {NEW_VERSION};
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER history_change_is_noted AFTER INSERT ON history_change
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind NOT IN ({{internal}})) EXECUTE FUNCTION psf_renew_version();
CREATE TRIGGER history_truncate_is_noted AFTER TRUNCATE ON history_change
    FOR EACH STATEMENT EXECUTE FUNCTION psf_renew_version();
"""
