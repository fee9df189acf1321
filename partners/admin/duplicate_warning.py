"""A new organisation that looks like a recorded one: pointed out before it is saved."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from partners.matching.duplicates import mark_as_different
from partners.matching.lookup import Candidate, similar_partners
from psf.staff.optimistic_locking import RecordForm

CONFIRMED = "is_another"  # the box that somebody ticks to say that it is none of those


class PartnerForm(RecordForm):
    """Asks once, where recorded organisations look like a new one, whether it is one of them."""

    lookalikes: list[Candidate] = []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance.pk is None and data.get("name") and data.get("country"):
            also = [data.get(field, "") for field in ["website", "registry_number"]]
            self.lookalikes = similar_partners(data["name"], data["country"], *also)
        if self.lookalikes and not self.is_confirmed():
            raise ValidationError(
                _("This may be recorded already. Nothing is saved yet: look at the list above.")
            )
        return data

    def is_confirmed(self) -> bool:
        return CONFIRMED in self.data

    def remember(self, by: Any) -> None:
        """That it is none of those which were shown. After it was saved."""
        for found in self.lookalikes:
            mark_as_different(found.partner, self.instance, by)
