"""The databases: DATABASE_URL and DATABASE_REPLICA_URL."""

from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS

from psf.database.sql import REPLICA
from psf.environment import Environment, make_private_folder, whole_number

SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "django.db.backends.postgresql"
# Seconds. A page would spend as much time on a new connection as on several queries.
CONNECTION_AGE = 60
# Every thread of the server has its own connection, so its page cache is small (500 kB).
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
    "PRAGMA cache_size=-500"
)
SQLITE_STATEMENTS = 20


def databases(environ: Environment, base: Path) -> dict[str, dict[str, Any]]:
    """The settings of the database at DATABASE_URL, by default a SQLite file in var/.

    DATABASE_REPLICA_URL names a read-only copy on PostgreSQL, from which readers are served.
    """
    config = _parse(environ.get("DATABASE_URL") or "sqlite:///var/db.sqlite3")
    timeout = whole_number(environ, "STATEMENT_TIMEOUT", "seconds", 5)
    if config["ENGINE"] == SQLITE and config["NAME"] != ":memory:":
        primary = _sqlite(config, base)
    elif config["ENGINE"] == POSTGRESQL and config["NAME"]:
        primary = _postgresql(config, timeout)
    else:
        raise ImproperlyConfigured(
            "DATABASE_URL must be postgresql://user:password@host/name or sqlite:///file."
        )
    if not (url := environ.get("DATABASE_REPLICA_URL")):
        return {DEFAULT_DB_ALIAS: primary}
    replica = _parse(url)
    if {config["ENGINE"], replica["ENGINE"]} != {POSTGRESQL}:
        raise ImproperlyConfigured(
            "DATABASE_REPLICA_URL must be postgresql://user:password@host/name, and "
            "DATABASE_URL must name its primary server."
        )
    return {DEFAULT_DB_ALIAS: primary, REPLICA: _postgresql(replica, timeout)}


def _parse(url: str) -> dict[str, Any]:
    """The settings of the address. The engine is None if the address cannot be read."""
    try:
        return {**dj_database_url.parse(url)}
    except ValueError:
        return {"ENGINE": None}


def _sqlite(config: dict[str, Any], base: Path) -> dict[str, Any]:
    path = base / config["NAME"]
    if path.parent == base / "var":
        make_private_folder(path.parent)
    # IMMEDIATE: a transaction takes the write lock at its start, so it never fails half-way.
    options = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": SQLITE_PRAGMAS,
        "cached_statements": SQLITE_STATEMENTS,
    }
    return {
        **config,
        "NAME": path,
        "CONN_MAX_AGE": CONNECTION_AGE,
        "OPTIONS": config.get("OPTIONS", {}) | options,
    }


def _postgresql(config: dict[str, Any], statement_timeout: int) -> dict[str, Any]:
    url_options = config.get("OPTIONS", {})
    # Without jit: long conditions take PostgreSQL half a second to compile and no time to answer.
    limits = (
        f"-c statement_timeout={statement_timeout}s -c jit=off"
        " -c lock_timeout=3s -c idle_in_transaction_session_timeout=30s"
    )
    options = {
        "connect_timeout": 3,
        # A server or network that vanishes is noticed within half a minute.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 15_000,  # milliseconds
        **url_options,
        "options": f"{limits} {url_options.get('options', '')}".strip(),
    }
    return {
        **config,
        "CONN_MAX_AGE": CONNECTION_AGE,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
