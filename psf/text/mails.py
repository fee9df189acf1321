"""Mails with texts from templates, and whether this site can send any."""

from collections.abc import Mapping

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

# What sending raises: the errors of smtplib, and of an address or a subject that Django refuses.
NOT_SENT = (OSError, ValueError)


def can_mail() -> bool:
    """Whether the site has a mail server."""
    return bool(settings.EMAIL_HOST)


def mail_of(name: str, address: str, context: Mapping[str, object]) -> EmailMessage:
    """A mail from the templates of a name, such as "invitation": of its subject and its text.

    The templates also get `site`, the address of this site.
    """
    context = {"site": settings.SITE_URL, **context}
    return EmailMessage(
        subject=render_to_string(f"mail/{name}_subject.txt", context).strip(),
        body=render_to_string(f"mail/{name}.txt", context),
        to=[address],
    )
