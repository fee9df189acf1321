from django.urls import path

from . import views

app_name = "projects"
urlpatterns = [
    path("calls/", views.CallList.as_view(), name="call-list"),
    path("calls/<slug:slug>/", views.call_detail, name="call-detail"),
    path("projects/", views.ProjectList.as_view(), name="project-list"),
    path("projects/<slug:slug>/", views.project_detail, name="project-detail"),
    path(
        "projects/<slug:slug>/documents/<int:key>/<str:file_name>", views.document, name="document"
    ),
]
