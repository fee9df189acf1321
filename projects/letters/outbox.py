"""Sending letters, one by one and by a person; and cancelling one that waits."""

import logging
from collections.abc import Iterable
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.letters.compose import compose, is_same, with_outcome
from projects.letters.pdf import as_pdf
from projects.models import Call, Letter, Project
from projects.permissions import DECIDE
from psf.database.record_version import lock
from psf.history import recording
from psf.history.models import Channel

logger = logging.getLogger(__name__)


def send_by_mail(letter: Letter, by: Any, address: str) -> None:
    """Send the letter to that address, as text and with its PDF, and mark it as sent.

    It counts as sent only once the mail server took it.
    """
    if not by.has_perm(DECIDE):
        raise PermissionDenied
    with recording.change_set(by, channel=Channel.LETTERS):
        letter = _locked(letter)
        _mark(letter, by, address)
        message = EmailMessage(letter.subject, letter.text, to=[address])
        name = f"{letter.project.reference.replace('/', '-')}.pdf"
        message.attach(name, as_pdf([letter]), "application/pdf")
        try:
            message.send()
        except (SMTPException, OSError) as error:
            # Its words may name the address, which no log holds.
            logger.warning("A letter was not sent: %s", type(error).__name__)
            raise ValidationError(
                _("The mail server did not take it, so it was not sent. Try again later.")
            ) from None


def mark_as_sent(letters: Iterable[Letter], by: Any) -> None:
    """Say of letters that somebody has sent them by hand; of all of them or none."""
    if not by.has_perm(DECIDE):
        raise PermissionDenied
    with recording.change_set(by, channel=Channel.LETTERS):
        for letter in letters:
            _mark(_locked(letter), by)


def cancel(letter: Letter, by: Any, why: str) -> None:
    """Never send a letter that waits."""
    if not by.has_perm(DECIDE):
        raise PermissionDenied
    if not why.strip():
        raise ValidationError(_("Say why it is not sent."))
    with recording.change_set(by, channel=Channel.LETTERS, reason=why.strip()):
        letter = _locked(letter)
        Letter.objects.filter(pk=letter.pk).cancel(why.strip())


def can_mail() -> bool:
    """Whether the site has a mail server."""
    return bool(settings.EMAIL_HOST)


def _locked(letter: Letter) -> Letter:
    """The letter as it is now, which still waits; nobody else changes its application."""
    lock(Call.objects.filter(projects=letter.project_id))
    lock(Project.objects.filter(pk=letter.project_id))
    found = lock(Letter.objects.filter(pk=letter.pk))
    if not found or not found[0].waits():
        raise ValidationError(_("This letter does not wait any more: look at the outbox again."))
    return found[0]


def _mark(letter: Letter, by: Any, address: str = "") -> None:
    if refusal := _refusal(letter):
        raise ValidationError(refusal)
    letter.sent_at, letter.sent_by, letter.address = timezone.now(), by, address
    letter.save(update_fields=["sent_at", "sent_by", "address"])


def _refusal(letter: Letter) -> str:
    """Why a letter that waits is not to be sent; "" if what it says is what is recorded now."""
    projects = with_outcome(Project.objects.filter(pk=letter.project_id))
    try:
        if projects and is_same(letter, compose(projects[0], letter)):
            return ""
    except ValidationError:
        pass  # it could not be written any more
    return _(
        "%(project)s: what is recorded, or the call’s text, has changed since this letter was "
        "written. Write the letters anew, then look at it again."
    ) % {"project": letter.project.reference}
