from django.urls import path, register_converter

from projects.open_data import views
from projects.open_data.selection import DATASETS, TABLES_OF_RECORDS
from psf.exports.responses import Suffix


class DatasetName(Suffix):
    """The name of a table, as in the address of its list."""

    regex = "|".join(DATASETS)


class RecordTable(Suffix):
    """The name of a table whose records have a page."""

    regex = "|".join(TABLES_OF_RECORDS)


class VersionDay(Suffix):
    """A day in ISO 8601. No version exists for a day that no calendar has."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


register_converter(DatasetName, "dataset")
register_converter(VersionDay, "day")
register_converter(RecordTable, "record_table")

app_name = "open_data"
urlpatterns = [
    path("<dataset:name>.<suffix:suffix>", views.list_data, name="list"),
    path("<record_table:name>/<slug:slug>.<suffix:suffix>", views.record_data, name="record"),
    path("data/openapi.json", views.openapi, name="openapi"),
    path("data/psf.zip", views.archive, name="archive"),
    path("data/versions/psf-<day:day>.zip", views.version, name="version"),
    path("data/360giving.<suffix:suffix>", views.giving360_grants, name="giving360"),
    path(
        "data/360giving-left-out.<suffix:suffix>",
        views.giving360_left_out,
        name="giving360-left-out",
    ),
    path("data/catalog.jsonld", views.dcat_catalogue, name="catalogue"),
]
