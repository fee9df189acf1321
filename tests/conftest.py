from typing import Any

from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings

from psf.memory import remembered

# How long one example takes says how busy the machine is, not whether the rule holds. Each run
# tries others, on two databases.
settings.register_profile("psf", deadline=None, max_examples=50)
settings.load_profile("psf")

# Without triggers and references, and without what every test needs again.
DELETE_ALL = """
DO $$
DECLARE
    found text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema()
        AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        EXECUTE format('DELETE FROM %I', found);
    END LOOP;
END $$
"""

flush = TransactionTestCase._fixture_teardown


def delete_all(case: Any) -> None:
    """Empty the tables after a test that committed; truncating takes PostgreSQL a second."""
    remembered.versions.close()
    if connection.vendor == "sqlite":
        flush(case)
    else:
        with connection.cursor() as cursor:
            cursor.execute(DELETE_ALL)


TransactionTestCase._fixture_teardown = delete_all
