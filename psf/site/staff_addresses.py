from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import set_urlconf

from psf.accounts.second_factor import is_second_factor_missing, second_factors

STAFF_PAGES, ACCOUNT_PAGES = "/admin/", "/admin/account/"


class StaffAddresses:
    """Only requests for staff pages use all addresses, so readers never load the staff pages.

    The pages of allauth and of Django get the context of the frame of staff pages.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not f"{request.path_info}/".startswith(STAFF_PAGES):
            request.urlconf = settings.PUBLIC_URLCONF
            set_urlconf(settings.PUBLIC_URLCONF)  # for errors before Django looks at the request
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        """End a session that has not passed the second factor which its account has."""
        if (
            request.path_info.startswith(STAFF_PAGES)
            and is_second_factor_missing(request)
            and second_factors(request.user).exists()
        ):
            logout(request)
            return redirect_to_login(request.get_full_path())
        return None

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        if request.path_info.startswith(ACCOUNT_PAGES):
            context = {
                name: list(value) if isinstance(value, QuerySet) else value
                for name, value in (response.context_data or {}).items()
            }
            response.context_data = {
                **admin.site.each_context(request),
                "is_nav_sidebar_enabled": request.user.is_authenticated,
                "needs_second_factor": is_second_factor_missing(request),
                **context,
            }
        return response
