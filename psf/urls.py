"""All addresses: of staff below `/admin/`, and of readers."""

from allauth.account import views as account
from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import RedirectView

from projects.open_data.views import data_page
from psf.public_changes.views import changes_page
from psf.site import home as pages, well_known as views
from psf.site.account_pages import ForgottenPassword
from psf.site.search import search_page
from psf.site.share_pictures import PICTURED, picture

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

_pictures = [
    path(f"{kind}/<slug:slug>/picture/", picture, {"kind": kind}, name=kind) for kind in PICTURED
]

urlpatterns = [
    path("admin/account/", include(_account_pages)),
    path("admin/", admin.site.urls),
    path("", pages.home, name="home"),
    path("", include("projects.urls")),
    path("", include("partners.urls")),
    path("", include("projects.figures.urls")),
    path("", include("projects.open_data.urls")),
    path("data/", data_page, name="data"),
    *(
        path(f"{name}/", pages.Text.as_view(template_name=f"pages/{name}.html"), name=name)
        for name in ["about", "accessibility", "privacy"]
    ),
    path("changes/", changes_page, name="changes"),
    path("search/", search_page, name="search"),
    path("", include((_pictures, "pictures"))),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("robots.txt", views.robots_txt, name="robots-txt"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
]

handler400 = "psf.http.errors.handler400"
handler403 = "psf.http.errors.handler403"
handler404 = "psf.site.search.handler404"
handler429 = "psf.http.errors.handler429"  # asked for by allauth
handler500 = "psf.http.errors.handler500"
