from django.urls import path, register_converter

from projects.open_data import views
from projects.open_data.selection import DATASETS


class DatasetName:
    """The name of a table, as in the address of its list."""

    regex = "|".join(DATASETS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class RecordTable(DatasetName):
    """The name of a table whose records have a page."""

    regex = "projects|partners|calls|countries"


class Suffix(DatasetName):
    """The end of an address: a format, offered or not."""

    regex = "[a-z0-9]{1,8}"


register_converter(DatasetName, "dataset")
register_converter(RecordTable, "record_table")
register_converter(Suffix, "suffix")

app_name = "open_data"
urlpatterns = [
    path("<dataset:name>.<suffix:suffix>", views.list_data, name="list"),
    path("<record_table:name>/<slug:slug>.<suffix:suffix>", views.record_data, name="record"),
]
