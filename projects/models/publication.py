"""The definition of a public project, as conditions of queries.

A project is public from its `published_at` on if its call is public too.
"""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from psf.database.constraints import FieldCheck


def is_public(at: datetime | None = None, through: str = "") -> Q:
    """The condition that rows belong to a public project at a moment (`at`, or now).

    `through` leads from the rows to their project, such as "project__" from partnerships.
    """
    at = at or timezone.now()
    return Q(**{f"{through}published_at__lte": at, f"{through}call__published_at__lte": at})


def was_published(through: str = "") -> Q:
    """The condition that records are public or scheduled, or were public; `through` leads there."""
    published = Q(**{f"{through}published_at__isnull": False})
    return published | Q(**{f"{through}unpublished_at__isnull": False})


def public_since(through: str = "") -> Greatest:
    """The moment from which rows of public projects are public; `through` as above."""
    return Greatest(f"{through}published_at", f"{through}call__published_at")


class Published(models.Model):
    """A record that is public from a moment on, until it is unpublished.

    The address of a record that was public returns 410 with the last reason, until the record is
    public again.
    """

    published_at = models.DateTimeField(_("public since"), null=True, blank=True, editable=False)
    unpublished_at = models.DateTimeField(
        _("last unpublished"), null=True, blank=True, editable=False
    )
    unpublished_reason = models.CharField(
        _("reason for readers"), max_length=500, blank=True, editable=False
    )

    class Meta:
        abstract = True

    def is_public(self, at: datetime | None = None) -> bool:
        """The rule of `public()` for a loaded record. Others are public with their call only."""
        at = at or timezone.now()
        call = getattr(self, "call", self)
        is_published = self.published_at is not None and self.published_at <= at
        return is_published and (call is self or call.is_public(at))

    def public_from(self) -> datetime | None:
        """The moment when readers first see the record; None if none is chosen.

        Decisions and projects do not become public before their call, as in `public_since()`.
        """
        of_call = getattr(self, "call", self).published_at
        return max(self.published_at, of_call) if self.published_at and of_call else None

    def scheduled_for(self) -> datetime | None:
        """The moment of `public_from()`, if it is still to come."""
        moment = self.public_from()
        return moment if moment and moment > timezone.now() else None


def unpublished_has_reason(name: str) -> models.CheckConstraint:
    """The constraint of `Published` for a model name."""
    return FieldCheck(
        ["unpublished_at", "unpublished_reason"],
        lambda unpublished_at, reason: bool(unpublished_at) == bool(reason),
        name=f"{name}_unpublished_has_a_reason",
        condition=Q(unpublished_at__isnull=True, unpublished_reason="")
        | Q(unpublished_at__isnull=False) & ~Q(unpublished_reason=""),
        violation_error_message=_("Give a reason for unpublishing the record."),
    )
