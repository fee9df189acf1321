"""The second factor of accounts: passkeys, security keys and codes of an app."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from psf.accounts.session_revocation import end_sessions

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def is_second_factor_missing(user: User | AnonymousUser) -> bool:
    """Whether the account must add a second factor before it may work."""
    return settings.REQUIRE_MFA and user.is_authenticated and not second_factors(user).exists()


def second_factors(account: User) -> QuerySet[Authenticator]:
    """The keys and the app of the account, without recovery codes."""
    return Authenticator.objects.filter(user=account, type__in=FACTORS).order_by("created_at")


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
