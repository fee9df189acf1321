"""The environment: each function returns a valid value or raises ImproperlyConfigured."""

import contextlib
import ipaddress
import os
import re
import secrets
import tempfile
import zoneinfo
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS
from django.http.request import split_domain_port

REPLICA = "replica"  # the name of a copy of the primary database
Environment = Mapping[str, str]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]


def checked(
    environ: Environment, name: str, default: str, must_be: str, is_right: Callable[[str], object]
) -> str:
    """The value, or the default if it is empty; if it is wrong, a sentence says what it must be."""
    value = environ.get(name) or default
    if not is_right(value):
        raise ImproperlyConfigured(f"{name} must be {must_be}; it is {value!r}.")
    return value


def listed(environ: Environment, name: str) -> list[str]:
    """The parts of a value that are separated by commas."""
    return [part.strip() for part in environ.get(name, "").split(",") if part.strip()]


def switch(environ: Environment, name: str, default: str, url: str, local: str) -> bool:
    """Whether the value is 1. The value `local` is for a site on this machine only."""
    value = checked(environ, name, default, "1 or 0", {"0", "1"}.__contains__)
    if value == local and not is_loopback(host_of(url)):
        raise ImproperlyConfigured(f"{name}={value} is for this machine only, not for {url}.")
    return value == "1"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def site_url(environ: Environment) -> str:
    """The public scheme and host of the site, without a final slash."""
    value = environ.get("SITE_URL") or "http://127.0.0.1:8000"
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if (
        not host
        or value.rstrip("/") != f"{parts.scheme}://{parts.netloc}"
        or not split_domain_port(parts.netloc)[0]
    ):
        raise ImproperlyConfigured(
            f"SITE_URL must be a scheme and a host, as in https://psf.example.org; it is {value!r}."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ImproperlyConfigured(
            f"SITE_URL must start with https://, except on this machine; it is {value!r}."
        )
    return value.rstrip("/")


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def allowed_hosts(environ: Environment, url: str) -> list[str]:
    """The accepted host names: those in ALLOWED_HOSTS and the host of the site.

    This machine may always ask by its own names, for health checks.
    """
    hosts = listed(environ, "ALLOWED_HOSTS")
    if not all(split_domain_port(host) == (host.lower(), "") for host in hosts):
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS must name every host without scheme and port, as in "
            f"psf.example.org,www.example.org; it is {', '.join(hosts)!r}."
        )
    host = host_of(url)
    return [*dict.fromkeys([*hosts, *([] if is_loopback(host) else [host]), *LOOPBACK_HOSTS])]


def secret_key(environ: Environment, url: str, folder: Path) -> str:
    """SECRET_KEY, or for plain http on this machine a random key in a file of the folder."""
    key = environ.get("SECRET_KEY", "")
    if not key and url.startswith("http://"):
        key = _kept_secret_key(folder / "secret_key")
    if len(key) < 50 or len(set(key)) < 5:
        raise ImproperlyConfigured(
            "SECRET_KEY must be at least 50 random characters, as made by: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'."
        )
    return key


def _kept_secret_key(path: Path) -> str:
    """The key in the file. If the file is missing, one process creates it and all read it."""
    if not path.exists():
        make_private_folder(path.parent)
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as draft:  # mode 600
            draft.write(secrets.token_urlsafe(50))
            draft.flush()
            with contextlib.suppress(FileExistsError):
                os.link(draft.name, path)  # atomic
    return path.read_text(encoding="ascii").strip()


def make_private_folder(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def media_root(environ: Environment, folder: Path) -> Path:
    """The folder of uploaded files: MEDIA_ROOT, or else `media` in the given folder."""
    must_be = "an absolute path such as /srv/psf-files"
    return Path(checked(environ, "MEDIA_ROOT", str(folder / "media"), must_be, os.path.isabs))


def is_mail_address(text: str) -> bool:
    """Whether the text is one address, such as a@example.org or A <a@example.org>."""
    return bool(re.fullmatch(r"[^@\s;<>]+@[^@\s;<>]+|[^@;]*<[^@\s;<>]+@[^@\s;<>]+>", text))


def sender(environ: Environment, url: str) -> str:
    """The sender of mails: an address, or a name with an address."""
    must_be = "an address such as psf@example.org or PSF <psf@example.org>"
    default = f"psf@{host_of(url)}"
    return checked(environ, "DEFAULT_FROM_EMAIL", default, must_be, is_mail_address)


class MailServer(NamedTuple):
    """The server for outgoing mail. An empty host means no server."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    use_tls: bool = False  # STARTTLS
    use_ssl: bool = False


def mail_server(environ: Environment) -> MailServer:
    value = environ.get("EMAIL_URL") or ""
    if not value:
        return MailServer()
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
        standard = {"smtp": 25, "submission": 587, "smtps": 465}[parts.scheme]
    except (ValueError, KeyError):
        host, port, standard = "", None, 0
    if not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            "EMAIL_URL must be submission://user:password@host (port 587, STARTTLS), "
            "smtps://user:password@host (port 465, TLS) or smtp://host."
        )
    if parts.scheme == "smtp" and parts.password and not is_loopback(host):
        raise ImproperlyConfigured(
            "EMAIL_URL would send the password unencrypted: use submission:// or smtps://."
        )
    return MailServer(
        host,
        port or standard,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        use_tls=parts.scheme == "submission",
        use_ssl=parts.scheme == "smtps",
    )


def whole_number(environ: Environment, name: str, unit: str, default: int) -> int:
    is_right = re.compile("[0-9]{1,5}").fullmatch
    return int(checked(environ, name, str(default), f"a number of {unit}", is_right))


def trusted_proxies(environ: Environment) -> list[Network]:
    """The addresses and networks in TRUSTED_PROXIES."""
    parts = listed(environ, "TRUSTED_PROXIES")
    try:
        return [ipaddress.ip_network(part) for part in parts]
    except ValueError as error:
        raise ImproperlyConfigured(
            "TRUSTED_PROXIES must be addresses or networks such as 127.0.0.1,10.0.0.0/8; "
            f"it is {','.join(parts)!r}."
        ) from error


def log_formatter(environ: Environment) -> str:
    """The formatter of the log."""
    return checked(environ, "LOG_FORMAT", "line", "line or json", {"line", "json"}.__contains__)


def error_mail_to(environ: Environment) -> list[str]:
    """The addresses that receive mails about errors."""
    addresses = listed(environ, "ERROR_MAIL_TO")
    must_be = "mail addresses, separated by commas"
    checked(environ, "ERROR_MAIL_TO", "", must_be, lambda _: all(map(is_mail_address, addresses)))
    if addresses and not environ.get("EMAIL_URL"):
        raise ImproperlyConfigured("ERROR_MAIL_TO needs EMAIL_URL, the mail server.")
    return addresses


def grants360_prefix(environ: Environment) -> str:
    """The prefix that 360Giving gave to this publisher; "" without one."""
    must_be = "the letters and digits that 360Giving gave to you, such as cbss"
    return checked(environ, "GRANTS360_PREFIX", "", must_be, re.compile("[a-zA-Z0-9]*").fullmatch)


def time_zone(environ: Environment) -> str:
    is_right, example = zoneinfo.available_timezones().__contains__, "Europe/Stockholm"
    return checked(environ, "TIME_ZONE", example, f"a name such as {example}", is_right)


NAME_AND_ADDRESS = re.compile(r"(\S.*?) +(https?://[^\s\"<>]+)")


class Licence(NamedTuple):
    """The name of a licence and the address of its text."""

    name: str
    url: str


def data_licence(environ: Environment) -> Licence | None:
    """The name and address in DATA_LICENCE; None if no licence is chosen."""
    value = environ.get("DATA_LICENCE", "").strip()
    if not value:
        return None
    match = NAME_AND_ADDRESS.fullmatch(value)
    if not match:
        raise ImproperlyConfigured(
            "DATA_LICENCE must be the name of a licence and the address of its text, such as "
            f"CC BY 4.0 https://creativecommons.org/licenses/by/4.0/; it is {value!r}."
        )
    return Licence(*match.groups())


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


# In the database, so that all workers count alike. A write deletes what has expired, and only that.
IN_DATABASE = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "psf_cache",
    "OPTIONS": {"MAX_ENTRIES": 0, "CULL_FREQUENCY": 1_000_000_000},
}
# Readers never write to the database.
IN_PROCESS = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "downloads",
    "OPTIONS": {"MAX_ENTRIES": 10_000},
}
TIMEOUTS = {"socket_connect_timeout": 1, "socket_timeout": 1}  # in seconds


def caches(environ: Environment) -> dict[str, dict[str, Any]]:
    """Counts of sign-in (`default`) and of downloads, in Redis if CACHE_URL names a server."""
    if not (url := environ.get("CACHE_URL")):
        return {"default": IN_DATABASE, "downloads": IN_PROCESS}
    shared = {
        "BACKEND": "psf.caching.shared.SharedCache",
        "LOCATION": _checked(url),
        "OPTIONS": {"serializer": "django.core.signing.JSONSerializer", **TIMEOUTS},
    }
    return {
        "default": shared | {"FALLBACK": "database"},
        "downloads": shared | {"FALLBACK": "process"},
        "database": IN_DATABASE,
        "process": IN_PROCESS,
    }


def _checked(url: str) -> str:
    """The address of a Redis server. The error does not print a password."""
    try:
        parts = urlsplit(url)
        is_server = parts.scheme in ["redis", "rediss"] and parts.hostname and parts.port != 0
    except ValueError:
        is_server = False
    if not is_server or not re.fullmatch(r"/?[0-9]*", url.partition(parts.netloc)[2]):
        raise ImproperlyConfigured(
            "CACHE_URL must be redis://host, redis://:password@host:port/number or rediss://… for "
            "TLS."
        )
    if find_spec("redis") is None:
        raise ImproperlyConfigured("CACHE_URL needs a package: .venv/bin/pip install redis.")
    return url
