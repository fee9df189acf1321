"""Attempts to sign in: their limits, and the rules for allauth."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore, Lock
from time import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import LoginStage
from allauth.core import context
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac

from psf.audit.recording import record_limit
from psf.http.requests import client_network

# Failures of a name from an address, of an address and of a name, within LOCK_OUT.
MAX_FAILURES = [10, 50, 100]
LOCK_OUT = timedelta(minutes=15)
# Mails with a link for a new password: to an address of mail, and asked for from a network.
MAX_MAILS = [3, 20]
BUSY_SECONDS = 5
# One password is checked, and two wait for it. The other threads serve readers.
ATTEMPTS_AT_ONCE = 3
# Failures, and the moment at which they count no more, by key.
Counts = dict[str, tuple[int, float]]

_attempts = BoundedSemaphore(ATTEMPTS_AT_ONCE)
_hashing = Lock()


class SignInRefused(Exception):
    """The password was not checked. Another attempt is possible after some seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


@contextmanager
def attempt(username: str, address: str) -> Iterator[None]:
    """Check a password inside this context. An exception inside counts as a failure.

    Raises `SignInRefused` after too many failures, and while this process checks other passwords:
    a password costs as much time as many pages. The attempt counts as failed until its end, so
    concurrent attempts are counted. Unknown names are treated alike.
    """
    if not _attempts.acquire(blocking=False):
        raise SignInRefused(BUSY_SECONDS)
    try:
        with _hashing:
            texts = [f"{address} {username}", f"address {address}", f"name {username}"]
            counts = count_attempt(texts, MAX_FAILURES)
            yield
            for key, (count, end) in counts.items():  # a success is no failure
                cache.set(key, (count, end), end - time())
            cache.delete(_key(texts[0]))
    finally:
        _attempts.release()


def count_attempt(texts: list[str], limits: list[int]) -> Counts:
    """Count an attempt under each of the texts. Raises `SignInRefused` at a limit.

    A refused attempt does not prolong the wait. Return the counts before this attempt. Raises
    OperationalError if the count is not stored: the cache in the database does not say so.
    """
    now, seconds = time(), LOCK_OUT.total_seconds()
    counts: Counts = {key: cache.get(key) or (0, now + seconds) for key in map(_key, texts)}
    if any(count >= most for (count, _end), most in zip(counts.values(), limits, strict=True)):
        raise SignInRefused(int(seconds))
    for key, (count, end) in counts.items():
        cache.set(key, (count + 1, end), end - now)
        if (cache.get(key) or (0, 0))[0] <= count:
            raise OperationalError("An attempt to sign in could not be counted.")
    return counts


def _key(text: str) -> str:
    """A fingerprint, because people type passwords into the field of the name."""
    return salted_hmac("psf.accounts.sign_in", text, algorithm="sha256").hexdigest()


class WrongPassword(Exception):
    """Lets `attempt()` count a failure."""


class UnchangedAccount(LoginStage):
    """The last step: refuses an account that changed while its sign-in waited for the others."""

    key = "unchanged_account"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user, arguments = self.login.user, self.login.signal_kwargs  # None after a passkey
        if user.is_active and (
            not arguments or arguments["password"] == user.get_session_auth_hash()
        ):
            return None, True
        return redirect("admin:login"), False


class StaffAdapter(DefaultAccountAdapter):
    def get_login_stages(self) -> list[str]:
        return [*super().get_login_stages(), f"{__name__}.{UnchangedAccount.__name__}"]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_network(request)

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether the password is right. Raises ValidationError after too many attempts."""
        address = client_network(context.request)
        try:
            with attempt(user.get_username(), address):
                if not user.check_password(password):
                    raise WrongPassword
        except SignInRefused as refusal:
            raise self.validation_error("too_many_login_attempts") from refusal
        except WrongPassword:
            return False
        return True

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        if code == "too_many_login_attempts":
            record_limit(context.request)
        return super().validation_error(code, *args)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Messages about changes only: the pages show who is signed in."""
        if "logged_" not in str(kwargs.get("message_template", args[2:3])):
            super().add_message(*args, **kwargs)
