"""A list of records as CSV or XLSX: the rows that its filters and search leave, and its columns."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst, slugify

from psf.exports.files import DataTable
from psf.exports.responses import Refusal, refused, table_response
from psf.staff.pages import StaffPage

FORMATS = ["csv", "xlsx"]


def table_file(suffix: str, table: DataTable) -> HttpResponseBase:
    """The table as a CSV or XLSX file, or a sentence while other workbooks are being written."""
    if suffix not in FORMATS:
        raise Http404
    try:
        return table_response(suffix, table)
    except Refusal as refusal:
        return refused(suffix, refusal)


class DownloadPage(StaffPage):
    """The rows and columns of the list that the same query shows, in one file."""

    of_record = False
    name = "download"
    route = "download/<slug:suffix>/"
    permission = "view"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            shown = self.admin.get_changelist_instance(request)
        except IncorrectLookupParameters:
            raise Http404 from None
        columns = [name for name in shown.list_display if name != "action_checkbox"]
        heads = [capfirst(str(label_for_field(name, shown.model, self.admin))) for name in columns]
        rows = self._rows(shown, columns)
        name = slugify(self.admin.opts.verbose_name_plural)
        return table_file(kwargs["suffix"], DataTable(name, heads, rows))

    def _rows(self, shown: Any, columns: list[str]) -> Iterator[list[object]]:
        for row in shown.queryset:
            yield [cell(name, row, self.admin) for name in columns]


def cell(name: str, row: Any, admin: Any) -> object:
    """What a column of the list says about a row: a number or a day as such, else a text."""
    field, _attribute, value = lookup_field(name, row, admin)
    if field is not None and field.choices:
        value = dict(field.flatchoices).get(value, value)
    if value is None or isinstance(value, int | Decimal | date):
        return value
    return unescape(strip_tags(value)) if isinstance(value, SafeString) else str(value)
