"""All settings, in one file. What differs between sites comes from the environment."""

import os
from pathlib import Path
from typing import Any

from psf import environment as env
from psf.http.middleware import add_weak_etag

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

# The site

SITE_URL = env.site_url(os.environ)
SECURE = SITE_URL.startswith("https://")
DEBUG = env.switch(os.environ, "DEBUG", "0", SITE_URL, local="1")
ALLOWED_HOSTS = env.allowed_hosts(os.environ, SITE_URL)
SECRET_KEY = env.secret_key(os.environ, SITE_URL, VAR_DIR)
# What these earlier keys signed or encrypted stays valid.
SECRET_KEY_FALLBACKS = env.listed(os.environ, "SECRET_KEY_FALLBACKS")
DEFAULT_FROM_EMAIL = env.sender(os.environ, SITE_URL)

ROOT_URLCONF = "psf.urls"
WSGI_APPLICATION = "psf.wsgi.application"

INSTALLED_APPS = [
    "psf.apps.PsfConfig",
    "psf.history",
    "partners",
    "projects",
    "crispy_forms",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "psf.apps.PsfAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    # First, so responses of all other middleware have the headers too.
    "psf.http.middleware.SecurityHeaders",
    "psf.site.account_pages.StaffFrame",
    "psf.exports.responses.DataAddresses",
    "django.middleware.security.SecurityMiddleware",
    "psf.http.middleware.RejectBadInput",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "psf.accounts.sessions.StaffSessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # After the account is known, and before anything reads a form.
    "psf.http.middleware.RequestBodies",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "projects.open_data.links.DataLinkHeaders",
    "psf.search.maintenance.UpdateIndexes",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        # Public pages, and the parts that staff forms repeat most.
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "public", BASE_DIR / "templates" / "staff"],
        "OPTIONS": {
            "environment": "psf.site.template_engine.environment",
            "context_processors": ["projects.pages.open_call.open_call_context"],
        },
    },
    {
        # Staff pages, forms and mail.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
# A web address without a scheme is https. Django 6 has no other choice: remove this line there.
FORMS_URLFIELD_ASSUME_HTTPS = True
CRISPY_TEMPLATE_PACK = CRISPY_ALLOWED_TEMPLATE_PACKS = "forms"

# Records

# No ATOMIC_REQUESTS: on SQLite every read would wait for the write lock.
DATABASES = env.databases(os.environ, BASE_DIR)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = env.caches(os.environ)

# Language and time

LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["psf.formats"]
# Words of this project for texts of Django and allauth.
LOCALE_PATHS = [BASE_DIR / "psf" / "locale"]
TIME_ZONE = env.time_zone(os.environ)

# Mail

globals().update(env.mail_server(os.environ))  # EMAIL_BACKEND, EMAIL_HOST and so on
ERROR_MAIL_TO = env.error_mail_to(os.environ)
EMAIL_TIMEOUT = 10  # seconds; the record stays locked while its letter is sent

# Static files

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# favicon.ico and apple-touch-icon.png, which browsers ask for at the root.
WHITENOISE_ROOT = BASE_DIR / "psf/icons"
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_ADD_HEADERS_FUNCTION = add_weak_etag

# Uploaded files. Only views with a permission check send them.

MEDIA_ROOT = env.media_root(os.environ, VAR_DIR)

# Accounts of staff

# Proxies whose X-Forwarded-For header is believed.
TRUSTED_PROXIES = env.trusted_proxies(os.environ)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "psf.accounts.passwords.WeakPasswordValidator"},
    {"NAME": "psf.accounts.passwords.BreachedPasswordValidator"},
    {"NAME": "psf.accounts.passwords.OneTimePasswordValidator"},
]
LOGIN_URL = "admin:login"
REQUIRE_MFA = env.switch(os.environ, "REQUIRE_MFA", str(int(SECURE)), SITE_URL, local="0")
MFA_ADAPTER = "psf.accounts.second_factor.SecondFactorAdapter"
ACCOUNT_ADAPTER = "psf.accounts.sign_in.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_FORMS = {
    "add_webauthn": "psf.accounts.second_factor.AddKeyForm",
    "authenticate_webauthn": "psf.accounts.second_factor.SecondFactorForm",
    "login_webauthn": "psf.accounts.second_factor.PasskeyForm",
    "reauthenticate_webauthn": "psf.accounts.second_factor.ConfirmWithKeyForm",
}
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "PSF"
MFA_TOTP_TOLERANCE = 1  # clocks of telephones differ by up to half a minute
# Messages are kept in the session, not in a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGIN_REDIRECT_URL = "admin:index"  # for a sign-in without a page on this site
SESSION_COOKIE_NAME = "__Host-sessionid" if SECURE else "sessionid"
SESSION_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "psf.accounts.sessions"
SESSION_COOKIE_AGE = 8 * 60 * 60  # seconds without a use
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-csrftoken" if SECURE else "csrftoken"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

# Headers for browsers

SECURE_SSL_REDIRECT = SECURE
# With https, the proxy must always set this header and ignore the header of the client.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The name and form of Django 6, whose middleware can replace ours.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "manifest-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "object-src": ["'none'"],
}

# In development a changed template shows at once.
PAGE_CACHE_MB = env.whole_number(os.environ, "PAGE_CACHE_MB", "megabytes", default=32)
PAGE_CACHE_BYTES = 0 if DEBUG else PAGE_CACHE_MB * 1_000_000  # in each worker; 0: no cache

# Files of data from one address, in each process.
DOWNLOADS_PER_MINUTE = 60

# The prefix of identifiers in the 360Giving export; empty until 360Giving has given one.
GRANTS360_PREFIX = env.grants360_prefix(os.environ)
DATA_LICENCE = env.data_licence(os.environ)

DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000  # the draft of a decision has seven for each application

# Log: one line for each event, on stderr

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "psf.http.logs.OneLineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
    },
    "filters": {"refused": {"()": "psf.http.logs.RefusedInOneLine"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["refused"],
        },
        "mail": {"class": "psf.http.logs.ErrorMail"},
    },
    "root": {
        "handlers": ["stderr", "mail"] if ERROR_MAIL_TO else ["stderr"],
        "level": "INFO",
    },
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
    },
}
