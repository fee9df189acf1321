from django.urls import path

from partners.pages import views

app_name = "partners"
urlpatterns = [
    path("partners/", views.PartnerList.as_view(), name="partner-list"),
    path("partners/<slug:slug>/", views.partner_detail, name="partner-detail"),
    path(
        "partners/<slug:slug>/versions/<int:number>/", views.partner_version, name="partner-version"
    ),
    path("embed/countries/<slug:slug>/", views.country_embed, name="country-embed"),
    path("embed/map/", views.map_embed, name="map-embed"),
    path("embed/partners/<slug:slug>/", views.partner_embed, name="partner-embed"),
    path("lead-partners/", views.LeadPartnerList.as_view(), name="lead-partner-list"),
    path("countries/", views.CountryList.as_view(), name="country-list"),
    path("countries/<slug:slug>/", views.country_detail, name="country-detail"),
]
