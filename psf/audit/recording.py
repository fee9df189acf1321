"""Writes events to the table and to the log, and deletes old ones."""

import logging
from datetime import datetime
from functools import partial
from typing import Any

from allauth.mfa import signals as mfa
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from psf.audit.models import AuditEvent, Kind
from psf.database.sql import waiting_at_most
from psf.http.requests import client_address, client_network

logger = logging.getLogger("psf.audit")

ONCE_SECONDS = 15 * 60
KEEP_DAYS = 365


def record_event(
    kind: Kind,
    user: AbstractBaseUser | AnonymousUser | None,
    note: str = "",
    request: HttpRequest | None = None,
) -> None:
    """Record what the account did; None if no account is known.

    The line in the log is always written. The row is missing if the database cannot be written.
    """
    event = AuditEvent(
        made_at=timezone.now(),
        kind=kind,
        user_id=user.pk if user else None,
        who=user.get_username() if user else "",
        client=client_address(request)[:45] if request else "",
        note=note[:200],
    )
    logger.info(
        "event=%s account=%s client=%s note=%r", kind, event.user_id, event.client, event.note
    )
    try:
        with waiting_at_most(0), transaction.atomic():
            event.save()
    except DatabaseError as error:
        logger.warning("The event could not be written: %s", error)


# What accounts do, with the notes about it.
SIGNALS: list[tuple[Signal, Kind, str]] = [
    (user_logged_in, Kind.SIGNED_IN, ""),
    (user_logged_out, Kind.SIGNED_OUT, ""),
    (mfa.authenticator_added, Kind.ACCOUNT, "second factor added: {authenticator.type}"),
    (mfa.authenticator_removed, Kind.ACCOUNT, "second factor removed: {authenticator.type}"),
    (mfa.authentication_failed, Kind.FAILED, "code of the second factor"),
]


def watch_events() -> None:
    for signal, kind, note in SIGNALS:
        signal.connect(partial(happened, kind, note), weak=False)
    user_login_failed.connect(failed)


def happened(
    kind: Kind, note: str, *, request: HttpRequest, user: User | None, **named: Any
) -> None:
    record_event(kind, user, note.format(**named), request)


def failed(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    record_event(Kind.FAILED, account_named(credentials.get("username", "")), request=request)


def account_named(name: str) -> User | None:
    """A typed name is recorded only if it is the name of an account: it may be a password."""
    return User.objects.filter(username=name).first()


def record_limit(request: HttpRequest, name: str = "") -> None:
    """Record that attempts to sign in were refused unread."""
    user = account_named(name) if name else None
    record_once(Kind.REFUSED, user, "too many attempts to sign in", request)


def record_once(kind: Kind, user: User | None, note: str, request: HttpRequest) -> None:
    """Record what anybody can repeat without a limit, once in 15 minutes for each address."""
    key = salted_hmac("psf.audit", f"{note} {client_network(request)}").hexdigest()
    if cache.add(key, 1, ONCE_SECONDS):
        record_event(kind, user, note, request)


def record_answer(request: HttpRequest, response: HttpResponse) -> None:
    """Record a refusal or a download on the staff pages. Paths contain keys and no names."""
    if response.status_code in [403, 429]:
        record_event(Kind.REFUSED, request.user, f"{request.method} {request.path}", request)
    elif "attachment" in response.headers.get("Content-Disposition", ""):
        record_event(Kind.EXPORT, request.user, request.path)


def purge_events(moment: datetime) -> int:
    """Delete the events before the moment, and return their number."""
    number, _by_model = AuditEvent.objects.filter(made_at__lt=moment).delete()
    return number
