"""The public calls, for pages that count or compare all calls."""

from django.utils import timezone

from projects.models import Call
from psf.caching.memo import cached_until_change
from psf.followed_values.followed import followed_records

_calls = followed_records(lambda: list(Call.objects.select_related("decision")), "projects.call")


@cached_until_change.memoize
def load_public_calls() -> list[Call]:
    """The calls that are public now with their decisions, in their usual order."""
    now = timezone.now()
    return [call for call in _calls() if call.published_at and call.published_at <= now]
