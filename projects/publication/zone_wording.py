"""Times in the texts of a call that name another time zone than the opening and closing."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from projects.models import Call
from psf.text.dates import Precision, describe

HOURS_FROM_UTC = {
    "UTC": 0,
    "GMT": 0,
    "WET": 0,
    "BST": 1,
    "WEST": 1,
    "CET": 1,
    "CEST": 2,
    "EET": 2,
    "EEST": 3,
    "MSK": 3,
}
TIME = re.compile(
    rf"\b(\d{{1,2}})[:.](\d\d)(?:\s*([ap])\.?m\b\.?)?[\s(,h]*\b({'|'.join(HOURS_FROM_UTC)})\b", re.I
)


def zone_contradictions(call: Call) -> list[str]:
    """Sentences about times such as "23:59 CET" where the clocks show CEST on that day."""
    moments = [
        moment.astimezone(ZoneInfo(call.time_zone))
        for moment, precision in [
            (call.opens_at, call.opens_precision),
            (call.closes_at, call.closes_precision),
        ]
        if moment and precision == Precision.MINUTE
    ]
    texts = " \n".join([call.summary, call.description, call.how_to_apply])
    sentences = [_contradiction(match, moments) for match in TIME.finditer(texts)]
    return list(dict.fromkeys(filter(None, sentences)))


def _contradiction(match: re.Match[str], moments: list[datetime]) -> str:
    hour, minute, half, zone = match.groups()
    clock = (int(hour) % 12 + 12 * (half.lower() == "p") if half else int(hour), int(minute))
    matching = [moment for moment in moments if (moment.hour, moment.minute) == clock]
    offset = timedelta(hours=HOURS_FROM_UTC[zone.upper()])
    if not matching or any(moment.utcoffset() == offset for moment in matching):
        return ""
    return _("The text says “%(text)s”, but readers see “%(moment)s”. Correct the text.") % {
        "text": match.group(),
        "moment": describe(matching[-1], Precision.MINUTE),
    }
