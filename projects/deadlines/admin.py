"""The staff's calendar, and what calendar programs read of it."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.deadlines import calendar_feed as addresses
from projects.deadlines import ical as programs
from projects.deadlines.sources import deadlines_for, may_see_any
from projects.models import Call
from psf.accounts.models import CalendarAddress

ROWS_A_PAGE = 100


def urls_of(site: Any) -> list[Any]:
    """The addresses on the staff's site. That of a program asks for no session: it has none."""

    def calendar(request: HttpRequest) -> HttpResponse:
        return all_calls(site, request)

    def of_call(request: HttpRequest, slug: str) -> HttpResponse:
        return one_call(site, request, slug)

    return [
        path("calendar/", site.admin_view(calendar), name="calendar"),
        path("calendar/<slug:slug>/", site.admin_view(of_call), name="call_calendar"),
        path("calendar/<str:secret>.ics", for_programs, name="calendar_feed"),
    ]


def all_calls(site: Any, request: HttpRequest) -> HttpResponse:
    """Every deadline; with a POST also the private address, in this answer and nowhere else."""
    address = ""
    if request.method == "POST" and may_see_any(request.user):
        feed = reverse("admin:calendar_feed", args=[addresses.renew(request.user)])
        address = f"{settings.SITE_URL}{feed}"
    context = {
        "title": _("Calendar"),
        "address": address,
        "has_address": CalendarAddress.objects.filter(user=request.user.pk).exists(),
        "asks_for_address": True,
    }
    return _page(site, request, Call.objects.all(), context)


def one_call(site: Any, request: HttpRequest, slug: str) -> HttpResponse:
    if not may_see_any(request.user):
        raise PermissionDenied
    call = get_object_or_404(Call, slug=slug)
    title = _("Calendar of %(call)s") % {"call": call}
    return _page(site, request, Call.objects.filter(pk=call.pk), {"title": title, "call": call})


def _page(
    site: Any, request: HttpRequest, calls: QuerySet[Call], context: dict[str, Any]
) -> HttpResponse:
    """What is overdue, then what is coming, then what is over, the last first."""
    if not may_see_any(request.user):
        raise PermissionDenied
    today = timezone.localdate()
    found = deadlines_for(request.user, calls, today)
    rows = [deadline for deadline in found if deadline.is_overdue(today)]
    rows += [deadline for deadline in found if deadline.is_coming(today)]
    rows += [deadline for deadline in reversed(found) if deadline.done]
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        **site.each_context(request),
        **context,
        "page": page,
        "rows": [
            (deadline, deadline.state(today), deadline.is_overdue(today)) for deadline in page
        ],
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/deadlines/calendar.html", context)


@require_safe
def for_programs(request: HttpRequest, secret: str) -> HttpResponse:
    """All that the owner of the address may know, as of now."""
    user = addresses.owner_of(secret)
    if user is None or not may_see_any(user):
        raise Http404
    today, now = timezone.localdate(), timezone.now()
    found = deadlines_for(user, Call.objects.all(), today)
    return programs.answer(_("PSF deadlines"), programs.of_deadlines(found, today, now))
