"""The rules for sign-in by allauth: no accounts for strangers, our limits, our client address."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import LoginStage
from allauth.core import context
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from psf.accounts import sign_in_limits
from psf.audit.audited_events import record_limit
from psf.http.client_address import client_network


class WrongPassword(Exception):
    """Lets `sign_in_limits.attempt()` count a failure."""


class UnchangedAccount(LoginStage):
    """The last step: refuses an account that changed while its sign-in waited for the others."""

    key = "unchanged_account"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user, seen = self.login.user, self.login.state.get("password")
        if user.is_active and seen in [None, user.get_session_auth_hash()]:
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
            with sign_in_limits.attempt(user.get_username(), address):
                if not user.check_password(password):
                    raise WrongPassword
        except sign_in_limits.SignInRefused as refusal:
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
