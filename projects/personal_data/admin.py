"""The admin page that finds and erases the data of a person. The name is never in an address."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from projects.permissions import DECIDE
from projects.personal_data.mentions import Mention, erase_person, find_mentions
from psf.staff.forms import Button, StaffForm
from psf.staff.pages import ActionPage

PERMISSIONS = ["auth.delete_user", "projects.delete_contact", DECIDE]


class PersonForm(StaffForm):
    text = forms.CharField(
        label=gettext_lazy("Name, e-mail address or telephone number"),
        min_length=4,
        max_length=200,
        help_text=gettext_lazy("Enter one of them, written as in the records."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    mentions: list[Mention] | None = None

    def buttons(self) -> list[Button]:
        erasable = any(mention.is_erased for mention in self.mentions or [])
        erase = [Button(_("Erase contact persons and letters"), "erase")] if erasable else []
        return [*super().buttons(), *erase]


class PersonalDataPage(ActionPage):
    of_record = False
    name = "personal_data"
    label = gettext_lazy("Personal data…")
    template_name = "admin/projects/personal_data/find_person.html"
    fields = PersonForm
    button = gettext_lazy("Search")

    def is_allowed(self) -> bool:
        return self.user.has_perms(PERMISSIONS)

    def version(self) -> str:
        """The searched text: only what the page has found is erased."""
        return self.request.POST.get("text", "").strip()

    def cancel_url(self) -> str:
        return self.url_of("changelist")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Search; or erase, and list what still names the person."""
        form = self.form()
        if not form.is_valid():
            return self.render(form=form)
        text = form.cleaned_data["text"]
        if "erase" in request.POST and request.POST.get("version") == self.version():
            self.report(self.execute(form))
        elif "erase" in request.POST:
            form.add_error("text", _("Nothing was erased: this is another text. Check the list."))
        form.mentions = find_mentions(text)
        return self.render(form=form, mentions=form.mentions)

    def execute(self, form: PersonForm) -> str:
        erasure = erase_person(form.cleaned_data["text"], self.user)
        deleted = ngettext(
            "%(count)d contact person deleted.",
            "%(count)d contact persons deleted.",
            erasure.contacts,
        )
        redacted = ngettext(
            "%(count)d letter redacted.", "%(count)d letters redacted.", erasure.letters
        )
        counts = [(deleted, erasure.contacts), (redacted, erasure.letters)]
        done = [words % {"count": count} for words, count in counts if count]
        return " ".join(done) or _("Addresses and the history of letters were erased.")
