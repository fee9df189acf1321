from django.urls import path

from projects.application_forms.workbook import application_form
from projects.deadlines.ical import call_ics, calls_ics
from projects.models import Call, Project
from projects.pages import apply, call_mail, feeds, results, views

app_name = "projects"
urlpatterns = [
    path("apply/", apply.apply, name="apply"),
    path("apply/mail/", call_mail.ask, name="call-mail"),
    path("apply/mail/confirm/", call_mail.answer, name="call-mail-answer"),
    path("calls.ics", calls_ics, name="calls-ics"),
    path("calls/", views.CallList.as_view(), name="call-list"),
    path("calls.atom", feeds.list_feed, {"name": "calls"}, name="call-list-feed"),
    path("calls/<slug:slug>.ics", call_ics, name="call-ics"),
    path("calls/<slug:slug>.atom", feeds.call_feed, name="call-feed"),
    path(
        "calls/<slug:slug>/application-form.xlsx",
        application_form,
        {"suffix": "xlsx"},
        name="application-form",
    ),
    path("calls/<slug:slug>/", views.call_detail, name="call-detail"),
    path("calls/<slug:slug>/announcement/", views.announcement, name="call-announcement"),
    path(
        "calls/<slug:slug>/versions/<int:number>/",
        views.record_version,
        {"model": Call},
        name="call-version",
    ),
    path("changes.atom", feeds.changes_feed, name="changes-feed"),
    path("countries/<slug:slug>.atom", feeds.country_feed, name="country-feed"),
    path("feed.atom", feeds.feed, name="feed"),
    path("partners.atom", feeds.list_feed, {"name": "partners"}, name="partner-list-feed"),
    path("partners/<slug:slug>.atom", feeds.partner_feed, name="partner-feed"),
    path("results/", results.results, name="results"),
    path("projects.atom", feeds.list_feed, {"name": "projects"}, name="project-list-feed"),
    path("projects/", views.ProjectList.as_view(), name="project-list"),
    path("projects/<slug:slug>.atom", feeds.project_feed, name="project-feed"),
    path("projects/<slug:slug>.bib", views.citation, {"suffix": "bib"}, name="project-bib"),
    path("projects/<slug:slug>.ris", views.citation, {"suffix": "ris"}, name="project-ris"),
    path("projects/<slug:slug>/", views.project_detail, name="project-detail"),
    path(
        "projects/<slug:slug>/versions/<int:number>/",
        views.record_version,
        {"model": Project},
        name="project-version",
    ),
    path(
        "projects/<slug:slug>/documents/<int:key>/<str:file_name>", views.document, name="document"
    ),
]
