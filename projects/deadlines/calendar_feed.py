"""The private address under which a calendar program reads what its owner may know."""

import secrets
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from psf.accounts.models import CalendarAddress


def renew(user: Any) -> str:
    """A new secret part for the account's address; the one before ends."""
    secret = secrets.token_urlsafe(32)
    CalendarAddress.objects.update_or_create(
        user=user, defaults={"fingerprint": _fingerprint(secret), "made_at": timezone.now()}
    )
    return secret


def owner_of(secret: str) -> User | None:
    """The member of staff whose address it is, while the account may sign in."""
    mine = {"calendar_address__fingerprint": _fingerprint(secret)}
    return User.objects.filter(is_active=True, is_staff=True, **mine).first()


def _fingerprint(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
