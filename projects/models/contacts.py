from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, gettext_lazy as _

from projects.models.projects import Project
from psf.database import constraints
from psf.database.record_version import bump_version


class ContactQuerySet(models.QuerySet["Contact"]):
    def past(self, day: date) -> Self:
        """The contacts with a last day before `day`."""
        return self.filter(keep_until__lt=day)

    def erase(self) -> int:
        """Delete the contacts and return their number. Forms that are open now notice it."""
        bump_version(Project, self.values_list("project", flat=True))
        return self.delete()[0]


@constraints.of_fields
class Contact(models.Model):
    """A contact person of a project, stored for a purpose and until a day.

    Personal data: never public, and only in this table. The history does not track contacts
    (`psf.history.tracking`), so a deletion is complete.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="contacts", verbose_name=_("project")
    )
    name = models.CharField(_("name"), max_length=200)
    function = models.CharField(
        _("function"), max_length=200, blank=True, help_text=_("Such as project manager.")
    )
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    telephone = models.CharField(_("telephone"), max_length=50, blank=True)
    purpose = models.CharField(
        _("purpose"),
        max_length=200,
        help_text=_("Why the data are needed, such as: questions about the reports."),
    )
    keep_until = models.DateField(
        _("keep until"),
        help_text=_("Last day on which the data are needed. Then they are deleted."),
    )

    # The history has no contacts: an undo that deletes a form deletes the person that it named.
    form = models.ForeignKey(
        "Document",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="contacts",
        verbose_name=_("application form"),
        help_text=_("The application form that named the person."),
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["project", F("form").desc(nulls_last=True), "name", "pk"]
        verbose_name = _("contact person")
        verbose_name_plural = _("contact persons")
        constraints = [
            models.CheckConstraint(
                name="contact_has_a_name_and_a_purpose",
                condition=~Q(name="") & ~Q(purpose=""),
                violation_error_message=_("Give the name and the purpose."),
            )
        ]

    def __str__(self) -> str:
        # Django's log, lists and error reports contain this text and are never purged.
        return gettext("contact person no. %(number)s") % {"number": self.pk or "–"}


@constraints.of_fields
class CallSubscription(models.Model):
    """The address of a reader who gets one mail when the next call opens.

    Personal data: deleted with the mail, on request or on time. Staff have no page of addresses,
    and the history does not track them.
    """

    address = models.EmailField(_("e-mail"), max_length=254, unique=True)
    confirmed_at = models.DateTimeField(_("confirmed"), auto_now_add=True)

    class Meta:
        verbose_name = _("address of a reader")
        verbose_name_plural = _("addresses of readers")
        default_permissions = ()
        constraints = []

    def __str__(self) -> str:
        return gettext("address no. %(number)s") % {"number": self.pk or "–"}
