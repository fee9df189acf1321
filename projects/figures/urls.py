from django.urls import path

import psf.exports.responses  # noqa: F401 (registers the converter of formats)

from . import views

app_name = "figures"
urlpatterns = [
    path("figures/", views.overview_page, name="overview"),
    path("figures/cooperation/", views.cooperation_page, name="cooperation"),
    path(
        "figures/cooperation/<slug:name>.<suffix:suffix>",
        views.cooperation_data,
        name="cooperation-data",
    ),
    path("figures/map/", views.map_page, name="map"),
    path("figures/map.<suffix:suffix>", views.map_data, name="map-data"),
    path("figures/network/", views.network_page, name="network"),
    path("figures/network.<suffix:suffix>", views.network_data, name="network-data"),
    path("figures/<slug:name>.<suffix:suffix>", views.overview_data, name="overview-data"),
    path("countries/<slug:slug>/sheet/", views.country_sheet, name="country-sheet"),
    path(
        "countries/<slug:slug>/sheet.<suffix:suffix>",
        views.country_sheet_data,
        name="country-sheet-data",
    ),
    path("compare/", views.comparison_page, name="compare"),
]
