"""The private address from which a calendar program reads the deadlines of an account."""

import secrets
from hashlib import sha256

from django.contrib.auth.models import User
from django.utils import timezone

from psf.accounts.models import CalendarAddress


def renew(user: User) -> str:
    """A new secret for the address of the account. The earlier address ends."""
    secret = secrets.token_urlsafe(32)
    CalendarAddress.objects.update_or_create(
        user=user, defaults={"fingerprint": _fingerprint(secret), "made_at": timezone.now()}
    )
    return secret


def owner_of(secret: str) -> User | None:
    """The account that has the address, if it may sign in."""
    owner = {"calendar_address__fingerprint": _fingerprint(secret)}
    return User.objects.filter(is_active=True, is_staff=True, **owner).first()


def _fingerprint(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
