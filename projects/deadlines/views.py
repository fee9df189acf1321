from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.deadlines import ical
from projects.models import Call


@require_safe
def calls_ics(request: HttpRequest) -> HttpResponse:
    """The openings and closings of public calls, for the calendars of readers."""
    return ical.calendar_response(_("PSF calls"), ical.call_entries(Call.objects.public()))


@require_safe
def call_ics(request: HttpRequest, slug: str) -> HttpResponse:
    """The opening and the closing of one public call."""
    call = get_object_or_404(Call.objects.public(), slug=slug)
    return ical.calendar_response(str(call), ical.call_entries([call]))
