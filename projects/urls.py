from django.urls import path

from projects.pages import feeds, views

from .deadlines.views import call_ics, calls_ics

app_name = "projects"
urlpatterns = [
    path("calls.ics", calls_ics, name="calls-ics"),
    path("calls/", views.CallList.as_view(), name="call-list"),
    path("calls/<slug:slug>.ics", call_ics, name="call-ics"),
    path("calls/<slug:slug>/", views.call_detail, name="call-detail"),
    path("calls/<slug:slug>/announcement/", views.announcement, name="call-announcement"),
    path("feed.atom", feeds.feed, name="feed"),
    path("projects/", views.ProjectList.as_view(), name="project-list"),
    path("projects/<slug:slug>/", views.project_detail, name="project-detail"),
    path(
        "projects/<slug:slug>/documents/<int:key>/<str:file_name>", views.document, name="document"
    ),
]
