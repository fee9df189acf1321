from django.db import models
from django.utils.translation import gettext_lazy as _

from psf.database import constraints
from psf.database.record_version import VersionField


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
            constraints.at_most("priority", "name", 100),
            constraints.filled("priority", "slug"),
            constraints.at_most("priority", "slug", 100),
            constraints.at_most("priority", "description", 2000),
        ]

    def __str__(self) -> str:
        return self.name


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
            constraints.at_most("topic", "name", 100),
            constraints.filled("topic", "slug"),
            constraints.at_most("topic", "slug", 100),
        ]

    def __str__(self) -> str:
        return self.name
