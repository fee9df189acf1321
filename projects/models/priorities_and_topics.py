from django.db import models
from django.utils.translation import gettext_lazy as _

from psf.database import constraints
from psf.database.record_version import VersionField

NAME_IS_TAKEN = _("This name exists already. Capital and small letters count as the same.")


class NamedTerm(models.Model):
    """A name for subjects of calls and projects, with a permanent address."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    slug = models.SlugField(_("address"), max_length=100, unique=True)
    version = VersionField()

    class Meta:
        abstract = True
        ordering = ["name"]
        constraints = [
            constraints.filled("%(class)s", "name"),
            constraints.filled("%(class)s", "slug"),
            constraints.its_own("%(class)s", "name", NAME_IS_TAKEN),
        ]

    def __str__(self) -> str:
        return self.name


@constraints.of_fields
class Priority(NamedTerm):
    """A long-term priority of the CBSS, such as Safe and Secure Region."""

    description = models.TextField(_("description"), max_length=2000, blank=True)

    class Meta(NamedTerm.Meta):
        verbose_name = _("priority")
        verbose_name_plural = _("priorities")


@constraints.of_fields
class Topic(NamedTerm):
    """A thematic area within the priorities. Topics change from call to call."""

    class Meta(NamedTerm.Meta):
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
