from django.urls import path

import psf.exports.responses  # noqa: F401 (registers the converter of formats)

from . import views

app_name = "figures"
urlpatterns = [
    path("figures/", views.findings_page, name="overview"),
    path("figures/<slug:name>.<suffix:suffix>", views.findings_data, name="overview-data"),
    path("countries/<slug:slug>/sheet/", views.country_sheet, name="country-sheet"),
    path("timeline/", views.timeline_page, name="timeline"),
    path("compare/", views.comparison_page, name="compare"),
]
