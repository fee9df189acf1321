"""How long the audit log keeps events."""

from datetime import datetime

from psf.audit.models import AuditEvent

KEEP_DAYS = 365  # unless the command names another number


def purge_events(moment: datetime) -> int:
    """Delete the events before the moment, and return their number."""
    number, _by_model = AuditEvent.objects.filter(made_at__lt=moment).delete()
    return number
