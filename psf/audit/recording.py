"""Writes events to the table and to the log, and deletes old events."""

import logging
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.utils import timezone

from psf.audit.models import AuditEvent, Kind
from psf.database.sql import waiting_at_most
from psf.http.client_address import client_address

logger = logging.getLogger("psf.audit")
KEEP_DAYS = 365  # of events, unless the command names another number


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


def purge_events(moment: datetime) -> int:
    """Delete the events before the moment, and return their number."""
    number, _by_model = AuditEvent.objects.filter(made_at__lt=moment).delete()
    return number
