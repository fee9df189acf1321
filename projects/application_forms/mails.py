"""Mails to applicants about their forms: the faults of a form, or the receipt of an application.

They wait until staff send them.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.application_forms.reader import ReadForm
from projects.models import Call, FormMail, Project
from psf.database.record_version import lock
from psf.text.dates import Precision, describe
from psf.text.mails import NOT_SENT, mail_of

MOST_FAULTS = 50  # that a mail names


def add_fault_mail(call: Call, read: ReadForm) -> None:
    """Let a mail wait that names the faults of a form in the words of the form."""
    mail = FormMail(call=call, address=read.address())
    faults, more = read.faults[:MOST_FAULTS], max(0, len(read.faults) - MOST_FAULTS)
    _add(mail, "faults", {"read": read, "faults": faults, "more": more})


def add_receipt(project: Project, read: ReadForm) -> None:
    """Let the receipt of a saved application wait: reference, moment and check sum."""
    mail = FormMail(call=project.call, project=project, address=read.address())
    _add(mail, "receipt", {"project": project, "read": read, "moments": _moments(project)})


def _add(mail: FormMail, kind: str, context: dict[str, object]) -> None:
    message = mail_of(f"form_{kind}", mail.address, {**context, "call": mail.call})
    mail.subject, mail.text = str(message.subject), str(message.body)
    same = {"call": mail.call, "project": mail.project, "subject": mail.subject}
    FormMail.objects.waiting().filter(**same, address=mail.address).delete()
    mail.save()


def _moments(project: Project) -> list[str]:
    """The moment of receipt in UTC and in the time zone of the call, or the day."""
    day, clock = project.received_on, project.received_time
    if not day or not clock:
        return [describe(day, Precision.DAY)] if day else []
    moment = datetime.combine(day, clock, ZoneInfo(project.call.time_zone))
    words = [describe(when, Precision.MINUTE) for when in [moment, moment.astimezone(UTC)]]
    return [*dict.fromkeys(words)]


def send_mails(mails: Iterable[FormMail], by: User, *, by_hand: bool = False) -> int:
    """Send waiting mails, or mark them as sent by hand. Returns their number.

    A mail counts as sent only when the mail server accepts it. Raises ValidationError for the first
    one that it refuses; the mails before it are sent.
    """
    sent = 0
    for mail in mails:
        with transaction.atomic():
            if not lock(FormMail.objects.waiting().filter(pk=mail.pk)):
                continue  # sent by a colleague
            FormMail.objects.filter(pk=mail.pk).update(sent_at=timezone.now(), sent_by=by)
            try:
                if not by_hand:
                    EmailMessage(mail.subject, mail.text, to=[mail.address]).send()
            except NOT_SENT:
                why = _(
                    "The mail server refused the mail to %(address)s. Mails sent before it: "
                    "%(count)d. Check the address, or try again later."
                )
                raise ValidationError(why % {"address": mail.address, "count": sent}) from None
        sent += 1
    return sent
