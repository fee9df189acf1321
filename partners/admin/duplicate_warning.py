"""A warning before a new organisation is saved, if similar organisations are recorded."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from partners.matching.duplicates import mark_as_different
from partners.matching.lookup import Candidate, similar_partners
from psf.staff.forms import RecordForm


class PartnerForm(RecordForm):
    """Asks whether a new organisation is one of the similar recorded organisations."""

    duplicates: list[Candidate] = []
    # Shown with the candidates only.
    is_another = forms.BooleanField(
        label=gettext_lazy("None of these: this is another organisation"), required=False
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance.pk is None and data.get("name") and data.get("country"):
            website, number = data.get("website", ""), data.get("registry_number", "")
            self.duplicates = similar_partners(data["name"], data["country"], website, number)
        if self.duplicates and not data.get("is_another"):
            raise ValidationError(
                _("Not saved: this organisation may be recorded already. Check the list above.")
            )
        return data

    def mark_duplicates_as_different(self, by: User) -> None:
        """Mark the saved organisation as different from all candidates shown."""
        for candidate in self.duplicates:
            mark_as_different(candidate.partner, self.instance, by)
