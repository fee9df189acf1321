"""The page on which an account sees its own sessions and ends the others."""

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from psf.accounts.models import StaffSession
from psf.audit.models import Kind
from psf.audit.recording import record_event


def sessions_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    sessions = StaffSession.objects.filter(user=request.user.pk, expire_date__gt=timezone.now())
    if request.method == "POST":
        sessions.exclude(pk=request.session.session_key).delete()
        record_event(Kind.ACCOUNT, request.user, "other sessions ended", request)
        messages.success(request, _("All other sessions have ended."))
        return redirect("admin:sessions")
    rows = [
        (row.started_at, row.used_at, row.pk == request.session.session_key)
        for row in sessions.order_by("-used_at")
    ]
    context = {**site.each_context(request), "title": _("Your sessions"), "rows": rows}
    request.current_app = site.name
    return TemplateResponse(request, "admin/sessions.html", context)
