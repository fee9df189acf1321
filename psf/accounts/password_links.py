"""Mails with a link for choosing a password: invitations, and new passwords."""

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from psf.accounts.mail_server import can_mail


def can_invite(account: User) -> bool:
    """Whether the account has an address and this site a mail server."""
    return bool(account.email and can_mail())


def link_mail(account: User, template: str) -> EmailMessage:
    """A mail from the two templates of a name such as "invitation", of its subject and its text.

    The link is valid for three days, until a password is chosen or the account signs in.
    """
    keys = {
        "uidb64": urlsafe_base64_encode(force_bytes(account.pk)),
        "token": default_token_generator.make_token(account),
    }
    address = reverse("password_reset_confirm", kwargs=keys)
    context = {"account": account, "link": f"{settings.SITE_URL}{address}"}
    subject = render_to_string(f"mail/{template}_subject.txt").strip()
    return EmailMessage(
        subject, render_to_string(f"mail/{template}.txt", context), to=[account.email]
    )
