"""Personal data that are deleted soon."""

from datetime import datetime

from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from projects.checks.check import SOON, RowsCheck, WorkListGroup
from projects.models import Contact, Letter, Project
from projects.permissions import CHANGE_CONTACT, TO_SEE
from projects.personal_data.retention import KEEP_LETTERS
from psf.text.dates import Precision, describe, months_before


class ContactsToDelete(RowsCheck[Contact]):
    """The nightly deletion needs no help. Staff can enter a later day if it is needed."""

    key = "contacts-to-delete"
    label = gettext_lazy("Contact persons that are deleted within 30 days")
    group = WorkListGroup.DEADLINE
    permission = CHANGE_CONTACT

    def rows(self) -> QuerySet[Contact]:
        due = Contact.objects.past(timezone.localdate() + SOON)
        return due.select_related("project").order_by("keep_until", "pk")

    def sentence(self, row: Contact) -> str:
        is_late = row.keep_until < timezone.localdate()
        late = _("%(project)s: %(contact)s was needed until %(day)s and is not deleted.")
        coming = _("%(project)s: %(contact)s is deleted after %(day)s.")
        return (late if is_late else coming) % {
            "project": row.project.reference,
            "contact": row,
            "day": describe(row.keep_until, Precision.DAY),
        }


class LettersToDelete(RowsCheck[Project]):
    """Staff can keep a copy of a letter that a complaint still needs."""

    key = "letters-to-delete"
    label = gettext_lazy("Letters whose text or address is deleted within 30 days")
    group = WorkListGroup.DEADLINE
    permission = TO_SEE["projects.letter"]

    def rows(self) -> QuerySet[Project]:
        day = months_before(timezone.localdate() + SOON, KEEP_LETTERS)
        expired = Letter.objects.expired(day).values("project")
        newest = Project.objects.filter(pk__in=expired).annotate(last=Max("letters__made_at"))
        return newest.order_by("last", "pk")

    def sentence(self, row: Project) -> str:
        last: datetime = row.last  # type: ignore[attr-defined]
        sentence = _(
            "%(project)s: the last letter is of %(day)s. Letters are kept %(number)d months."
        )
        return sentence % {
            "project": row.reference,
            "day": describe(timezone.localdate(last), Precision.DAY),
            "number": KEEP_LETTERS,
        }
