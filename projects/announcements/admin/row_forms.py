"""The form in which staff correct one partner of a parsed announcement."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from partners.matching.lookup import recognise, similar_partners
from partners.models import Country, Partner, PartnerKind
from projects.announcements.country_names import Places
from projects.announcements.drafts import PartnerDraft
from projects.announcements.organisation_names import (
    in_language,
    is_cut_off,
    names_joined_by_slashes,
    needs_its_country,
)
from projects.models import Role
from psf.staff.action_forms import EmbeddedForm

NEW = "new"


class RowDraftForm(EmbeddedForm):
    """One partner: the organisation, and the country for which it takes part."""

    wide = ["name", "whole_name", "partner"]

    field_order = ["name", "split", "whole_name", "partner", "country", "role", "kind"]

    country = forms.CharField(
        label=gettext_lazy("Country"),
        required=False,
        widget=forms.TextInput(attrs={"list": "countries"}),
    )
    name = forms.CharField(label=gettext_lazy("Name as published"), max_length=300, required=False)
    split = forms.BooleanField(label=gettext_lazy("Record as several names"), required=False)
    whole_name = forms.CharField(
        label=gettext_lazy("Full name (only for a new organisation)"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("The name as published is kept too."),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
    partner = forms.ChoiceField(label=gettext_lazy("Organisation"))
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind (only for a new organisation)"), choices=PartnerKind.choices
    )

    def __init__(self, *args: Any, draft: PartnerDraft, places: Places, **kwargs: Any) -> None:
        self.draft, self.places = draft, places
        recognised, similar = _recorded(draft)
        kwargs["initial"] = {
            "country": places.name_of(draft.country) if draft.country else "",
            "name": draft.name,
            "role": draft.role,
            "partner": str(recognised.pk) if recognised else NEW,
            "kind": draft.kind,
        }
        super().__init__(*args, **kwargs)
        self.names = names_joined_by_slashes(draft.name or "")
        self._leave_out_needless_fields(draft.name or "")
        self.similar = [partner.pk for partner in similar]
        offered = [*filter(None, [recognised]), *similar]
        choices = {str(partner.pk): str(partner) for partner in offered}
        new = _("a new organisation") if draft.name else _("only the country is known")
        field = self.fields["partner"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*choices.items(), (NEW, new)]
        if recognised:
            field.help_text = _("Recognised by its name.")
        elif similar:
            field.help_text = _(
                "Organisations with a similar name are recorded. Is it one of them?"
            )

    def _leave_out_needless_fields(self, name: str) -> None:
        if self.names:
            names = ", ".join(in_language(part) for part in self.names)
            self.fields["split"].help_text = _("Names of one organisation: %(names)s.") % {
                "names": names
            }
        else:
            del self.fields["split"]
        if not name or not (is_cut_off(name) or needs_its_country(name)):
            del self.fields["whole_name"]

    def clean_country(self) -> str | None:
        text = self.cleaned_data["country"].strip()
        code = self.places.code_of(text)
        if text and not code:
            raise ValidationError(
                _("“%(words)s” is not a known country: use the English name.") % {"words": text}
            )
        return code

    def apply(self) -> None:
        data = self.cleaned_data
        self.draft.country = data["country"]
        self.draft.name = data["name"] or None
        self.draft.role, self.draft.kind = data["role"], data["kind"]
        is_new = data["partner"] == NEW
        self.draft.partner = None if is_new else int(data["partner"])
        self.draft.unlike = self.similar if is_new else []
        self.draft.split = self.names if data.get("split") else []
        self.draft.whole_name = data.get("whole_name", "")


def _recorded(row: PartnerDraft) -> tuple[Partner | None, list[Partner]]:
    """Return the organisation with the name of the row, and similar ones, the likeliest first."""
    if not row.name or not row.country:
        return None, []
    country = Country(pk=row.country)
    names = [row.name, *names_joined_by_slashes(row.name)]
    recognised = next(filter(None, (recognise(name, country) for name in names)), None)
    similar = {
        match.partner.pk: match.partner
        for name in names
        for match in similar_partners(name, country, exclude=recognised)
    }
    return recognised, list(similar.values())
