from django.urls import path

from . import views

app_name = "figures"
urlpatterns = [
    path("figures/", views.overview_page, name="overview"),
    path("figures/cooperation/", views.cooperation_page, name="cooperation"),
    path("figures/cooperation/<slug:name>.csv", views.cooperation_csv, name="cooperation-csv"),
    path("figures/map/", views.map_page, name="map"),
    path("figures/map.csv", views.map_csv, name="map-csv"),
    path("figures/network/", views.network_page, name="network"),
    path("figures/network.csv", views.network_csv, name="network-csv"),
    path("figures/<slug:name>.csv", views.overview_csv, name="overview-csv"),
    path("countries/<slug:slug>/sheet/", views.country_sheet, name="country-sheet"),
    path("countries/<slug:slug>/sheet.csv", views.country_sheet_csv, name="country-sheet-csv"),
    path("compare/", views.comparison_page, name="compare"),
]
