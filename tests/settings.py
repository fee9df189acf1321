"""The settings of the tests. They do not depend on the environment."""

import os
import tempfile
from pathlib import Path

from tests.support import postgresql

for name in [
    "SITE_URL",
    "DEBUG",
    "ALLOWED_HOSTS",
    "TIME_ZONE",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "CACHE_URL",
    "DATABASE_REPLICA_URL",
    "PAGE_CACHE_MB",
    "TRUSTED_PROXIES",
    "REQUIRE_MFA",
    "MEDIA_ROOT",
    "ERROR_MAIL_TO",
    "GRANTS360_PREFIX",
    "DATA_LICENCE",
]:
    os.environ.pop(name, None)
os.environ["SECRET_KEY"] = "only for the tests, which need one of at least fifty characters"
# How long a statement takes says how busy the machine is, not whether it is right.
os.environ["STATEMENT_TIMEOUT"] = "30"
# A worker of xdist inherits the address of what its controller has started.
if "PYTEST_XDIST_WORKER" not in os.environ:
    wanted = os.environ.get("PSF_TEST_DATABASE")
    os.environ["DATABASE_URL"] = postgresql.start() if wanted == "postgresql" else ""

from psf.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Static files straight from the source, without collectstatic.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
TEMPLATES[0] |= {  # noqa: F405
    "BACKEND": "tests.support.jinja.TellingJinja2",
    "OPTIONS": TEMPLATES[0]["OPTIONS"]  # noqa: F405
    | {"environment": "tests.support.jinja.strict_environment"},
}
# Tests in other processes write files at the same time.
_var = tempfile.TemporaryDirectory(prefix="psf-tests-")
VAR_DIR = Path(_var.name)
# Tests download more than a reader.
DOWNLOADS_PER_MINUTE = 100_000
