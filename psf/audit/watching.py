"""Records events that Django announces, and answers of staff pages."""

from typing import Any

from allauth.mfa import signals as mfa
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest, HttpResponse

from psf.audit.models import Kind
from psf.audit.recording import record_event


def watch() -> None:
    user_logged_in.connect(signed_in)
    user_logged_out.connect(signed_out)
    user_login_failed.connect(failed)
    mfa.authenticator_added.connect(factor_added)
    mfa.authenticator_removed.connect(factor_removed)


def factor_added(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    record_event(Kind.ACCOUNT, user, f"second factor added: {authenticator.type}", request)


def factor_removed(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    record_event(Kind.ACCOUNT, user, f"second factor removed: {authenticator.type}", request)


def signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    record_event(Kind.SIGNED_IN, user, request=request)


def signed_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    record_event(Kind.SIGNED_OUT, user, request=request)


def failed(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """The typed name is recorded only if it is the name of an account: it may be a password."""
    user = User.objects.filter(username=credentials.get("username", "")).first()
    record_event(Kind.FAILED, user, request=request)


def record_answer(request: HttpRequest, response: HttpResponse) -> None:
    """Record a refusal or a download on the staff pages. Paths contain keys and no names."""
    if response.status_code == 403:
        record_event(Kind.REFUSED, request.user, f"{request.method} {request.path}", request)
    elif "attachment" in response.headers.get("Content-Disposition", ""):
        record_event(Kind.EXPORT, request.user, request.path)
