"""The public calls, for pages that count or compare all calls."""

from datetime import datetime

from django.utils import timezone

from projects.models import Call
from psf.caching.memo import cached_until_change
from psf.counts.changes import Changes
from psf.counts.followed import Followed


def _read_calls(at: datetime) -> list[Call]:
    return list(Call.objects.select_related("decision"))


def _renew_calls(old: list[Call], changes: Changes) -> list[Call] | None:
    return None if changes.records_of("projects.call") else old


_calls = Followed(_read_calls, _renew_calls)


@cached_until_change.memoize
def load_public_calls() -> list[Call]:
    """The calls that are public now with their decisions, in their usual order."""
    now = timezone.now()
    calls = _calls.current()
    return [call for call in calls if call.published_at and call.published_at <= now]
