"""Forms for the text of an announcement: to paste it, and to save its draft."""

from typing import Any

from crispy_forms.layout import HTML, LayoutObject
from django import forms
from django.utils.translation import gettext as _, gettext_lazy

from projects.announcements.save import Publication
from projects.models import Call
from psf.staff.action_forms import Button, EmbeddedForm, StaffForm


class PasteForm(StaffForm):
    """The text of an announcement, and the call it belongs to if that call is recorded."""

    form_id = "announcement_form"
    button = gettext_lazy("Read the text")
    text = forms.CharField(
        label=gettext_lazy("Text of the announcement"),
        strip=False,  # lines are counted from the first
        widget=forms.Textarea(attrs={"rows": 20}),
        help_text=gettext_lazy(
            "As it was published, mistakes included. Addresses and telephone numbers are left out."
        ),
    )
    call = forms.ModelChoiceField(
        Call.objects.all(),
        label=gettext_lazy("Call"),
        required=False,
        empty_label=gettext_lazy("a new call, from the text"),
        help_text=gettext_lazy("Only the empty fields of an existing call are filled in."),
    )
    source_title = forms.CharField(
        label=gettext_lazy("Publisher and title"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Shown to readers as the source of the call and its projects."),
    )
    source_url = forms.URLField(
        label=gettext_lazy("Web address of the publication"),
        max_length=500,
        required=False,
        assume_scheme="https",
    )

    def source(self) -> Publication:
        return Publication(self.cleaned_data["source_title"], self.cleaned_data["source_url"])


class SaveDraftForm(PasteForm):
    """The same data, hidden beside the draft that was read from it."""

    form_id = "draft_form"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = field.hidden_widget()

    changes_pages = False  # whether the page shows what readers will see change

    def layout(self) -> list[str | LayoutObject]:
        return [*self.fields, HTML('{% include "admin/projects/announcements/_sections.html" %}')]

    def buttons(self) -> list[Button]:
        if self.changes_pages:
            return [Button(_("Save and change these pages"), "_confirm", is_default=True)]
        return [Button(_("Save the draft"), "_save", is_default=True)]


class WrittenForm(EmbeddedForm):
    """The announcement that was written from the records, to copy."""

    wide = ["text", "code"]
    text = forms.CharField(
        label=gettext_lazy("As text, to copy"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 20, "readonly": True}),
    )
    code = forms.CharField(
        label=gettext_lazy("As HTML, to copy"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "readonly": True}),
    )
