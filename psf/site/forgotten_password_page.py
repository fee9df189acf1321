"""The page for a forgotten password."""

import logging
from threading import Thread
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetView
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from psf.accounts import sign_in
from psf.accounts.passwords import can_mail, link_mail
from psf.http.client_address import client_network

logger = logging.getLogger(__name__)


class ForgottenPasswordForm(PasswordResetForm):
    """Writes and sends the mail in a thread: the time of the answer tells nothing of accounts."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        _subject, _body, context, *_addresses = args
        Thread(target=deliver, args=[context["user"]]).start()


class ForgottenPassword(PasswordResetView):
    """Answers every address in the same way, also beyond the limit of mails.

    Without a mail server no link is made; the page says whom to ask.
    """

    form_class = ForgottenPasswordForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if can_mail():
            return super().dispatch(request, *args, **kwargs)
        context = {"title": _("Forgotten password"), "address": settings.DEFAULT_FROM_EMAIL}
        return TemplateResponse(request, "admin/no_password_mail.html", context)

    def form_valid(self, form: Any) -> HttpResponse:
        texts = [f"mail to {form.cleaned_data['email'].lower()}"]
        texts.append(f"mail for {client_network(self.request)}")
        try:
            sign_in.count_attempt(texts, sign_in.MAX_MAILS)
        except sign_in.SignInRefused:
            return HttpResponseRedirect(self.get_success_url())
        return super().form_valid(form)


def deliver(account: User) -> None:
    try:
        link_mail(account, "forgotten_password").send()
    except OSError as error:
        # The message of the error may contain the address.
        logger.error("The mail for a new password was not sent: %s", type(error).__name__)
