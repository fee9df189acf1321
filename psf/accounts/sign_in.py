"""The limit on failed attempts to sign in, and the age of a session."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.crypto import salted_hmac

from psf.accounts.models import FailedSignIn

SIGNED_IN_FOR = timedelta(hours=12)
SIGNED_IN_AT = "signed_in_at"
MAX_FAILURES = 10
FAILURES_COUNT_FOR = timedelta(minutes=15)


def begin_sign_in(username: str, address: str) -> bool:
    """Count an attempt, and say whether it may go on.

    It counts as failed until `end_sign_in()`, so that attempts at the same moment see each other.
    The rule is the same for names that nobody has, and another address is never shut out.
    """
    now = timezone.now()
    fingerprint = _fingerprint(username, address)
    FailedSignIn.objects.filter(failed_at__lte=now - FAILURES_COUNT_FOR).delete()
    attempt = FailedSignIn.objects.create(fingerprint=fingerprint, failed_at=now)
    if FailedSignIn.objects.filter(fingerprint=fingerprint).count() <= MAX_FAILURES:
        return True
    attempt.delete()  # a refused attempt does not prolong the wait
    return False


def end_sign_in(username: str, address: str) -> None:
    """Forget the failures before a success."""
    FailedSignIn.objects.filter(fingerprint=_fingerprint(username, address)).delete()


def _fingerprint(username: str, address: str) -> str:
    # Not the name itself: people type passwords into the wrong field.
    return salted_hmac(
        "psf.accounts.passwords", f"{address} {username}", algorithm="sha256"
    ).hexdigest()


def note_sign_in(session: Any) -> None:
    session[SIGNED_IN_AT] = timezone.now().timestamp()


def is_worn_out(session: Any) -> bool:
    """Whether it began so long ago that the password is asked for again, whatever was done since.

    The session itself ends sooner where nothing is done.
    """
    began = session.get(SIGNED_IN_AT)
    return began is not None and timezone.now().timestamp() - began > SIGNED_IN_FOR.total_seconds()
