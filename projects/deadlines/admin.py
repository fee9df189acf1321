"""The calendar of deadlines for staff, and its feed for calendar programs."""

from datetime import timedelta
from functools import partial
from typing import cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.deadlines import ical
from projects.deadlines.kinds import deadlines_for, may_see_any
from projects.models import Call
from psf.accounts.models import CalendarAddress
from psf.staff.forms import StaffForm
from psf.staff.pages import page_of
from psf.text.mails import can_mail

ROWS_A_PAGE = 100
DONE_IN_FEED = timedelta(days=365)


def calendar_urls(site: AdminSite) -> list[URLPattern]:
    """The addresses on the staff site. A calendar program has no session, only the secret."""
    page = site.admin_view(partial(calendar_page, site))
    return [
        path("calendar/", page, name="calendar"),
        path("calendar/<slug:slug>/", page, name="call_calendar"),
        path("calendar/<str:secret>.ics", feed_view, name="calendar_feed"),
    ]


def calendar_page(site: AdminSite, request: HttpRequest, slug: str = "") -> HttpResponse:
    """Overdue deadlines, then coming ones, then past ones with the latest first.

    Only the response to a POST shows the new private address.
    """
    if not may_see_any(request.user):
        raise PermissionDenied
    calls = Call.objects.all()
    if slug:
        call = get_object_or_404(Call, slug=slug)
        calls = calls.filter(pk=call.pk)
        context = {"title": _("Calendar of %(call)s") % {"call": call}, "call": call}
    else:
        context = {"title": _("Calendar"), **_address(request)}
    today = timezone.localdate()
    deadlines = deadlines_for(request.user, calls, today)
    rows = [deadline for deadline in deadlines if not deadline.done]
    rows += [deadline for deadline in reversed(deadlines) if deadline.done]
    page = page_of(request, rows, ROWS_A_PAGE)
    context = {
        **site.each_context(request),
        **context,
        "can_mail": can_mail(),
        "page": page,
        "rows": [
            (deadline, deadline.state(today), deadline.is_overdue(today)) for deadline in page
        ],
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/projects/deadlines/calendar.html", context)


def _address(request: HttpRequest) -> dict[str, object]:
    """The form that makes the private address of an account, or replaces it."""
    user, form, address = cast(User, request.user), StaffForm(), ""
    if request.method == "POST":
        address = settings.SITE_URL + reverse("admin:calendar_feed", args=[ical.renew(user)])
    has_address = CalendarAddress.objects.filter(user=user.pk).exists()
    form.button = _("Replace the address") if has_address else _("Create an address")
    return {"address": address, "form": form}


@require_safe
def feed_view(request: HttpRequest, secret: str) -> HttpResponse:
    """The deadlines that the owner of the address may see, without those done long ago."""
    user = ical.owner_of(secret)
    if user is None or not may_see_any(user):
        raise Http404
    today, now = timezone.localdate(), timezone.now()
    deadlines = [
        deadline
        for deadline in deadlines_for(user, Call.objects.all(), today)
        if not deadline.done or deadline.day >= today - DONE_IN_FEED
    ]
    entries = ical.deadline_entries(deadlines, today, now)
    return ical.calendar_response(_("PSF deadlines"), entries)
