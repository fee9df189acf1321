"""The empty application form of a call, for readers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from projects.application_forms.workbook import write_form
from projects.models import Call
from psf.exports.responses import CONTENT_TYPES, data_view, limit_downloads


def form_response(name: str, content: bytes) -> HttpResponse:
    """A workbook as a download."""
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(
        content, CONTENT_TYPES["xlsx"], headers={"Content-Disposition": disposition}
    )


@data_view
def application_form(request: HttpRequest, slug: str, suffix: str) -> HttpResponse:
    """The form of a public call that is not closed; 404 for any other call."""
    call = get_object_or_404(Call.objects.with_form(), slug=slug)
    limit_downloads(request)
    return form_response(f"{slug}-application-form.{suffix}", write_form(call))
