"""The state of publication, and its next change."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Model
from django.utils.translation import gettext as _

from projects.models import Call, Decision, Project
from projects.publication.publish import scheduled_results
from psf.text.dates import describe_moment


def scheduled_sentence(at: datetime) -> str:
    return _("Scheduled for %(moment)s") % {"moment": describe_moment(at)}


def publication_status(record: Call | Project) -> str:
    """Whether readers see the record and the results of a call, in sentences."""
    results = scheduled_results(record) if isinstance(record, Call) else None
    sentences = [_page_status(record)]
    if results:
        sentences.append(_("Results: %(scheduled)s.") % {"scheduled": scheduled_sentence(results)})
    return " ".join(sentences)


def _page_status(record: Call | Project) -> str:
    status = ""
    if record.published_at:
        moment = describe_moment(record.published_at)
        if record.is_public():
            return _("Public since %(moment)s.") % {"moment": moment}
        status = f"{scheduled_sentence(record.scheduled_for() or record.published_at)}."
    if not record.unpublished_at:
        return status or _("Not public.")
    unpublished = _("Unpublished on %(moment)s: %(reason)s") % {
        "moment": describe_moment(record.unpublished_at),
        "reason": record.unpublished_reason,
    }
    return f"{status} {unpublished}".strip()


MOMENTS: list[tuple[type[Model], list[str]]] = [
    (Call, ["published_at", "opens_at", "closes_at"]),
    (Decision, ["published_at"]),
    (Project, ["published_at"]),
]


def next_change(now: datetime) -> datetime:
    """The first moment after `now` when public pages change, at the latest midnight.

    At midnight the membership of a country can change, and in the time zone of a call the number
    of days left.
    """
    zones = Call.objects.filter(closes_at__gt=now).order_by().values_list("time_zone", flat=True)
    midnights = {_midnight(now, zone) for zone in [settings.TIME_ZONE, *zones.distinct()]}
    moments = [*midnights]
    for model, fields in MOMENTS:
        for field in fields:
            later = model._default_manager.filter(**{f"{field}__gt": now}).order_by(field)
            moments += later.values_list(field, flat=True)[:1]
    return min(moments)


def _midnight(now: datetime, zone: str) -> datetime:
    """The end of the day in a time zone."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return datetime.combine(today + timedelta(days=1), time.min, ZoneInfo(zone))
