from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.deadlines import ical as programs


@require_safe
def calls_ics(request: HttpRequest) -> HttpResponse:
    """The openings and closings of public calls, for readers' own calendars."""
    return programs.answer(_("PSF calls"), programs.of_public_calls())
