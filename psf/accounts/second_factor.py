"""The second factor of accounts: passkeys, security keys and codes of an app."""

from typing import Any

from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet
from django.http import HttpRequest

from psf.accounts.sessions import end_other_sessions, end_sessions

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
# The key of a session that has passed the second factor; its value is the key of the account.
PASSED = "second_factor_of"


def is_second_factor_missing(request: HttpRequest) -> bool:
    """Whether this session must pass a second factor before it may work."""
    user = request.user
    return settings.REQUIRE_MFA and user.is_authenticated and request.session.get(PASSED) != user.pk


def watch_second_factors() -> None:
    signals.authenticator_used.connect(factor_is_passed)
    signals.authenticator_added.connect(factor_is_added)
    signals.authenticator_removed.connect(factor_is_removed)


def factor_is_passed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    request.session[PASSED] = user.pk


def factor_is_added(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Other sessions may have begun with the password alone."""
    factor_is_passed(request, user)
    end_other_sessions(request)


def factor_is_removed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    if not second_factors(user).exists():
        request.session.pop(PASSED, None)
    end_other_sessions(request)


def second_factors(account: User | AnonymousUser) -> QuerySet[Authenticator]:
    """The keys and the app of the account, without recovery codes."""
    return Authenticator.objects.filter(user=account.pk, type__in=FACTORS).order_by("created_at")


def remove_second_factors(account: User, factors: QuerySet[Authenticator]) -> int:
    """Remove factors that were lost, end all sessions, and return the number of factors.

    Recovery codes go with the last factor. The next sign-in then asks for the password only, and
    for a new factor.
    """
    number, _by_model = factors.delete()
    if not second_factors(account).exists():
        Authenticator.objects.filter(user=account).delete()
    end_sessions([account.pk])
    return number
