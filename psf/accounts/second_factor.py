"""The second factor of accounts: passkeys, security keys and codes of an app.

Secrets are encrypted. Malformed or repeated answers are refused.
"""

import logging
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Callable
from functools import wraps
from secrets import token_bytes
from typing import Any

from allauth.core import context
from allauth.mfa import signals
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.db.models import QuerySet
from django.forms import HiddenInput, JSONField
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from fido2.webauthn import AuthenticationResponse

from psf.accounts.sessions import SIGN_IN_TIME, end_other_sessions, end_sessions
from psf.audit.models import Kind
from psf.audit.recording import record_once

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


def remove_second_factors(account: User) -> int:
    """Remove all factors, which were lost, end all sessions, and return the number of factors.

    The recovery codes go too. The next sign-in then asks for the password only, and for a new
    factor.
    """
    number = second_factors(account).count()
    Authenticator.objects.filter(user=account).delete()
    end_sessions([account.pk])
    return number


ENCRYPTED = "fernet:"
SALT = "psf.accounts.second_factor"
# The name of the secret in the data of each type.
SECRETS = {"totp": "secret", "recovery_codes": "seed"}

logger = logging.getLogger(__name__)


class SecondFactorAdapter(DefaultMFAAdapter):
    def is_mfa_enabled(self, user: User | None, types: list[str] | None = None) -> bool:
        """False if the account was deleted while its sign-in waited for the second step."""
        return user is not None and super().is_mfa_enabled(user, types)

    def encrypt(self, text: str) -> str:
        return ENCRYPTED + _keys()[0].encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; a random one, for which no code is right, if no key of the site fits."""
        secret = _decrypted(encrypted_text, _keys())
        if secret is None:
            logger.error("A second factor was encrypted with a SECRET_KEY that is missing.")
            return b32encode(token_bytes(20)).decode()
        return secret

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """Called for a wrong passkey or key. `psf.audit.recording` records wrong codes."""
        if "credential" in context.request.POST:
            record_once(Kind.FAILED, None, "passkey or security key", context.request)
        return super().validation_error(code, *args)


def renew_encryption() -> int:
    """Encrypt secrets of an earlier SECRET_KEY with the present one.

    Return the number of secrets. Secrets without a fitting key do not change.
    """
    keys, number = _keys(), 0
    for factor in Authenticator.objects.filter(type__in=SECRETS):
        name = SECRETS[factor.type]
        encrypted = factor.data[name]
        secret = _decrypted(encrypted, keys)
        if secret is not None and _decrypted(encrypted, keys[:1]) is None:
            factor.data[name] = SecondFactorAdapter().encrypt(secret)
            factor.save(update_fields=["data"])
            number += 1
    return number


def _decrypted(stored: str, keys: list[Fernet]) -> str | None:
    """The secret; None if no key fits."""
    try:
        return MultiFernet(keys).decrypt(stored.removeprefix(ENCRYPTED)).decode()
    except InvalidToken:
        return None


def _keys() -> list[Fernet]:
    """The keys from SECRET_KEY, which encrypts, and from SECRET_KEY_FALLBACKS."""
    digests = [
        salted_hmac(SALT, "", secret, algorithm="sha256").digest()
        for secret in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    ]
    return [Fernet(urlsafe_b64encode(digest)) for digest in digests]


class CredentialField(JSONField):
    """The credential that the browser sends. A page never sends it back."""

    widget = HiddenInput

    def to_python(self, value: object) -> Any:
        try:
            return super().to_python(value)
        except (ValueError, RecursionError) as error:  # too many digits, or nested too deeply
            raise ValidationError(self.error_messages["invalid"], "invalid") from error

    def bound_data(self, data: object, initial: object) -> str:
        return ""

    def prepare_value(self, value: object) -> str:
        return ""


def _refuse_malformed(clean: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @wraps(clean)
    def refusing(form: Any) -> Any:
        try:
            return clean(form)
        except (ValidationError, DatabaseError):
            raise
        except Exception as error:  # hostile bytes can raise nearly any exception
            raise get_adapter().validation_error("incorrect_code") from error

    return refusing


class AddKeyForm(forms.AddWebAuthnForm):
    credential = CredentialField()
    clean = _refuse_malformed(forms.AddWebAuthnForm.clean)


class SecondFactorForm(forms.AuthenticateWebAuthnForm):
    credential = CredentialField()

    @_refuse_malformed
    def clean_credential(self) -> Authenticator:
        """Each challenge is answered once: a signed cookie can be sent again."""
        answer = AuthenticationResponse.from_dict(self.cleaned_data["credential"])
        key = forms.AuthenticateWebAuthnForm.clean_credential(self)
        challenge = answer.response.client_data.challenge.hex()
        if not cache.add(f"psf.passkey.{challenge}", 1, SIGN_IN_TIME.total_seconds()):
            raise get_adapter().validation_error("incorrect_code")
        return key


class PasskeyForm(forms.LoginWebAuthnForm):
    credential = CredentialField()
    clean_credential = SecondFactorForm.clean_credential


class ConfirmWithKeyForm(forms.ReauthenticateWebAuthnForm):
    credential = CredentialField()
    clean_credential = SecondFactorForm.clean_credential
