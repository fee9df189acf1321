from collections.abc import Callable, Mapping
from functools import partial, update_wrapper
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from partners.models import Country
from projects.assessment.assignment import waiting_for
from projects.checks.work_list import BY_KEY, work_list
from projects.cockpit.state import CallState, next_act, running_states
from projects.deadlines.admin import calendar_urls
from projects.deadlines.kinds import deadlines_for, may_see_any
from projects.deadlines.reminders import DAYS_AHEAD
from projects.models import Call
from projects.permissions import ASSESS
from psf.accounts.passwords import has_one_time_password
from psf.accounts.second_factor import is_second_factor_missing
from psf.accounts.sessions import seconds_left
from psf.site.account_pages import SignInView, sessions_page
from psf.site.staff_frame import listed_kinds, side_column, staff_search
from psf.staff.pages import page_of
from psf.staff.widgets import Suggestions

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

ROWS_OF_WORK = 50
LAST_ACTIONS, RECENT_RECORDS = 100, 5  # staff often change one record many times
MOST_DUE = 8
TEN_MINUTES = 600  # seconds: the words of the questions before the end of a session


def recently_changed(user: User | AnonymousUser) -> list[LogEntry]:
    """The last action of this person on each of a few records, the newest first."""
    actions = LogEntry.objects.filter(user=user.pk).select_related("content_type")
    latest: dict[tuple[int | None, str | None], LogEntry] = {}
    for action in actions.order_by("-pk")[:LAST_ACTIONS]:
        latest.setdefault((action.content_type_id, action.object_id), action)
    return list(latest.values())[:RECENT_RECORDS]


class PsfAdminSite(AdminSite):
    site_header = _("Project Support Facility")
    site_title = _("Project Support Facility")

    enable_nav_sidebar = False  # our side column is in templates/admin/base_site.html

    def each_context(
        self, request: HttpRequest, states: list[CallState] | None = None
    ) -> dict[str, Any]:
        """The context of every page: the side column, and the seconds until a question.

        An unused session ends first; staff may then stay until its latest end.

        `states` are those of the running calls, if the page has them already.
        """
        context, seconds = super().each_context(request), seconds_left(request.session)
        idle = settings.SESSION_COOKIE_AGE
        column: list[Any] = []
        if not self._must_secure(request):
            column = side_column(request, listed_kinds(context["available_apps"]), states)
        return {
            **context,
            "side_column": column,
            "ask_after": idle - TEN_MINUTES if seconds > idle else None,
            "end_after": max(seconds - TEN_MINUTES, 60),
        }

    @method_decorator(never_cache)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        context = {
            **self.each_context(request),
            "title": _("Sign in"),
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            **(extra_context or {}),
        }
        if REDIRECT_FIELD_NAME not in request.GET | request.POST:
            context[REDIRECT_FIELD_NAME] = reverse("admin:index")
        request.current_app = self.name
        return cast(HttpResponse, SignInView.as_view(extra_context=context)(request))

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        response = super().logout(request, extra_context)
        response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response

    def i18n_javascript(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Translations for scripts. An open form asks for the headers before it is sent."""
        response = super().i18n_javascript(request, extra_context)
        response.headers["X-Account"] = str(request.user.pk)
        response.headers["X-CSRFToken"] = get_token(request)
        return response

    def get_urls(self) -> list[Any]:
        # Without the page that redirects to the public page of any record. It would tell the
        # addresses of drafts to staff who may not see them.
        stock = [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]
        work = path("work-list/<slug:key>/", self.admin_view(self.work_view), name="work")
        sessions = self.admin_view(partial(sessions_page, self))
        own_sessions = path("sessions/", sessions, name="sessions")
        search = path("search/", self.admin_view(partial(staff_search, self)), name="search")
        return [work, own_sessions, search, *calendar_urls(self), *stock]

    def app_index(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Django's page of one app: Today has all records."""
        return redirect("admin:index")

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return cast(HttpResponse, Suggestions.as_view(admin_site=self)(request))

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Today: the running calls, what waits and when, then all kinds of record."""
        user, today = cast(User, request.user), timezone.localdate()
        states = running_states(user)
        running = Call.objects.filter(pk__in=[state.call.pk for state in states])
        due = deadlines_for(user, running, today, today + DAYS_AHEAD)
        context = self.each_context(request, states)
        context |= {
            "title": _("Today"),
            "today": today,
            "calls": [(state, next_act(state, user)) for state in states],
            "mine": waiting_for(user) if user.has_perm(ASSESS) else [],
            "work": work_list(user),
            "due": [(row, row.state(today), row.is_overdue(today)) for row in due[:MOST_DUE]],
            "due_left": len(due) - MOST_DUE,
            "has_calendar": may_see_any(user),
            "is_empty": not Call.objects.exists(),
            "has_countries": Country.objects.exists(),
            "recent": recently_changed(user),
            "records": self._numbers_of_records(request, listed_kinds(context["available_apps"])),
        }
        request.current_app = self.name
        return TemplateResponse(request, "admin/index.html", context | (extra_context or {}))

    def _numbers_of_records(
        self, request: HttpRequest, kinds: Mapping[str, Any]
    ) -> list[tuple[Any, str, int]]:
        """The kinds of records: name, address, and number in the list."""
        return [
            (
                kind["name"],
                kind["admin_url"],
                self.get_model_admin(kind["model"]).get_queryset(request).count(),
            )
            for kind in kinds.values()
        ]

    def work_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """The findings of one check, in pages."""
        check = BY_KEY.get(key)
        if check is None:
            raise Http404
        if not request.user.has_perm(check.permission):
            raise PermissionDenied
        page = page_of(request, check.listed(), ROWS_OF_WORK)
        context = {
            **self.each_context(request),
            "title": check.heading,
            "page": page,
            "findings": check.findings(page),
        }
        request.current_app = self.name
        return TemplateResponse(request, "admin/work_list_findings.html", context)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """A one-time password, or a missing second factor, opens nothing else.

        The scripts ask for their translations to learn whether the session has ended.
        """
        open_to_all = [self.password_change, self.logout, self.i18n_javascript]

        def secure_account_first(
            request: HttpRequest, *args: Any, **kwargs: Any
        ) -> HttpResponseBase:
            page = "" if view in open_to_all else self._must_secure(request)
            return redirect(page) if page else view(request, *args, **kwargs)

        update_wrapper(secure_account_first, view)
        return super().admin_view(cast(View, secure_account_first), cacheable)

    def _must_secure(self, request: HttpRequest) -> str:
        """The page on which this account must first secure itself; "" if it is secure."""
        if has_one_time_password(request.user):
            return "admin:password_change"
        return "mfa_index" if is_second_factor_missing(request) else ""
