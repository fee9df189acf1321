"""Times in texts that name another time zone than the opening and closing of a call."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from projects.models import Call
from psf.text.dates import Precision, describe

HOURS_FROM_UTC = {"UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2}
HOURS_FROM_UTC |= {"EET": 2, "EEST": 3, "MSK": 3}
HOURS_FROM_UTC |= {"CENTRAL EUROPEAN TIME": 1, "CENTRAL EUROPEAN SUMMER TIME": 2}
HOURS_FROM_UTC |= {"EASTERN EUROPEAN TIME": 2, "EASTERN EUROPEAN SUMMER TIME": 3}
CITIES = ["Berlin", "Brussels", "Copenhagen", "Helsinki", "Moscow", "Oslo", "Riga", "Stockholm"]
CITIES += ["Tallinn", "Vilnius", "Warsaw"]
TIME = re.compile(
    r"\b(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    r"(?:\s*(?:h|hrs?|hours)\b\.?)?[\s(,]*\b"
    rf"(?:(?P<zone>{'|'.join(HOURS_FROM_UTC)})\b(?P<shift>\s?[+-]\d{{1,2}}\b)?"
    rf"|(?P<city>{'|'.join(CITIES)})\stime\b)",
    re.IGNORECASE,
)


def zone_contradictions(call: Call) -> list[str]:
    """Sentences about times in the texts of a call that are its moments in another time zone.

    Such as "23:59 CET", where the clocks show CEST on that day.
    """
    moments = [
        moment.astimezone(ZoneInfo(call.time_zone))
        for moment, precision in [
            (call.opens_at, call.opens_precision),
            (call.closes_at, call.closes_precision),
        ]
        if moment and precision == Precision.MINUTE
    ]
    texts = " \n".join([call.summary, call.description, call.how_to_apply])
    sentence = _("The text says “%(text)s”, but readers see “%(moment)s”. Correct the text.")
    sentences = []
    for match in TIME.finditer(texts):
        clock = _clock(match)
        matching = [moment for moment in moments if (moment.hour, moment.minute) == clock]
        if matching and all(moment.utcoffset() != _offset(match, moment) for moment in matching):
            moment = describe(matching[-1], Precision.MINUTE)
            sentences.append(sentence % {"text": match.group(), "moment": moment})
    return [*dict.fromkeys(sentences)]


def _clock(match: re.Match[str]) -> tuple[int, int]:
    hour, half = int(match["hour"]), match["half"]
    hour = hour % 12 + 12 * (half.lower() == "p") if half else hour
    return hour, int(match["minute"])


def _offset(match: re.Match[str], moment: datetime) -> timedelta | None:
    """The difference from UTC that the text states, on the day of the moment."""
    if match["city"]:
        return moment.astimezone(ZoneInfo(f"Europe/{match['city'].capitalize()}")).utcoffset()
    return timedelta(hours=HOURS_FROM_UTC[match["zone"].upper()] + int(match["shift"] or 0))
