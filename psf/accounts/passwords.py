"""Passwords of staff: those given once, a brake on guessing, and for how long one serves."""

import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth import password_validation
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from psf.models import FailedSignIn, OneTimePassword

SIGNED_IN_FOR = timedelta(hours=12)
SIGNED_IN_AT = "signed_in_at"
MAX_FAILURES = 10
FAILURES_COUNT_FOR = timedelta(minutes=15)


@transaction.atomic
def give_one_time_password(user: User) -> str:
    """Set and return a password that only serves to choose another one."""
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save()
    OneTimePassword.objects.update_or_create(user=user)
    return password


def has_one_time_password(user: User | AnonymousUser) -> bool:
    return user.pk is not None and OneTimePassword.objects.filter(pk=user.pk).exists()


def forget_one_time_password(user: User) -> None:
    OneTimePassword.objects.filter(pk=user.pk).delete()


class CommonPasswordValidator(password_validation.CommonPasswordValidator):
    """Django's, whose 20 000 words are read for each password, in 6 ms, and not kept."""

    def __init__(self) -> None:
        """Read nothing yet."""

    def validate(self, password: str, user: Any = None) -> None:
        password_validation.CommonPasswordValidator().validate(password, user)


class OneTimePasswordValidator:
    """Ends the life of a one-time password: any other password may follow it, itself may not."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user and has_one_time_password(user) and user.check_password(password):
            raise ValidationError(
                _("The one-time password cannot be kept. Choose another one."),
                code="one_time_password",
            )

    def password_changed(self, password: str, user: User | None = None) -> None:
        if user:
            forget_one_time_password(user)

    def get_help_text(self) -> str:
        return _("Your password can’t be the one-time password that you were given.")


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
