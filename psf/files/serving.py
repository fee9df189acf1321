from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response

from psf.files.types import FILE_TYPES

from . import store


def attachment(
    request: HttpRequest, stored_name: str, file_name: str, sha256: str
) -> HttpResponseBase:
    """Return the stored file as a download. Browsers never open the file as a page of this site.

    The content type was verified at upload, and browsers are told not to guess another type.
    Raises `Http404` if the file is missing.
    """
    etag = f'"{sha256}"'
    if response := get_conditional_response(request, etag=etag):
        return response
    try:
        file = store.open_file(stored_name)
    except FileNotFoundError:
        raise Http404 from None
    extension = stored_name.rpartition(".")[2]
    return FileResponse(
        file,
        as_attachment=True,
        filename=file_name,
        content_type=FILE_TYPES[extension].content_type,
        headers={
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "ETag": etag,
        },
    )
