"""Writes events to the table and to the log."""

import logging

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.utils import timezone

from psf.audit.models import AuditEvent, Kind
from psf.database.sql import waiting_at_most
from psf.http.client_address import client_address

logger = logging.getLogger("psf.audit")


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
