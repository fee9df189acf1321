"""Triggers of SQLite that change the data version: each change writes the version at once."""

EVENTS = ["INSERT", "UPDATE", "DELETE"]
FUNCTIONS = ""

# INSERT OR REPLACE would obey the ON CONFLICT clause of the statement that fires the trigger.
TRIGGER = """
CREATE TRIGGER {name} AFTER {event} ON "{table}" BEGIN
    INSERT INTO psf_dataversion (id, value) VALUES (1, random())
        ON CONFLICT (id) DO UPDATE SET value = excluded.value;
END
"""

NEW_VERSION = "INSERT OR REPLACE INTO psf_dataversion (id, value) VALUES (1, random())"
