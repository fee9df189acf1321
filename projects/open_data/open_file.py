"""The decorator of views that send public data: tag, refused parameters, counted downloads."""

from collections.abc import Callable, Sequence
from functools import wraps
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import condition

from psf import exports
from psf.exports.responses import Refusal, View, data_tag, data_view, limit_downloads

# Another program, another dictionary and other settings give other answers.
PROGRAM = [Path(__file__).parent, Path(__file__).parent / "data", Path(exports.__file__).parent]
SETTINGS = [settings.SITE_URL, settings.GRANTS360_PREFIX, str(settings.DATA_LICENCE)]
EDITION = sha256(
    b"".join(
        path.read_bytes()
        for folder in PROGRAM
        for path in sorted(folder.iterdir())
        if path.suffix in [".py", ".toml"]
    )
    + " ".join(SETTINGS).encode()
).hexdigest()


def tag_of(request: HttpRequest, *_args: str, **_kwargs: str) -> str | None:
    return data_tag(request, EDITION)


def refuse_unknown(query: QueryDict, known: Sequence[str]) -> None:
    """Raise a Refusal for a parameter that the address does not have."""
    if unknown := [name for name in query if name not in known]:
        if not known:
            raise Refusal(400, _("This address has no parameters."))
        sentence = _("There is no parameter “%(name)s”. Parameters: %(known)s.")
        raise Refusal(400, sentence % {"name": unknown[0], "known": ", ".join(known)})


def data_file(*parameters: str) -> Callable[[View], View]:
    """A decorator for the view of a file with these parameters.

    The file is not sent again while the data are unchanged, and its downloads are limited.
    """

    def decorate(view: View) -> View:
        @data_view
        @condition(tag_of)
        @wraps(view)
        def answer(request: HttpRequest, suffix: str, **values: str) -> HttpResponseBase:
            refuse_unknown(request.GET, parameters)
            limit_downloads(request)
            return view(request, suffix=suffix, **values)

        return answer

    return decorate
