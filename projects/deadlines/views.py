from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.deadlines import ical


@require_safe
def calls_ics(request: HttpRequest) -> HttpResponse:
    """The openings and closings of public calls, for the calendars of readers."""
    return ical.calendar_response(_("PSF calls"), ical.public_call_entries())
