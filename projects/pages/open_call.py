"""The open calls and their deadlines, as the bar, the home page and the page for applicants say."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from partners.models import Country
from partners.pages.countries import capitals
from projects.eligibility.rules import rules_of
from projects.models import Call, Phase
from projects.models.choices import APPLICANT_KINDS
from psf.caching.values import at_each_version
from psf.text.dates import KNOWN_DAYS, Precision, describe
from psf.text.numbers_and_amounts import number_word
from psf.text.phrases import join_names

MAIL_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
FILE_TYPE = re.compile(r"\.(pdf|docx?|xlsx?|odt|ods)$", re.IGNORECASE)


@at_each_version
def open_call_keys() -> list[int]:
    """The keys of the calls that take applications now, the first to close first."""
    calls = Call.objects.public().in_phase(Phase.OPEN)
    first = F("closes_at").asc(nulls_last=True)
    return list(calls.order_by(first, "pk").values_list("pk", flat=True))


def open_calls() -> list[Call]:
    """The calls that take applications now, the first to close first."""
    keys = open_call_keys()
    calls = Call.objects.public().with_own_form().in_bulk(keys) if keys else {}
    return [calls[key] for key in keys if key in calls]


def open_call_context(request: HttpRequest) -> dict[str, Any]:
    """The open calls for the bar of each page that is read and has one."""
    is_read = request.method in ("GET", "HEAD")  # a refused form asks no database
    return {"open_now": open_calls} if is_read else {}


class Closing(NamedTuple):
    """The closing of a call in words; `time` and `city` are "" unless the minute is known."""

    day: str  # without the year; "" if only the year is known
    year: str
    time: str
    city: str


def deadline_of(call: Call) -> Closing | None:
    """The closing of a call in its own time zone; None if it is not known."""
    if call.closes_at is None:
        return None
    moment = call.closes_at.astimezone(ZoneInfo(call.time_zone))
    is_minute = call.closes_precision == Precision.MINUTE
    words = describe(moment, Precision.DAY if is_minute else call.closes_precision)
    day, _space, year = words.rpartition(" ")
    cities = {capital.time_zone: capital.city for capital in capitals().values()}
    city = cities.get(call.time_zone) or call.time_zone.rpartition("/")[2].replace("_", " ")
    return Closing(day, year, f"{moment:%H:%M}" if is_minute else "", city if is_minute else "")


def deadline_elsewhere(call: Call) -> str:
    """The deadline in the capitals of member states whose clocks show another time, in words."""
    if call.closes_at is None or call.closes_precision != Precision.MINUTE:
        return ""
    own = call.closes_at.astimezone(ZoneInfo(call.time_zone))
    clocks = defaultdict[datetime, list[str]](list)
    for country in Country.objects.members_on(own.date()):
        if capital := capitals().get(country.code):
            clock = own.astimezone(ZoneInfo(capital.time_zone)).replace(tzinfo=None)
            clocks[clock].append(capital.city)
    clocks.pop(own.replace(tzinfo=None), None)
    parts = []
    for clock, cities in sorted(clocks.items()):
        words = {"time": f"{clock:%H:%M}", "cities": join_names(cities)}
        if clock.date() == own.date():
            parts.append(_("%(time)s in %(cities)s") % words)
        else:
            words["day"] = describe(clock, Precision.DAY).rpartition(" ")[0]
            parts.append(_("%(time)s on %(day)s in %(cities)s") % words)
    return "; ".join(parts)


def call_block(call: Call) -> dict[str, Any]:
    """What applicants need first: the deadline, the grant, who may apply, and where to ask."""
    kinds, contact = call.applicant_kinds.split(), MAIL_ADDRESS.search(call.contact)
    forms = [("form", call.form_address()), ("guidelines", call.guidelines_url)]
    types = {name: FILE_TYPE.search(url) for name, url in forms}
    return {
        "call": call,
        "deadline": deadline_of(call),
        "elsewhere": deadline_elsewhere(call),
        "rules": {rule.key.value: rule.in_words() for rule in rules_of(call)},
        "may": [capfirst(name) for kind, name in APPLICANT_KINDS.items() if kind in kinds],
        "may_not": [
            capfirst(label)
            for kind, label in APPLICANT_KINDS.items()
            if kinds and kind not in kinds
        ],
        "types": {name: match[1].upper() for name, match in types.items() if match},
        "address": contact[0] if contact else settings.DEFAULT_FROM_EMAIL,
    }


def closed_sentence(calls: Iterable[Call]) -> str:
    """When the last calls closed: "The last eight calls closed on 31 March."; "" if not known."""
    closed = [call for call in calls if call.phase() not in (Phase.OPEN, Phase.COMING)]
    days = [call.closing_day() for call in closed if call.closes_precision in KNOWN_DAYS]
    dated = [day for day in days if day]
    if not dated:
        return ""
    last = dated[0]
    same = [*takewhile(lambda day: (day.day, day.month) == (last.day, last.month), dated)]
    words = describe(last, Precision.DAY)
    if len(same) == 1:
        return _("The last call closed on %(day)s.") % {"day": words}
    number, day = number_word(len(same)), words.rpartition(" ")[0]
    return _("The last %(number)s calls closed on %(day)s.") % {"number": number, "day": day}
