import logging
from contextlib import nullcontext

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from psf.accounts.session_store import SessionStore, SignInCookie
from psf.audit.audited_events import record_answer
from psf.database.sql import READING_SECONDS, waiting_at_most
from psf.http.errors import DATABASE_UNAVAILABLE

logger = logging.getLogger(__name__)


class StaffSessions(SessionMiddleware):
    """Django's middleware, with an answer of its own where a session cannot be written.

    Sessions of accounts are in the database, all others in a signed cookie.
    """

    def process_request(self, request: HttpRequest) -> None:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        request.session = (SignInCookie if ":" in key else self.SessionStore)(key)

    def stored(self, session: SessionBase) -> SessionBase:
        """The session itself, or its copy in the store for sessions of its kind."""
        store = self.SessionStore if SESSION_KEY in session else SignInCookie
        if isinstance(session, store):
            return session
        copy = store()
        copy.update(dict(session.items()))
        return copy

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        user = getattr(request, "user", None)  # none yet where the host is refused
        if request.path.startswith("/admin/") and user and user.is_authenticated:
            record_answer(request, response)
        if request.session.modified:
            request.session = self.stored(request.session)
        is_written = request.session.modified and request.method == "GET"
        try:
            with waiting_at_most(READING_SECONDS) if is_written else nullcontext():
                response = super().process_response(request, response)
            if isinstance(request.session, SessionStore):
                request.session.record_use()
        except SessionInterrupted as interrupted:
            error = interrupted.__context__ and interrupted.__context__.__context__
            if isinstance(error, DATABASE_UNAVAILABLE):
                return self.unsaved(request, response, error)
            # The session ended during the request, which was carried out.
            response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")
        return response

    def unsaved(
        self, request: HttpRequest, response: HttpResponse, error: Exception
    ) -> HttpResponse:
        """The answer without a written session. What else was saved is not known here."""
        logger.warning("The session could not be written: %s", error)
        if request.method != "POST":
            return response
        page = render_to_string("session_unsaved.html")
        return HttpResponse(page, status=503, headers={"Retry-After": "30"})
