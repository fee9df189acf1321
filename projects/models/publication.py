"""The one rule of what readers may see of projects, as SQL.

A project is public from its `published_at` on, if its call is public too. From when on that is,
the database writes beside each project (`projects.models.listings`), so that asking costs one join
and not two conditions on wide rows.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from psf.database import constraints
from psf.database.parameters import Moment

# Of the tables `project` and `call`: the moment from which on anyone may see the project, or NULL.
SINCE_SQL = """
CASE
    WHEN project.published_at >= call.published_at THEN project.published_at
    WHEN project.published_at < call.published_at THEN call.published_at
END
"""


def is_public(at: Moment = None, through: str = "listing__") -> Q:
    """What anyone may see of a project at this moment (`at`, or now), by what the database keeps.

    `through` leads from the rows to their listing, as "listed__" from the parts.
    """
    return Q(**{f"{through}since__lte": at or timezone.now()})


class Published(models.Model):
    """What readers see from a moment on, until it is taken back.

    Once they saw it, its address never is as if it had not been: as long as it is not public
    (again), it answers 410 and tells the reason of the last time it was taken back.
    """

    published_at = models.DateTimeField(_("public since"), null=True, blank=True, editable=False)
    unpublished_at = models.DateTimeField(
        _("last taken back"), null=True, blank=True, editable=False
    )
    unpublished_reason = models.CharField(
        _("reason for readers"), max_length=500, blank=True, editable=False
    )

    class Meta:
        abstract = True


def taken_back_with_a_reason(name: str) -> list[models.BaseConstraint]:
    """The rules of `Published`, for the model of that name."""
    return [
        models.CheckConstraint(
            name=f"{name}_taken_back_has_a_reason",
            condition=Q(unpublished_at__isnull=True, unpublished_reason="")
            | Q(unpublished_at__isnull=False) & ~Q(unpublished_reason=""),
            violation_error_message=_("What is taken back from readers has a reason."),
        ),
        constraints.at_most(name, "unpublished_reason", 500),
    ]
