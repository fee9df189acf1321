"""The second factor of accounts: passkeys, security keys and codes of an app."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User

from psf.accounts.session_end import end_sessions

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def is_second_factor_missing(user: User | AnonymousUser) -> bool:
    """Whether the account must add a second factor before it may work."""
    return (
        settings.REQUIRE_MFA
        and user.is_authenticated
        and not Authenticator.objects.filter(user=user.pk, type__in=FACTORS).exists()
    )


def remove_second_factors(account: User) -> int:
    """Remove all factors and recovery codes, end all sessions, and return the number of factors.

    For somebody who lost them. The next sign-in asks for the password only, then for a new factor.
    """
    number = Authenticator.objects.filter(user=account, type__in=FACTORS).count()
    Authenticator.objects.filter(user=account).delete()
    end_sessions([account.pk])
    return number
