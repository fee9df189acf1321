from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from partners.models.organisations import Partner, PartnerQuerySet
from partners.participation import participation


class LeadPartnerQuerySet(PartnerQuerySet):
    def public(self, at: datetime | None = None) -> Self:
        """The lead partners of public projects."""
        return self.filter(
            Exists(
                participation().public_participations(at).leading().filter(partner=OuterRef("pk"))
            )
        )


class LeadPartnerManager(models.Manager.from_queryset(LeadPartnerQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> LeadPartnerQuerySet:
        return super().get_queryset().leading()


class LeadPartner(Partner):
    """An organisation as lead of a project; the same record as the `Partner`."""

    objects = LeadPartnerManager()  # type: ignore[misc]

    class Meta:
        proxy = True
        verbose_name = _("lead partner")
        verbose_name_plural = _("lead partners")
