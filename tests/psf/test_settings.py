"""The values of environment variables, and the values that stop the start."""

import os
import runpy
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.utils import ConnectionHandler

from psf import environment as env
from psf.environment import databases
from tests.support.processes import run

BASE = Path(__file__).resolve().parents[2]
KEY = "a-key-that-is-long-enough-and-varied-enough-for-a-real-site"
HERE = "http://127.0.0.1:8000"
PUBLIC = "https://psf.example.org"


@pytest.fixture
def settings_from(monkeypatch):
    def read(**environ):
        monkeypatch.setattr(os, "environ", {"SECRET_KEY": KEY, **environ})
        return runpy.run_path(str(BASE / "psf" / "settings.py"))

    return read


LICENCE = "https://creativecommons.org/licenses/by/4.0/"
LOCAL = {
    "SITE_URL": HERE,
    "DEBUG": False,
    "ALLOWED_HOSTS": env.LOOPBACK_HOSTS,
    "TIME_ZONE": "Europe/Stockholm",
    "DEFAULT_FROM_EMAIL": "psf@127.0.0.1",
    "MEDIA_ROOT": BASE / "var" / "media",
    "SESSION_COOKIE_NAME": "sessionid",
    "SECURE_SSL_REDIRECT": False,
    "SECURE_PROXY_SSL_HEADER": None,
    "DATA_LICENCE": None,
    "PAGE_CACHE_BYTES": 32_000_000,
    "EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend",  # mail is printed
    "EMAIL_HOST": "",
    "TRUSTED_PROXIES": [],
    "REQUIRE_MFA": False,
}
ONLINE = {
    "SITE_URL": PUBLIC,
    # The machine itself may ask for its health.
    "ALLOWED_HOSTS": ["psf.example.org", *env.LOOPBACK_HOSTS],
    "SESSION_COOKIE_NAME": "__Host-sessionid",
    "CSRF_COOKIE_NAME": "__Host-csrftoken",
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "REQUIRE_MFA": True,
}
HOSTS = ["www.example.org", "localhost", "psf.example.org", "127.0.0.1", "[::1]"]
ERROR_MAIL = {"ERROR_MAIL_TO": "a@example.org, b@example.org", "EMAIL_URL": "smtp://localhost"}


@pytest.mark.parametrize(
    ("environ", "settings"),
    [
        ({}, LOCAL),
        ({"SITE_URL": f"{PUBLIC}/"}, ONLINE),
        ({"DATA_LICENCE": f"CC BY 4.0 {LICENCE}"}, {"DATA_LICENCE": ("CC BY 4.0", LICENCE)}),
        ({"DEFAULT_FROM_EMAIL": "a@example.org"}, {"DEFAULT_FROM_EMAIL": "a@example.org"}),
        ({"PAGE_CACHE_MB": "64"}, {"PAGE_CACHE_BYTES": 64_000_000}),
        ({"PAGE_CACHE_MB": "0"}, {"PAGE_CACHE_BYTES": 0}),
        ({"DEBUG": "1"}, {"DEBUG": True, "PAGE_CACHE_BYTES": 0}),
        ({"DEBUG": "1", "SITE_URL": "http://[::1]:8000"}, {"DEBUG": True}),
        # The site always answers at its own address.
        (
            {"SITE_URL": PUBLIC, "ALLOWED_HOSTS": "www.example.org, localhost,"},
            {"ALLOWED_HOSTS": HOSTS},
        ),
        (
            {"TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8,"},
            {"TRUSTED_PROXIES": [*map(ip_network, ["127.0.0.1/32", "10.0.0.0/8"])]},
        ),
        (ERROR_MAIL, {"ERROR_MAIL_TO": ["a@example.org", "b@example.org"]}),
        ({"REQUIRE_MFA": "1"}, {"REQUIRE_MFA": True}),
        ({"SITE_URL": "https://localhost", "REQUIRE_MFA": "0"}, {"REQUIRE_MFA": False}),
    ],
)
def test_settings_follow_the_environment(settings_from, environ, settings):
    found = settings_from(**environ)
    assert {name: found[name] for name in settings} == settings
    assert found["LOGGING"]["root"]["handlers"] == ["stderr", "mail"][: 1 + (environ is ERROR_MAIL)]


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"SITE_URL": "psf.example.org"}, "SITE_URL must be a scheme and a host"),
        ({"SITE_URL": f"{PUBLIC}/grants"}, "SITE_URL must be a scheme and a host"),
        ({"SITE_URL": "https://me:secret@psf.example.org"}, "SITE_URL must be a scheme"),
        ({"SITE_URL": "https://psf.example.org:port"}, "SITE_URL must be a scheme and a host"),
        ({"SITE_URL": "https://psf example.org"}, "SITE_URL must be a scheme and a host"),
        ({"SITE_URL": "https://psf.exämple.org"}, "SITE_URL must be a scheme and a host"),
        ({"SITE_URL": "http://psf.example.org"}, "SITE_URL must start with https://"),
        ({"SITE_URL": "http://0.0.0.0:8000"}, "SITE_URL must start with https://"),
        ({"SITE_URL": "ftp://127.0.0.1"}, "SITE_URL must start with https://"),
        ({"DEBUG": "yes"}, "DEBUG must be 1 or 0"),
        ({"DEBUG": "1", "SITE_URL": PUBLIC}, "DEBUG=1 is for this machine only"),
        ({"ALLOWED_HOSTS": "psf.example.org,*"}, "ALLOWED_HOSTS must name every host"),
        ({"ALLOWED_HOSTS": PUBLIC}, "ALLOWED_HOSTS must name every host without scheme"),
        ({"ALLOWED_HOSTS": "psf.example.org www.example.org"}, "ALLOWED_HOSTS must name every"),
        ({"ALLOWED_HOSTS": "psf.example.org:8000"}, "ALLOWED_HOSTS must name every host"),
        ({"DEFAULT_FROM_EMAIL": "psf"}, "DEFAULT_FROM_EMAIL must be an address"),
        ({"DEFAULT_FROM_EMAIL": "PSF psf@example.org"}, "DEFAULT_FROM_EMAIL must be an address"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must be at least 50 random characters"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY must be at least 50 random characters"),
        ({"SECRET_KEY": "", "SITE_URL": PUBLIC}, "SECRET_KEY must be at least 50 random"),
        ({"DATABASE_URL": "mysql://127.0.0.1/psf"}, "DATABASE_URL must be postgresql://"),
        ({"DATABASE_URL": "sqlite://:memory:"}, "DATABASE_URL must be postgresql://"),
        ({"DATABASE_URL": "postgresql://127.0.0.1/"}, "DATABASE_URL must be postgresql://"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL must be postgresql://"),
        ({"DATABASE_REPLICA_URL": "postgresql://h/psf"}, "DATABASE_REPLICA_URL must be"),
        (
            {"DATABASE_URL": "postgresql://h/psf", "DATABASE_REPLICA_URL": "sqlite:///x"},
            "DATABASE_REPLICA_URL must be",
        ),
        ({"DATABASE_URL": "postgresql://h/psf", "STATEMENT_TIMEOUT": "5s"}, "STATEMENT_TIMEOUT"),
        ({"MEDIA_ROOT": "files"}, "MEDIA_ROOT must be an absolute path"),
        ({"REQUIRE_MFA": "yes"}, "REQUIRE_MFA must be 1 or 0"),
        ({"REQUIRE_MFA": "0", "SITE_URL": PUBLIC}, "REQUIRE_MFA=0 is for this machine only"),
        ({"TRUSTED_PROXIES": "proxy"}, "TRUSTED_PROXIES must be addresses or networks"),
        ({"PAGE_CACHE_MB": "-1"}, "PAGE_CACHE_MB must be a number of megabytes; it is '-1'"),
        ({"ERROR_MAIL_TO": "operator"}, "ERROR_MAIL_TO must be mail addresses"),
        ({"ERROR_MAIL_TO": "a@example.org;b@example.org"}, "mail addresses, separated by commas"),
        ({"ERROR_MAIL_TO": "a@example.org"}, "ERROR_MAIL_TO needs EMAIL_URL"),
        ({"EMAIL_URL": "mail.example.org"}, "EMAIL_URL must be submission://"),
        ({"EMAIL_URL": "imap://mail.example.org"}, "EMAIL_URL must be submission://"),
        ({"EMAIL_URL": "smtp://"}, "EMAIL_URL must be submission://"),
        ({"EMAIL_URL": "smtp://mail.example.org:port"}, "EMAIL_URL must be submission://"),
        ({"EMAIL_URL": "smtp://mail.example.org/?tls=1"}, "EMAIL_URL must be submission://"),
        ({"EMAIL_URL": "smtp://me:secret@mail.example.org"}, "password unencrypted"),
        ({"CACHE_URL": "redis://"}, "CACHE_URL must be redis://host"),
        ({"CACHE_URL": "redis://:secret@127.0.0.1:port"}, "CACHE_URL must be redis://host"),
        ({"CACHE_URL": "memcached://127.0.0.1"}, "CACHE_URL must be redis://host"),
        ({"CACHE_URL": "redis://127.0.0.1/one"}, "CACHE_URL must be redis://host"),
        ({"CACHE_URL": "redis://127.0.0.1?db=1"}, "CACHE_URL must be redis://host"),
        ({"GRANTS360_PREFIX": "cb-ss"}, "GRANTS360_PREFIX must be the letters and digits"),
        ({"DATA_LICENCE": "CC BY 4.0"}, "DATA_LICENCE must be the name of a licence"),
        ({"TIME_ZONE": "Stockholm"}, "TIME_ZONE must be a name such as Europe/Stockholm"),
    ],
)
def test_wrong_or_unsafe_settings_stop_the_start(settings_from, environ, sentence):
    with pytest.raises(ImproperlyConfigured, match=sentence):
        settings_from(**environ)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", ("mail.example.org", 25, "", "", False, False)),
        ("smtp://me:secret@localhost:1025", ("localhost", 1025, "me", "secret", False, False)),
        (
            "submission://me%40example.org:a%2Fb@mail.example.org/",
            ("mail.example.org", 587, "me@example.org", "a/b", True, False),
        ),
        (
            "smtps://me:secret@mail.example.org",
            ("mail.example.org", 465, "me", "secret", False, True),
        ),
    ],
)
def test_mail_goes_by_the_server_that_is_named(settings_from, url, server):
    settings = settings_from(EMAIL_URL=url)
    names = ["HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL"]
    assert tuple(settings[f"EMAIL_{name}"] for name in names) == server


def test_a_command_stops_with_the_sentence_alone():
    done = run(
        [sys.executable, BASE / "manage.py", "check"], env={"SITE_URL": "http://psf.example.org"}
    )

    assert done.returncode == 1
    assert done.stderr.startswith("SITE_URL must start with https://")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("path", "arguments", "sentence"),
    [
        ("/dev/null/x", ["check_figures"], "The command failed: unable to open database file. Che"),
        (BASE / "manage.py", ["check_figures"], "The command failed: file is not a database. Ch"),
        ("new.sqlite3", ["backup", "/proc/x"], "The command failed: [Errno 2] No such file"),
        ("/dev/null/x", ["check_figures", "--traceback"], "django.db.utils.OperationalError: unab"),
    ],
)
def test_a_fault_outside_the_program_gets_a_sentence(path, arguments, sentence, tmp_path):
    env = {"DATABASE_URL": f"sqlite:///{tmp_path / path}"}
    done = run([sys.executable, BASE / "manage.py", *arguments], env=env)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(sentence)
    assert ("Traceback" in done.stderr) is ("--traceback" in arguments)


def test_statements_of_commands_have_no_limit():
    code = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS'])"
    env = {"DATABASE_URL": "postgresql://h/psf", "STATEMENT_TIMEOUT": "5"}
    done = run([sys.executable, BASE / "manage.py", "shell", "-c", code], env=env)

    assert "statement_timeout=0s" in done.stdout


def test_a_secret_key_is_created_once_and_readable_by_its_owner_only(tmp_path):
    folder = tmp_path / "var"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: env.secret_key({}, HERE, folder), range(16)))

    (key,) = keys
    assert len(key) >= 50
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == ["secret_key"]


@pytest.mark.django_db
def test_sqlite_waits_for_locks_and_writes_durably(tmp_path):
    config = databases({"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}, BASE)
    sqlite = ConnectionHandler(config)["default"]

    def pragma(name):
        with sqlite.cursor() as cursor:
            return cursor.execute(f"PRAGMA {name}").fetchone()[0]

    try:
        assert pragma("journal_mode") == "wal"
        assert pragma("synchronous") == 2  # FULL
        assert pragma("foreign_keys") == 1
        assert pragma("busy_timeout") == 20_000
        assert sqlite.transaction_mode == "IMMEDIATE"
    finally:
        sqlite.close()


def test_a_relative_sqlite_file_lies_in_the_project(tmp_path):
    found = databases({"DATABASE_URL": "sqlite:///x.sqlite3"}, tmp_path)
    assert found["default"]["NAME"] == tmp_path / "x.sqlite3"


def test_a_replica_has_the_limits_of_its_primary():
    found = databases(
        {
            "DATABASE_URL": "postgresql://primary.example/psf",
            "DATABASE_REPLICA_URL": "postgresql://replica.example/psf",
        },
        BASE,
    )

    assert found["replica"] == found["default"] | {"HOST": "replica.example"}


def test_postgresql_gives_up_before_a_reader_does():
    config = databases({"DATABASE_URL": "postgresql://psf:word@db.example/psf"}, BASE)["default"]

    assert config["CONN_MAX_AGE"] == 60
    assert config["CONN_HEALTH_CHECKS"] is True
    assert config["OPTIONS"] == {
        "connect_timeout": 3,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 15_000,
        "options": "-c statement_timeout=5s -c jit=off -c lock_timeout=3s"
        " -c idle_in_transaction_session_timeout=30s",
    }


def test_options_in_the_postgresql_address_win():
    url = "postgresql://db.example/psf?connect_timeout=9&sslmode=require&options=-c%20jit%3Don"
    found = databases({"DATABASE_URL": url, "STATEMENT_TIMEOUT": "0"}, BASE)
    options = found["default"]["OPTIONS"]

    assert options["connect_timeout"] == 9
    assert options["sslmode"] == "require"
    assert options["options"].startswith("-c statement_timeout=0s ")
    assert options["options"].endswith(" -c jit=on")


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="the limits are PostgreSQL's")
def test_postgresql_knows_the_limits():
    with connection.cursor() as cursor:
        for name, value in [("statement_timeout", "30s"), ("lock_timeout", "3s")]:
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone() == (value,)
