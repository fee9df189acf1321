from django.contrib import admin
from django.urls import include, path

from psf import pages, views

urlpatterns = [
    path("", pages.home, name="home"),
    path("", include("projects.urls")),
    path("", include("partners.urls")),
    path("", include("projects.figures.urls")),
    *(
        path(f"{name}/", pages.Text.as_view(template_name=f"pages/{name}.html"), name=name)
        for name in ["about", "data", "accessibility", "privacy"]
    ),
    path("admin/", admin.site.urls),
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots_txt, name="robots-txt"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
]

handler400 = "psf.errors.handler400"
handler403 = "psf.errors.handler403"
handler404 = "psf.errors.handler404"
handler500 = "psf.errors.handler500"
