"""The limit on failed attempts to sign in, and the age of a session."""

from datetime import timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone
from django.utils.crypto import salted_hmac

from psf.accounts.models import FailedSignIn

MAX_SESSION_AGE = timedelta(hours=12)
SIGNED_IN_AT_KEY = "signed_in_at"
MAX_FAILURES = 10
FAILURE_LIFETIME = timedelta(minutes=15)


def begin_sign_in(username: str, address: str) -> bool:
    """Count an attempt, and return whether the password may be checked.

    The attempt counts as failed until `end_sign_in()`, so concurrent attempts are counted. Unknown
    names are treated alike, and other addresses are not affected.
    """
    now = timezone.now()
    fingerprint = _fingerprint(username, address)
    FailedSignIn.objects.filter(failed_at__lte=now - FAILURE_LIFETIME).delete()
    attempt = FailedSignIn.objects.create(fingerprint=fingerprint, failed_at=now)
    if FailedSignIn.objects.filter(fingerprint=fingerprint).count() <= MAX_FAILURES:
        return True
    attempt.delete()  # a refused attempt does not prolong the wait
    return False


def end_sign_in(username: str, address: str) -> None:
    """Delete the failures after a success."""
    FailedSignIn.objects.filter(fingerprint=_fingerprint(username, address)).delete()


def _fingerprint(username: str, address: str) -> str:
    # A fingerprint, because people type passwords into the field of the name.
    return salted_hmac(
        "psf.accounts.passwords", f"{address} {username}", algorithm="sha256"
    ).hexdigest()


def record_sign_in(session: SessionBase) -> None:
    session[SIGNED_IN_AT_KEY] = timezone.now().timestamp()


def is_session_expired(session: SessionBase) -> bool:
    """Return whether the account must sign in again, regardless of activity.

    An inactive session ends earlier.
    """
    start = session.get(SIGNED_IN_AT_KEY)
    if start is None:
        return False
    return timezone.now().timestamp() - start > MAX_SESSION_AGE.total_seconds()
