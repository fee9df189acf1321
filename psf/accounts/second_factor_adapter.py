"""How allauth keeps second factors: secrets encrypted, wrong keys in the audit log."""

import logging
from base64 import b32encode, urlsafe_b64encode
from secrets import token_bytes
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac

from psf.audit.models import Kind
from psf.audit.watching import record_once

ENCRYPTED = "fernet:"
SALT = "psf.accounts.second_factor"

logger = logging.getLogger(__name__)


class SecondFactorAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return ENCRYPTED + _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; a random one, for which no code is right, if no key of the site fits.

        Secrets of earlier versions are stored without encryption.
        """
        if not encrypted_text.startswith(ENCRYPTED):
            return encrypted_text
        try:
            return _cipher().decrypt(encrypted_text.removeprefix(ENCRYPTED)).decode()
        except InvalidToken:
            logger.error("A second factor was encrypted with a SECRET_KEY that is missing.")
            return b32encode(token_bytes(20)).decode()

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """Called for a wrong passkey or security key; see `psf.audit.watching` for wrong codes."""
        if "credential" in context.request.POST:
            record_once(Kind.FAILED, None, "passkey or security key", context.request)
        return super().validation_error(code, *args)


def _cipher() -> MultiFernet:
    """Encrypts with a key from SECRET_KEY; decrypts with keys from SECRET_KEY_FALLBACKS too."""
    digests = [
        salted_hmac(SALT, "", secret, algorithm="sha256").digest()
        for secret in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    ]
    return MultiFernet([Fernet(urlsafe_b64encode(digest)) for digest in digests])
