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
from urllib.parse import SplitResult, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS
from django.http.request import split_domain_port

REPLICA = "replica"  # the name of a copy of the primary database
Environment = Mapping[str, str]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]


def require(is_right: object, sentence: str) -> None:
    if not is_right:
        raise ImproperlyConfigured(sentence)


def checked(
    environ: Environment, name: str, default: str, must_be: str, is_right: Callable[[str], object]
) -> str:
    """The value, or the default if it is empty; if it is wrong, a sentence says what it must be."""
    value = environ.get(name) or default
    require(is_right(value), f"{name} must be {must_be}; it is {value!r}.")
    return value


def listed(environ: Environment, name: str) -> list[str]:
    """The parts of a value that are separated by commas."""
    return [part.strip() for part in environ.get(name, "").split(",") if part.strip()]


def switch(environ: Environment, name: str, default: str, url: str, local: str) -> bool:
    """Whether the value is 1. The value `local` is for a site on this machine only."""
    value = checked(environ, name, default, "1 or 0", {"0", "1"}.__contains__)
    is_safe = value != local or is_loopback(host_of(url))
    require(is_safe, f"{name}={value} is for this machine only, not for {url}.")
    return value == "1"


def split(url: str) -> SplitResult:
    """The parts of an address; empty parts if its host or port cannot be read."""
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and parts.port != 0 else urlsplit("")
    except ValueError:
        return urlsplit("")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def site_url(environ: Environment) -> str:
    """The public scheme and host of the site, without a final slash."""
    value = environ.get("SITE_URL") or "http://127.0.0.1:8000"
    url, parts = value.rstrip("/"), split(value)
    require(
        url == f"{parts.scheme}://{parts.netloc}" and split_domain_port(parts.netloc)[0],
        f"SITE_URL must be a scheme and a host, as in https://psf.example.org; it is {value!r}.",
    )
    require(
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host_of(url))),
        f"SITE_URL must start with https://, except on this machine; it is {value!r}.",
    )
    return url


def host_of(url: str) -> str:
    return split(url).hostname or ""


def allowed_hosts(environ: Environment, url: str) -> list[str]:
    """The accepted host names: those in ALLOWED_HOSTS and the host of the site.

    This machine may always ask by its own names, for health checks.
    """
    hosts = listed(environ, "ALLOWED_HOSTS")
    require(
        all(split_domain_port(host) == (host.lower(), "") for host in hosts),
        "ALLOWED_HOSTS must name every host without scheme and port, as in "
        f"psf.example.org,www.example.org; it is {', '.join(hosts)!r}.",
    )
    host = host_of(url)
    return [*dict.fromkeys([*hosts, *([] if is_loopback(host) else [host]), *LOOPBACK_HOSTS])]


def secret_key(environ: Environment, url: str, folder: Path) -> str:
    """SECRET_KEY, or for plain http on this machine a random key in a file of the folder."""
    key = environ.get("SECRET_KEY", "")
    if not key and url.startswith("http://"):
        key = _kept_secret_key(folder / "secret_key")
    require(
        len(key) >= 50 and len(set(key)) >= 5,
        "SECRET_KEY must be at least 50 random characters, as made by: "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'.",
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


def mail_server(environ: Environment) -> dict[str, Any]:
    """Django's settings of the server at EMAIL_URL. Without a server, mail goes to the log."""
    backend = "django.core.mail.backends.{}.EmailBackend"
    if not (value := environ.get("EMAIL_URL")):
        return {"EMAIL_BACKEND": backend.format("console"), "EMAIL_HOST": ""}
    parts = split(value)
    ports = {"smtp": 25, "submission": 587, "smtps": 465}
    require(
        parts.scheme in ports and not (parts.path.strip("/") or parts.query or parts.fragment),
        "EMAIL_URL must be submission://user:password@host (port 587, STARTTLS), "
        "smtps://user:password@host (port 465, TLS) or smtp://host.",
    )
    require(
        parts.scheme != "smtp" or not parts.password or is_loopback(host_of(value)),
        "EMAIL_URL would send the password unencrypted: use submission:// or smtps://.",
    )
    return {
        "EMAIL_BACKEND": backend.format("smtp"),
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "submission",  # STARTTLS
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }


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


def error_mail_to(environ: Environment) -> list[str]:
    """The addresses that receive mails about errors."""
    addresses = listed(environ, "ERROR_MAIL_TO")
    must_be = "mail addresses, separated by commas"
    checked(environ, "ERROR_MAIL_TO", "", must_be, lambda _: all(map(is_mail_address, addresses)))
    has_server = not addresses or environ.get("EMAIL_URL")
    require(has_server, "ERROR_MAIL_TO needs EMAIL_URL, the mail server.")
    return addresses


def grants360_prefix(environ: Environment) -> str:
    """The prefix that 360Giving gave to this publisher; "" without one."""
    must_be = "the letters and digits that 360Giving gave to you, such as cbss"
    return checked(environ, "GRANTS360_PREFIX", "", must_be, re.compile("[a-zA-Z0-9]*").fullmatch)


def time_zone(environ: Environment) -> str:
    is_right, example = zoneinfo.available_timezones().__contains__, "Europe/Stockholm"
    return checked(environ, "TIME_ZONE", example, f"a name such as {example}", is_right)


class Licence(NamedTuple):
    """The name of a licence and the address of its text."""

    name: str
    url: str


def data_licence(environ: Environment) -> Licence | None:
    """The name and address in DATA_LICENCE; None if no licence is chosen."""
    example = "CC BY 4.0 https://creativecommons.org/licenses/by/4.0/"
    must_be = f"the name of a licence and the address of its text, such as {example}"
    match = re.compile(r"(?:(\S.*?) +(https?://[^\s\"<>]+))?").fullmatch
    value = checked(environ, "DATA_LICENCE", "", must_be, match)
    return Licence(*value.rsplit(maxsplit=1)) if value else None


SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "django.db.backends.postgresql"
# Seconds. A page would spend as much time on a new connection as on several queries.
CONNECTION_AGE = 60
# Every thread of the server has its own connection, so its page cache is small (500 kB).
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
    "PRAGMA cache_size=-500"
)


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
        sentence = "DATABASE_URL must be postgresql://user:password@host/name or sqlite:///file."
        raise ImproperlyConfigured(sentence)
    if not (url := environ.get("DATABASE_REPLICA_URL")):
        return {DEFAULT_DB_ALIAS: primary}
    replica = _parse(url)
    require(
        {config["ENGINE"], replica["ENGINE"]} == {POSTGRESQL},
        "DATABASE_REPLICA_URL must be postgresql://user:password@host/name, and DATABASE_URL must "
        "name its primary server.",
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
    own = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS}
    options = config.get("OPTIONS", {}) | own
    return {**config, "NAME": path, "CONN_MAX_AGE": CONNECTION_AGE, "OPTIONS": options}


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
    """Counts of sign-in (`default`), in Redis if CACHE_URL names a server, and of downloads."""
    if not (url := environ.get("CACHE_URL")):
        return {"default": IN_DATABASE, "downloads": IN_PROCESS}
    parts = split(url)
    require(  # without the value, which may hold a password
        parts.scheme in ["redis", "rediss"]
        and re.fullmatch(r"/?[0-9]*", url.partition(parts.netloc)[2]),
        "CACHE_URL must be redis://host, redis://:password@host:port/number or rediss://… for TLS.",
    )
    require(find_spec("redis"), "CACHE_URL needs a package: .venv/bin/pip install redis.")
    shared = {
        "BACKEND": "psf.caching.shared.SharedCache",
        "LOCATION": url,
        "OPTIONS": {"serializer": "django.core.signing.JSONSerializer", **TIMEOUTS},
    }
    return {"default": shared, "downloads": IN_PROCESS, "database": IN_DATABASE}
