from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models.calls import Call
from psf.database import constraints
from psf.database.fields import account_field

KEPT_FOR = timedelta(hours=24)


class ImportQuerySet(models.QuerySet["Import"]):
    def expired(self) -> Self:
        """The imports that were not confirmed in time."""
        return self.filter(saved_at__isnull=True, uploaded_at__lt=timezone.now() - KEPT_FOR)

    def saved(self) -> Self:
        return self.filter(saved_at__isnull=False)


@constraints.of_fields
class Import(models.Model):
    """An uploaded file of projects, previewed and then confirmed or not.

    `content` has the compressed file until the confirmation. The file is compared with the records
    of now each time a page shows it: `preview` and `fingerprint` come from that comparison.
    """

    preview: dict[str, Any]
    fingerprint: str

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="imports")
    owner = account_field(blank=True)
    is_of_applications = models.BooleanField(
        default=False, help_text=_("The content is filled application forms, packed as JSON.")
    )
    file_name = models.CharField(_("file"), max_length=200)
    notation = models.CharField(max_length=20)
    content = models.BinaryField()
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    outcome = models.CharField(_("what was done"), max_length=500, blank=True)
    saved_at = models.DateTimeField(_("imported"), null=True, blank=True)
    change_set = models.ForeignKey(
        "history.ChangeSet", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ImportQuerySet.as_manager()

    class Meta:
        app_label = "psf"  # not a tracked record and never public
        ordering = ["-uploaded_at", "-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ()  # needs the permissions of projects
        constraints = []

    def __str__(self) -> str:
        return self.file_name
