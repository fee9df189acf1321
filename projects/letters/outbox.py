"""The outbox: letters are edited, sent by mail, marked as sent by hand, or cancelled."""

import logging
from collections.abc import Iterable
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from projects.letters.compose import as_pdf, decided_applications, outdated
from projects.models import Call, Letter, Project
from projects.permissions import DECIDE, require
from psf.database.record_version import lock
from psf.history import recording
from psf.history.models import Channel

logger = logging.getLogger(__name__)


def send_by_mail(letters: Iterable[Letter], by: User) -> int:
    """Send waiting letters to their recipients, one after the other, as text with the PDF.

    A letter counts as sent only when the mail server accepts it. A refused letter keeps the cause,
    and the next one is tried; after any other fault of the server nothing more is tried. Returns
    the number of sent letters. Raises ValidationError with this number if one was not sent.
    """
    require(by, DECIDE)
    sent, errors = 0, []
    try:
        with get_connection() as connection:
            for letter in letters:
                try:
                    _send(letter, by, connection)
                    sent += 1
                except ValidationError as error:
                    errors += error.messages
                except OSError as error:
                    errors.append(_note_failure(letter, by, error))
                    if not isinstance(error, SMTPRecipientsRefused | SMTPDataError):
                        break
    except OSError as error:
        logger.warning("The mail server does not answer: %s", type(error).__name__)
        errors.append(_("The mail server does not answer. Try again later."))
    if errors:
        done = ngettext("%(count)d letter was sent.", "%(count)d letters were sent.", sent)
        raise ValidationError([done % {"count": sent}, *errors])
    return sent


def _send(letter: Letter, by: User, connection: Any) -> None:
    with recording.change_set(by, channel=Channel.LETTERS):
        letter = _locked(letter)
        address = letter.recipient()
        if not address:
            sentence = _("%(project)s: no e-mail address is recorded.")
            raise ValidationError(sentence % {"project": letter.project.reference})
        _mark(letter, by, address)
        message = EmailMessage(letter.subject, letter.text, to=[address], connection=connection)
        name = f"{letter.project.reference.replace('/', '-')}.pdf"
        message.attach(name, as_pdf([letter]), "application/pdf")
        message.send()


def _note_failure(letter: Letter, by: User, error: Exception) -> str:
    """Keep why the letter was not sent, in a sentence without the address."""
    # The message of the error may contain the address, so the log holds only the type.
    logger.warning("A letter was not sent: %s", type(error).__name__)
    if isinstance(error, SMTPRecipientsRefused):
        cause = _("The mail server refused the address.")
    elif isinstance(error, SMTPDataError):
        cause = _("The mail server refused the letter.")
    else:
        cause = _("The connection broke. The letter may have arrived: ask before you repeat it.")
    with recording.change_set(by, channel=Channel.LETTERS):
        Letter.objects.waiting().filter(pk=letter.pk).update(failure=cause)
    return f"{letter.project.reference}: {cause}"


def mark_as_sent(letters: Iterable[Letter], by: User) -> None:
    """Mark waiting letters as sent by hand: all of them or none."""
    require(by, DECIDE)
    with recording.change_set(by, channel=Channel.LETTERS):
        for letter in letters:
            _mark(_locked(letter), by)


def edit_letter(letter: Letter, by: User, subject: str, text: str, address: str) -> None:
    """Change the words of a waiting letter, and where it is sent ("": to the contact person)."""
    require(by, DECIDE)
    with recording.change_set(by, channel=Channel.LETTERS):
        letter = _locked(letter)
        composed = letter.content()[-1]
        letter.subject, letter.text, letter.address = subject, text, address
        letter.composed = letter.failure = ""
        if letter.content()[-1] != composed:
            letter.composed = composed
        letter.full_clean(exclude=["project", "made_by", "corrects"])
        letter.save(update_fields=["subject", "text", "address", "composed", "failure"])


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
    decided = decided_applications(Project.objects.filter(pk=letter.project_id))
    if difference := outdated(letter, decided[0] if decided else None):
        sentence = _("%(project)s: %(why)s. Create the letters again, then check the new letter.")
        raise ValidationError(sentence % {"project": letter.project.reference, "why": difference})
    letter.sent_at, letter.sent_by, letter.failure = timezone.now(), by, ""
    letter.address, letter.sent_by_mail = address, bool(address)
    letter.save(update_fields=["sent_at", "sent_by", "sent_by_mail", "address", "failure"])
