"""Forms for passkeys and security keys.

They refuse a malformed credential with a sentence, and an answer that was sent before.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.forms import HiddenInput, JSONField
from fido2.webauthn import AuthenticationResponse

from psf.accounts.session_store import SIGN_IN_TIME


class CredentialField(JSONField):
    """The credential that the browser sends. A page never sends it back."""

    widget = HiddenInput

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (ValueError, RecursionError) as error:  # too many digits, or nested too deeply
            raise ValidationError(self.error_messages["invalid"], "invalid") from error

    def bound_data(self, data: Any, initial: Any) -> str:
        return ""

    def prepare_value(self, value: Any) -> str:
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
