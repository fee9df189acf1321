from django.contrib import admin
from django.http import HttpRequest

from psf.accounts.second_factor import is_second_factor_missing

ACCOUNT_PAGES = "/admin/account/"


def account_pages(request: HttpRequest) -> dict[str, object]:
    """What the frame of the staff pages needs, for the pages of allauth and of Django."""
    if not request.path.startswith(ACCOUNT_PAGES):
        return {}
    return {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": request.user.is_authenticated,
        "needs_second_factor": is_second_factor_missing(request.user),
    }
