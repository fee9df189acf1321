"""All addresses. The import of this module loads all staff pages."""

from allauth.account import views as account
from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import RedirectView

from psf.public_urls import (
    handler400,
    handler403,
    handler404,
    handler429,
    handler500,
    urlpatterns as public_pages,
)
from psf.site.account_pages import ForgottenPassword

__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500", "urlpatterns"]

_to_sign_in = RedirectView.as_view(pattern_name="admin:index")
# Names of allauth and of Django, which their templates and views ask for.
_account_pages = [
    path("login/", _to_sign_in, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", _to_sign_in, name="account_inactive"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("second-factor/", include("allauth.mfa.urls")),
    path("password/", ForgottenPassword.as_view(), name="admin_password_reset"),
    path("password/sent/", auth.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path(
        "password/<uidb64>/<token>/",
        auth.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path("password/set/", auth.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
]

admin.autodiscover()
urlpatterns = [
    path("admin/account/", include(_account_pages)),
    path("admin/", admin.site.urls),
    *public_pages,
]
