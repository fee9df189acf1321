"""The trigger of SQLite: each change writes a new data version at once."""

# INSERT OR REPLACE would obey the ON CONFLICT clause of the statement that fires the trigger.
NEW_VERSION = """
INSERT INTO psf_dataversion (id, value) VALUES (1, random())
ON CONFLICT (id) DO UPDATE SET value = excluded.value
"""

TRIGGER = f"""
CREATE TRIGGER history_change_is_noted AFTER INSERT ON history_change
WHEN NEW.kind NOT IN ({{internal}}) BEGIN {NEW_VERSION}; END
"""
