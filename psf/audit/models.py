from django.db import models
from django.utils.translation import gettext_lazy as _

from psf.database.fields import account_field


class Kind(models.TextChoices):
    SIGNED_IN = "signed_in", _("signed in")
    SIGNED_OUT = "signed_out", _("signed out")
    FAILED = "failed", _("wrong password or code")
    REFUSED = "refused", _("refused")
    ACCOUNT = "account", _("change of an account")
    PUBLICATION = "publication", _("publication")
    IMPORT = "import", _("import")
    EXPORT = "export", _("download")


class AuditEvent(models.Model):
    """Something that an account did or tried. Nobody changes an event."""

    made_at = models.DateTimeField(_("when"), db_index=True)
    kind = models.CharField(_("event"), max_length=20, choices=Kind.choices)
    user = account_field(_("account"))
    who = models.CharField(_("name of the account"), max_length=150, blank=True)
    client = models.CharField(_("address of the browser"), max_length=45, blank=True)
    note = models.CharField(_("details"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("audit log event")
        verbose_name_plural = _("audit log events")
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.who}" if self.who else self.get_kind_display()
