"""A warning before a new organisation is saved, if similar organisations are recorded."""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from partners.matching.duplicates import mark_as_different
from partners.matching.lookup import Candidate, similar_partners
from psf.staff.optimistic_locking import RecordForm

CONFIRMED = "is_another"  # the box that says: none of the candidates is this organisation


class PartnerForm(RecordForm):
    """Asks whether a new organisation is one of the similar recorded organisations."""

    duplicates: list[Candidate] = []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance.pk is None and data.get("name") and data.get("country"):
            website, number = data.get("website", ""), data.get("registry_number", "")
            self.duplicates = similar_partners(data["name"], data["country"], website, number)
        if self.duplicates and not self.is_confirmed():
            raise ValidationError(
                _("Not saved: this organisation may be recorded already. Check the list above.")
            )
        return data

    def is_confirmed(self) -> bool:
        return CONFIRMED in self.data

    def mark_duplicates_as_different(self, by: User) -> None:
        """Mark the saved organisation as different from all candidates shown."""
        for candidate in self.duplicates:
            mark_as_different(candidate.partner, self.instance, by)
