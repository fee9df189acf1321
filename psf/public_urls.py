"""The addresses of readers. Requests for them never load the staff pages."""

from django.urls import include, path

from projects.open_data.data_page import data_page
from psf.public_changes.views import changes_page
from psf.site import home as pages, sitemap, well_known as views

urlpatterns = [
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
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", sitemap.sitemap_part, name="sitemap-part"),
    path("robots.txt", views.robots_txt, name="robots-txt"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
]

handler400 = "psf.http.errors.handler400"
handler403 = "psf.http.errors.handler403"
handler404 = "psf.http.errors.handler404"
handler429 = "psf.http.errors.handler429"  # asked for by allauth
handler500 = "psf.http.errors.handler500"
