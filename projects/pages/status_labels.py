"""The status of a project in words for readers."""

from datetime import date
from functools import cache
from typing import Any

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from projects.models import (
    ProjectStatus,
)
from projects.models.choices import ACTIVE_STATUSES
from psf.text.dates import describe


def status_label(project: Any) -> str:
    """The status of a project in a list, or of one annotated with `is_extended`."""
    return status_in_words(
        project.status, project.ends_on, project.ends_precision, project.is_extended
    )


def status_in_words(
    status: str, ends_on: date | None, precision: str, is_extended: bool = False
) -> str:
    """The status for readers, with a capital.

    A funded or running project reads "Ended …" after its period. Without a known end it may have
    ended, and says so.
    """
    is_active = status in ACTIVE_STATUSES
    if is_active and ends_on and ends_on < timezone.localdate():
        day = describe(ends_on, precision)
        if is_extended:
            return _("Ended %(day)s (extended period)") % {"day": day}
        return _("Ended %(day)s (announced period)") % {"day": day}
    return _label_of(status, is_end_unknown=is_active and not ends_on)


@cache  # a translation for each row would make a table a quarter slower
def _label_of(status: str, is_end_unknown: bool) -> str:
    label = capfirst(str(ProjectStatus(status).label))
    return _("%(status)s (end not known)") % {"status": label} if is_end_unknown else label
