from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from projects import checks
from projects.assessment.my_assessments import waiting_for
from projects.deadlines.admin import calendar_urls
from projects.deadlines.sources import may_see_any
from projects.models import Call
from projects.permissions import ASSESS
from psf.accounts import passwords, sign_in
from psf.http.client_address import client_network
from psf.staff.autocomplete import Suggestions

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

ROWS_OF_WORK = 50
TOO_MANY, BUSY, EXPIRED = "too_many_attempts", "busy", "one_time_password_expired"


class SignInForm(AdminAuthenticationForm):
    """Django's form, which limits the attempts and refuses expired one-time passwords."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        TOO_MANY: _("Too many attempts to sign in. Wait %(minutes)d minutes and try again."),
        BUSY: _("Somebody else is signing in at this moment. Try again in a few seconds."),
        EXPIRED: _("This one-time password has expired. Ask an administrator for a new one."),
    }
    retry_after = 0  # seconds

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username")
        if not username or not self.cleaned_data.get("password"):
            return super().clean()
        assert self.request is not None
        try:
            with sign_in.attempt(username, client_network(self.request)):
                return super().clean()
        except sign_in.SignInRefused as refusal:
            self.retry_after = refusal.retry_after
            code = BUSY if refusal.retry_after == sign_in.BUSY_SECONDS else TOO_MANY
            minutes = {"minutes": refusal.retry_after // 60}
            raise ValidationError(self.error_messages[code], code, minutes) from refusal

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        super().confirm_login_allowed(user)
        if passwords.is_one_time_password_expired(cast(User, user)):
            raise ValidationError(self.error_messages[EXPIRED], EXPIRED)


# The records in the order in which staff think of them.
GROUPS = [
    (_("Calls and projects"), ["projects.Call", "projects.Project", "projects.Assessment"]),
    (
        _("Partners and countries"),
        ["partners.LeadPartner", "partners.Partner", "partners.Country", "partners.Membership"],
    ),
    (_("Terms"), ["projects.Priority", "projects.Topic"]),
    (_("History"), ["history.ChangeSet"]),
    (_("People"), ["auth.User", "auth.Group", "psf.AuditEvent"]),
]


class PsfAdminSite(AdminSite):
    site_header = _("Project Support Facility")
    site_title = _("Project Support Facility")
    index_title = _("Records")
    login_form = SignInForm

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().login(request, extra_context)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if form and form.retry_after:
            response.status_code = 429
            response.headers["Retry-After"] = str(form.retry_after)
        return response

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        response = super().logout(request, extra_context)
        response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response

    def get_urls(self) -> list[Any]:
        # Without the page that sends any member of staff to the public page of any record:
        # it would tell the addresses of drafts to those who may not see them.
        stock = [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]
        work = path("work-list/<slug:key>/", self.admin_view(self.work_view), name="work")
        return [work, *calendar_urls(self), *stock]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return cast(HttpResponse, Suggestions.as_view(admin_site=self)(request))

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The records, and above them what waits for this person."""
        context = {
            "mine": waiting_for(request.user) if request.user.has_perm(ASSESS) else [],
            "work": checks.work_list(request.user),
            "has_calendar": may_see_any(request.user),
            "is_empty": not Call.objects.exists(),
        }
        return super().index(request, context | (extra_context or {}))

    def work_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """All that one check finds, a page at a time."""
        check = checks.check_with_key(key)
        if check is None:
            raise Http404
        if not request.user.has_perm(check.permission):
            raise PermissionDenied
        found = Paginator(check.findings(), ROWS_OF_WORK).get_page(request.GET.get("page"))
        context = {**self.each_context(request), "title": check.label, "page": found}
        request.current_app = self.name
        return TemplateResponse(request, "admin/work.html", context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The kinds of record that this person may see, grouped."""
        models = {
            model["model"]._meta.label: model | {"app": app}
            for app in self._build_app_dict(request, app_label).values()
            for model in app["models"]
        }
        groups = [
            (name, [models[label] for label in labels if label in models])
            for name, labels in GROUPS
        ]
        return [self._group(name, found) for name, found in groups if found]

    def _group(self, name: Any, models: list[Any]) -> dict[str, Any]:
        for model in models:
            model["purpose"] = getattr(self.get_model_admin(model["model"]), "purpose", "")
        return models[0]["app"] | {"name": name, "models": models}

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Until another is chosen, a one-time password opens nothing else."""
        open_to_all = [self.password_change, self.logout]

        def choose_password_first(
            request: HttpRequest, *args: Any, **kwargs: Any
        ) -> HttpResponseBase:
            if view not in open_to_all and passwords.has_one_time_password(request.user):
                return redirect("admin:password_change")
            return view(request, *args, **kwargs)

        update_wrapper(choose_password_first, view)
        return super().admin_view(cast(View, choose_password_first), cacheable)
