"""The page on which an account sees its own sessions, and ends one or all others."""

from crispy_forms.layout import HTML, LayoutObject
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _, gettext_lazy

from psf.accounts.sessions import end_some, open_sessions
from psf.audit.models import Kind
from psf.audit.recording import record_event
from psf.staff.action_forms import StaffForm


class SessionsForm(StaffForm):
    """The open sessions, each with a button that ends it."""

    button = gettext_lazy("End all other sessions")

    def layout(self) -> list[str | LayoutObject]:
        return [HTML('{% include "admin/_sessions.html" %}')]


def sessions_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    sessions = open_sessions(request.user.pk)
    if request.method == "POST":
        ended = [row for row in sessions if row.pk != request.session.session_key]
        if handle := request.POST.get("session"):
            ended = [row for row in ended if row.handle == handle]
        end_some(ended)
        record_event(Kind.ACCOUNT, request.user, f"{len(ended)} own sessions ended", request)
        done = _("The session has ended.") if handle else _("All other sessions have ended.")
        messages.success(request, done)
        return redirect("admin:sessions")
    context = {
        **site.each_context(request),
        "title": _("Your sessions"),
        "form": SessionsForm(),
        "sessions": sessions,
        "current": request.session.session_key,
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/sessions.html", context)
