"""The words of public changes: a sentence for each changed fact, and the titles of entries."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext, gettext_lazy as _

from psf.history.models import Channel
from psf.history.words import MAX_TEXT
from psf.impact.preview import FactDifference
from psf.public_changes.events import Event

TITLES = {
    Event.CHANGED: _("%(record)s: changed"),
    Event.CORRECTED: _("%(record)s: corrected"),
    Event.RESULTS: _("%(record)s: the results"),
}
# A full stop after a quotation that ends with one.
_DOUBLE_STOP = re.compile(r"([.!?]”)\.$")
# Channels of progress. A change in any other channel is a correction.
STEPS = [Channel.STATUS, Channel.DECISION, Channel.LETTERS, Channel.AWARD, Channel.PUBLICATION]


def event_of(channel: str, differences: Iterable[FactDifference]) -> Event:
    """A correction, if a stated fact was changed or removed outside the life of the record."""
    stated = any(difference.old for difference in differences)
    return Event.CORRECTED if stated and channel not in STEPS else Event.CHANGED


def sentence(difference: FactDifference) -> str:
    """What happened to a fact. Long texts are left out."""
    old, new = difference.old, difference.new
    is_long = max(len(old), len(new)) > MAX_TEXT
    if not old:
        words = gettext("%(label)s added.") if is_long else gettext("%(label)s added: “%(new)s”.")
    elif not new:
        words = (
            gettext("%(label)s removed.") if is_long else gettext("%(label)s removed: “%(old)s”.")
        )
    elif is_long:
        words = gettext("%(label)s changed.")
    else:
        words = gettext("%(label)s changed from “%(old)s” to “%(new)s”.")
    return _DOUBLE_STOP.sub(r"\1", words % difference._asdict())
