"""The outbox: letters are sent by mail, marked as sent by hand, or cancelled."""

import logging
from collections.abc import Iterable
from smtplib import SMTPException

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.letters.compose import as_pdf, compose, decided_applications, says_the_same
from projects.models import Call, Letter, Project
from projects.permissions import DECIDE, require
from psf.database.record_version import lock
from psf.history import recording
from psf.history.models import Channel

logger = logging.getLogger(__name__)


def send_by_mail(letter: Letter, by: User, address: str) -> None:
    """Send a waiting letter to an address, as text with the PDF, and mark the letter as sent.

    The letter counts as sent only when the mail server accepts the message.
    """
    require(by, DECIDE)
    with recording.change_set(by, channel=Channel.LETTERS):
        letter = _locked(letter)
        _mark(letter, by, address)
        message = EmailMessage(letter.subject, letter.text, to=[address])
        name = f"{letter.project.reference.replace('/', '-')}.pdf"
        message.attach(name, as_pdf([letter]), "application/pdf")
        try:
            message.send()
        except (SMTPException, OSError) as error:
            # The message of the error may contain the address, so the log holds only the type.
            logger.warning("A letter was not sent: %s", type(error).__name__)
            raise ValidationError(
                _(
                    "The mail server refused the letter, so nothing was sent. "
                    "Check the address, or try again later."
                )
            ) from None


def mark_as_sent(letters: Iterable[Letter], by: User) -> None:
    """Mark waiting letters as sent by hand: all of them or none."""
    require(by, DECIDE)
    with recording.change_set(by, channel=Channel.LETTERS):
        for letter in letters:
            _mark(_locked(letter), by)


def cancel_letter(letter: Letter, by: User, why: str) -> None:
    """Cancel a waiting letter. The reason is kept."""
    require(by, DECIDE)
    if not why.strip():
        raise ValidationError(_("Enter the reason."))
    with recording.change_set(by, channel=Channel.LETTERS, reason=why.strip()):
        letter = _locked(letter)
        Letter.objects.filter(pk=letter.pk).cancel(why.strip())


def _locked(letter: Letter) -> Letter:
    """The current row of a waiting letter. Locks the call, the application and the letter."""
    lock(Call.objects.filter(projects=letter.project_id))
    lock(Project.objects.filter(pk=letter.project_id))
    letters = lock(Letter.objects.filter(pk=letter.pk))
    if not letters or not letters[0].waits():
        raise ValidationError(_("This letter is no longer waiting. Open the outbox again."))
    return letters[0]


def _mark(letter: Letter, by: User, address: str = "") -> None:
    if refusal := _refusal(letter):
        raise ValidationError(refusal)
    letter.sent_at, letter.sent_by = timezone.now(), by
    letter.address, letter.sent_by_mail = address, bool(address)
    letter.save(update_fields=["sent_at", "sent_by", "sent_by_mail", "address"])


def _refusal(letter: Letter) -> str:
    """The reason against sending a waiting letter; "" if the letter agrees with the records."""
    projects = decided_applications(Project.objects.filter(pk=letter.project_id))
    try:
        if projects and says_the_same(letter, compose(projects[0], letter)):
            return ""
    except ValidationError:
        pass  # the records of now give no letter
    return _(
        "%(project)s: the records or the text of the call changed after this letter was created. "
        "Create the letters again, then check the new letter."
    ) % {"project": letter.project.reference}
