"""One mail when the next call opens: readers ask for it, confirm their address, or take it back.

An address is stored when its reader confirms it by a link, and deleted with the mail.
"""

import logging
from contextlib import suppress
from datetime import timedelta
from threading import Thread

from crispy_forms.layout import Div
from django import forms
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from projects.models import CallSubscription
from projects.pages.open_call import deadline_of, open_calls
from psf.accounts.sign_in import MAX_MAILS, SignInRefused, count_attempt
from psf.database.record_version import lock
from psf.http.requests import accepts_parameters, client_network
from psf.lists.public_form import PublicForm, submit_button
from psf.text.mails import NOT_SENT, can_mail, mail_of

logger = logging.getLogger(__name__)
TEMPLATE, SALT = "projects/call_mail.html", "projects.call_mail"
CONFIRM_WITHIN = timedelta(days=3)
PERIOD = {"days": CONFIRM_WITHIN.days}
AN_HOUR = 60 * 60  # seconds between two links to the same address


class AddressForm(PublicForm):
    """The address that gets one mail when the next call opens."""

    action, method = "/apply/mail/", "post"
    address = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
    )

    def layout(self) -> list[object]:
        return [Div("address", submit_button(_("Send me one e-mail")), css_class="check__row")]


def is_offered() -> bool:
    return can_mail() and not open_calls()


@csrf_exempt  # a token would need a cookie, and a forged form can only ask for a link
def ask(request: HttpRequest) -> HttpResponse:
    """Mail the link. Known and unknown addresses, also beyond the limits, get the same answer."""
    if request.method != "POST" or not is_offered():
        return redirect("/apply/#mail")
    form = AddressForm(request.POST)
    if not form.is_valid():
        return render(request, TEMPLATE, {"state": "form", "form": form.html()}, status=400)
    address = form.cleaned_data["address"].lower()
    with suppress(SignInRefused):
        count_attempt([f"call mail for {client_network(request)}"], MAX_MAILS[1:])
        if cache.add(f"{SALT}.{salted_hmac(SALT, address).hexdigest()}", True, AN_HOUR):
            # In a thread: the time of the answer tells nothing about the address.
            Thread(target=deliver, args=[mail_with_link(address)]).start()
    return render(request, TEMPLATE, {"state": "asked", "address": address, **PERIOD})


@csrf_exempt  # the link is the secret
@never_cache
@accepts_parameters("link")
def answer(request: HttpRequest, query: QueryDict) -> HttpResponse:
    """The page behind the link. Its buttons confirm the address, or take it back at any time."""
    link, act, is_new = query.get("link", ""), request.POST.get("act", ""), False
    try:
        address = signing.loads(link, salt=SALT)
    except signing.BadSignature:
        return render(request, TEMPLATE, {"state": "wrong link"}, status=400)
    with suppress(signing.SignatureExpired):
        signing.loads(link, salt=SALT, max_age=CONFIRM_WITHIN)
        is_new = True
    if act == "confirm" and is_new:
        CallSubscription.objects.get_or_create(address=address)
    elif act == "take-back":
        CallSubscription.objects.filter(address=address).delete()
    else:
        act = "link"
    return render(request, TEMPLATE, {"state": act, "address": address, "is_new": is_new})


def mail_with_link(address: str) -> EmailMessage:
    link = signing.dumps(address, salt=SALT)
    page = f"{settings.SITE_URL}{reverse('projects:call-mail-answer')}?link={link}"
    return mail_of("call_mail_link", address, {"page": page, **PERIOD})


def deliver(message: EmailMessage) -> bool:
    """Send a mail. Returns whether the mail server took it; the log has no address."""
    try:
        message.send()
    except NOT_SENT as error:
        logger.error("A mail to a reader was not sent: %s", type(error).__name__)
        return False
    return True


def announce_open_call() -> list[bool]:
    """Send each waiting address the mail of the open call. Returns whether each was sent.

    An address is locked while its mail is sent, and stays if the mail server refuses the mail.
    """
    sent: list[bool] = []
    keys = list(CallSubscription.objects.order_by("pk").values_list("pk", flat=True))
    for call in open_calls()[:1] if can_mail() else []:
        context = {"call": call, "closes": deadline_of(call)}
        for key in keys:
            with transaction.atomic():
                for row in lock(CallSubscription.objects.filter(pk=key)):
                    sent.append(deliver(mail_of("call_is_open", row.address, context)))
                    if sent[-1]:
                        row.delete()
    return sent
