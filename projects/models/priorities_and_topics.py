from django.db import models
from django.utils.translation import gettext_lazy as _

from psf.database import constraints
from psf.database.record_version import VersionField

NAME_IS_TAKEN = _("This name exists already. Capital and small letters count as the same.")


@constraints.of_fields
class Priority(models.Model):
    """A long-term priority of the CBSS, such as Safe and Secure Region."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    slug = models.SlugField(_("address"), max_length=100, unique=True)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    version = VersionField()

    class Meta:
        ordering = ["name"]
        verbose_name = _("priority")
        verbose_name_plural = _("priorities")
        constraints = [
            constraints.filled("priority", "name"),
            constraints.filled("priority", "slug"),
            constraints.its_own("priority", "name", NAME_IS_TAKEN),
        ]

    def __str__(self) -> str:
        return self.name


@constraints.of_fields
class Topic(models.Model):
    """A thematic area within the priorities. Topics change from call to call."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    slug = models.SlugField(_("address"), max_length=100, unique=True)
    version = VersionField()

    class Meta:
        ordering = ["name"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        constraints = [
            constraints.filled("topic", "name"),
            constraints.filled("topic", "slug"),
            constraints.its_own("topic", "name", NAME_IS_TAKEN),
        ]

    def __str__(self) -> str:
        return self.name
