from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response

from psf.files.types import KINDS

from . import store


def attachment(
    request: HttpRequest, stored_name: str, file_name: str, sha256: str
) -> HttpResponseBase:
    """The file to be saved, never to be shown by the browser as a page of this site.

    Of what kind it is was found when it came in, and no browser guesses another one.
    """
    etag = f'"{sha256}"'
    if answer := get_conditional_response(request, etag=etag):
        return answer
    try:
        file = store.read(stored_name)
    except FileNotFoundError:
        raise Http404 from None
    extension = stored_name.rpartition(".")[2]
    return FileResponse(
        file,
        as_attachment=True,
        filename=file_name,
        content_type=KINDS[extension].content_type,
        headers={
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "ETag": etag,
        },
    )
