"""Sessions of staff: how long they last, where they are stored, and what ends them."""

import logging
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends import db, signed_cookies
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import DatabaseError, transaction
from django.db.models.signals import post_save
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from psf.accounts.models import StaffSession
from psf.audit.recording import record_answer
from psf.database.sql import READING_SECONDS, waiting_at_most
from psf.http.errors import DATABASE_UNAVAILABLE

logger = logging.getLogger(__name__)

# The time without a use is SESSION_COOKIE_AGE.
MAX_SESSION_AGE = timedelta(hours=12)
# How long a sign-in may take, and its signed cookie is valid.
SIGN_IN_TIME = timedelta(minutes=15)
# A use is written at most once in this time.
USE_INTERVAL = timedelta(minutes=10)
STARTED_AT_KEY = "started_at"


class SignInCookie(signed_cookies.SessionStore):
    """What a sign-in needs before its account is known. Strangers fill no table with it."""

    def get_session_cookie_age(self) -> int:
        return int(SIGN_IN_TIME.total_seconds())


class SessionStore(db.SessionStore):
    """A session ends some time after its last use, and 12 hours after its start in any case."""

    @classmethod
    def get_model_class(cls) -> type[StaffSession]:
        return StaffSession

    def create_model_instance(self, data: dict[str, Any]) -> StaffSession:
        row = cast(StaffSession, super().create_model_instance(data))
        row.user_id = data.get(SESSION_KEY)
        row.started_at, row.used_at = started(data), timezone.now()
        row.expire_date = min(row.expire_date, row.started_at + MAX_SESSION_AGE)
        return row

    def record_use(self) -> None:
        """Prolong the session. Without effect while the database cannot be written at once."""
        if not self.accessed or self.session_key is None:
            return
        now = timezone.now()
        rows = StaffSession.objects.filter(
            session_key=self.session_key, used_at__lt=now - USE_INTERVAL
        )
        with suppress(DatabaseError):
            if rows.exists():
                expires_at = min(self.get_expiry_date(), started(self) + MAX_SESSION_AGE)
                with waiting_at_most(0), transaction.atomic():
                    rows.update(used_at=now, expire_date=expires_at)


def started(data: dict[str, Any] | SessionBase) -> datetime:
    """The moment of the sign-in. A session without a sign-in starts now."""
    started_at = data.get(STARTED_AT_KEY)
    return datetime.fromisoformat(started_at) if started_at else timezone.now()


def seconds_left(session: SessionBase) -> int:
    """The time until a session ends, however often it is used."""
    return int((started(session) + MAX_SESSION_AGE - timezone.now()).total_seconds())


def end_sessions(accounts: Iterable[int]) -> int:
    """End all sessions of the accounts with these keys, and return their number."""
    return StaffSession.objects.filter(user__in=accounts).delete()[0]


def end_other_sessions(request: HttpRequest) -> None:
    """End the sessions of the account of this request, except the session of the request."""
    sessions = StaffSession.objects.filter(user=request.user.pk)
    sessions.exclude(pk=request.session.session_key).delete()


def open_sessions(account: int | None) -> list[StaffSession]:
    """The sessions of the account with this key, the last used first."""
    rows = StaffSession.objects.filter(user=account, expire_date__gt=timezone.now())
    return list(rows.order_by("-used_at"))


def watch_accounts() -> None:
    user_logged_in.connect(record_start)
    post_save.connect(end_sessions_of_inactive, sender=User)


def record_start(request: HttpRequest, **kwargs: Any) -> None:
    session: SessionBase = request.session
    session[STARTED_AT_KEY] = timezone.now().isoformat()


def end_sessions_of_inactive(instance: User, **kwargs: Any) -> None:
    """Otherwise they would come back with the account. Lost permissions count at once anyway."""
    if not instance.is_active:
        end_sessions([instance.pk])


class StaffSessions(SessionMiddleware):
    """Django's middleware, with an answer of its own where a session cannot be written.

    Sessions of accounts are in the database, all others in a signed cookie.
    """

    def process_request(self, request: HttpRequest) -> None:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        request.session = (SignInCookie if ":" in key else self.SessionStore)(key)

    def stored(self, session: SessionBase) -> SessionBase:
        """The session itself, or its copy in the store for sessions of its kind."""
        store = self.SessionStore if SESSION_KEY in session else SignInCookie
        if isinstance(session, store):
            return session
        copy = store()
        copy.update(dict(session.items()))
        return copy

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        user = getattr(request, "user", None)  # none yet where the host is refused
        if request.path.startswith("/admin/") and user and user.is_authenticated:
            record_answer(request, response)
        if request.session.modified:
            request.session = self.stored(request.session)
        is_written = request.session.modified and request.method == "GET"
        try:
            with waiting_at_most(READING_SECONDS) if is_written else nullcontext():
                response = super().process_response(request, response)
            if isinstance(request.session, SessionStore):
                request.session.record_use()
        except SessionInterrupted as interrupted:
            error = interrupted.__context__ and interrupted.__context__.__context__
            if isinstance(error, DATABASE_UNAVAILABLE):
                return self.unsaved(request, response, error)
            # The session ended during the request, which was carried out.
            response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")
        return response

    def unsaved(
        self, request: HttpRequest, response: HttpResponse, error: Exception
    ) -> HttpResponse:
        """The answer without a written session. What else was saved is not known here."""
        logger.warning("The session could not be written: %s", error)
        if request.method != "POST":
            return response
        page = render_to_string("session_unsaved.html")
        return HttpResponse(page, status=503, headers={"Retry-After": "30"})
