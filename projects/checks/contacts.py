"""Contact persons whose data are deleted soon."""

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.checks.base import SOON, RowsCheck, WorkListGroup, form_url
from projects.models import Contact
from projects.permissions import CHANGE_CONTACT
from psf.text.dates import Precision, describe


class ToDelete(RowsCheck[Contact]):
    """The nightly deletion needs no help. Staff can enter a later day if it is needed."""

    key = "contacts-to-delete"
    label = gettext_lazy("Contact persons that are deleted within 30 days")
    group = WorkListGroup.DEADLINE
    permission = CHANGE_CONTACT
    is_followed = False  # contact persons have no history

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

    def url(self, row: Contact) -> str:
        return form_url(row.project)
