"""Sessions of staff in the database, each with its account, its start and its last use."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db, signed_cookies
from django.contrib.sessions.backends.base import SessionBase
from django.db import DatabaseError, transaction
from django.utils import timezone

from psf.accounts.models import StaffSession
from psf.accounts.session_limits import MAX_SESSION_AGE
from psf.database.sql import waiting_at_most

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
