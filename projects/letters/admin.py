"""The outbox of a call: staff create its letters here, check, print and send them."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

from crispy_forms.layout import Hidden, LayoutObject
from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from projects.letters.compose import (
    as_pdf,
    correct_letter,
    correct_letters_like,
    create_letters,
    letters_of,
    outdated_letters,
    projects_without_letter,
    text_warnings,
)
from projects.letters.default_texts import add_default_texts
from projects.letters.outbox import cancel_letter, mark_as_sent, send_by_mail
from projects.models import Call, Letter, LetterKind
from projects.models.choices import LETTERS
from projects.permissions import TO_SEE
from projects.stages import CallStage
from psf.accounts.passwords import can_mail
from psf.staff.forms import Button, StaffForm
from psf.staff.pages import ActionPage, StaffPage

HAND, MAIL = "hand", "mail"


class CreateForm(StaffForm):
    can_create = has_texts = lacks_texts = False

    def buttons(self) -> list[Button]:
        create = Button(_("Create letters"), "_write", is_default=True)
        texts = Button(_("Use default texts"), "_texts", is_default=not self.has_texts)
        return [*([create] if self.can_create else []), *([texts] if self.lacks_texts else [])]


class OutboxPage(ActionPage):
    """All letters of the call. Staff create them here, or first the default texts for them."""

    name = "outbox"
    label = gettext_lazy("Letters…")
    heading = gettext_lazy("Letters of %(record)s")
    stage = CallStage.INFORM
    permission = TO_SEE["projects.letter"]
    template_name = "admin/projects/letters/outbox.html"
    fields = CreateForm
    stays = True
    record: Call

    def load(self) -> None:
        super().load()
        kinds = set(self.record.letter_templates.values_list("kind", flat=True))
        self.has_texts = bool(kinds)
        self.missing_texts = [kind.label for kind in LetterKind if kind not in kinds]
        self.without_letter = projects_without_letter(self.record)

    def prepare(self, form: CreateForm) -> None:
        form.has_texts, form.lacks_texts = self.has_texts, bool(self.missing_texts)
        needed = self.without_letter or letters_of(self.record).waiting()
        form.can_create = self.has_texts and bool(needed)

    def context(self) -> Mapping[str, object]:
        every = letters_of(self.record).select_related("project", "sent_by")
        outdated = outdated_letters(self.record)
        waiting = list(every.waiting())
        replaced = {letter.corrects_id for letter in waiting}
        wrong = [letter for letter in outdated if letter.project.status in LETTERS]
        return {
            "has_texts": self.has_texts,
            "missing_texts": self.missing_texts,
            "without_letter": self.without_letter,
            "waiting": waiting,
            "to_replace": [letter for letter in wrong if letter.pk not in replaced],
            "sent": [(letter, outdated.get(letter, "")) for letter in every.sent()],
            "cancelled": list(every.filter(cancelled_at__isnull=False)),
            "warnings": text_warnings(self.record),
        }

    def execute(self, form: CreateForm) -> str:
        if "_texts" in form.data:
            add_default_texts(self.record, self.user)
            return _("The call has the default texts now. Read them and adapt them.")
        count = len(create_letters(self.record, self.user))
        if not count:
            return _("No letter was created: the waiting letters agree with the records.")
        return ngettext(
            "%(count)d letter was created. It waits until somebody sends it.",
            "%(count)d letters were created. They wait until somebody sends them.",
            count,
        ) % {"count": count}


class MarkAllPage(ActionPage):
    """Mark all waiting letters as sent, once somebody has printed and sent them."""

    name = "mark_as_sent"
    breadcrumb = gettext_lazy("Mark all letters as sent")
    heading = gettext_lazy("Mark all letters of %(record)s as sent")
    permission = TO_SEE["projects.letter"]
    parent = OutboxPage
    template_name = "admin/projects/letters/mark_as_sent.html"
    button = gettext_lazy("Mark all as sent")
    record: Call

    def load(self) -> None:
        super().load()
        self.waiting = list(letters_of(self.record).waiting().select_related("project"))

    def version(self) -> str:
        return " ".join(str(letter.pk) for letter in self.waiting)

    def context(self) -> Mapping[str, object]:
        return {"waiting": self.waiting}

    def blockers(self) -> list[str]:
        return [] if self.waiting else [_("No letter is waiting.")]

    def execute(self, form: StaffForm) -> str:
        mark_as_sent(self.waiting, self.user)
        return _("The letters are marked as sent by hand.")


class LetterForm(StaffForm):
    """An action on one letter. `name` tells the forms of the page apart."""

    name: str

    def __init__(self, *sent: Any, letter: Letter, user: User, **kwargs: Any) -> None:
        super().__init__(*sent, **kwargs)
        self.letter, self.user = letter, user

    def layout(self) -> list[str | LayoutObject]:
        return [Hidden("act", self.name), *super().layout()]

    @abstractmethod
    def execute(self) -> str:
        """Carry the action out, and return a sentence that says so. Raises ValidationError."""


class SendForm(LetterForm):
    name = "send"
    way = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=[
            (MAIL, gettext_lazy("send it now by e-mail")),
            (HAND, gettext_lazy("I have sent it by hand")),
        ],
        initial=MAIL,
        widget=forms.RadioSelect,
    )
    address = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        required=False,
        help_text=gettext_lazy("Only for e-mail. It is kept with the letter."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not can_mail():
            del self.fields["way"], self.fields["address"]

    def buttons(self) -> list[Button]:
        label = _("Send the letter") if "way" in self.fields else _("Mark as sent")
        return [Button(label, is_default=True)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("way") == MAIL and not data.get("address") and "address" not in self.errors:
            self.add_error("address", _("Enter the address of the recipient."))
        return data

    def execute(self) -> str:
        if self.cleaned_data.get("way") == MAIL:
            address = self.cleaned_data["address"]
            send_by_mail(self.letter, self.user, address)
            return _("The letter was sent to %(address)s.") % {"address": address}
        mark_as_sent([self.letter], self.user)
        return _("The letter is marked as sent by hand.")


class CancelForm(LetterForm):
    name = "cancel"
    why = forms.CharField(label=gettext_lazy("Why it is not sent"), max_length=500)

    def buttons(self) -> list[Button]:
        return [Button(_("Cancel the letter"))]

    def execute(self) -> str:
        cancel_letter(self.letter, self.user, self.cleaned_data["why"])
        return _("The letter was cancelled.")


class CorrectForm(LetterForm):
    name = "correct"
    button = gettext_lazy("Create a replacement letter")
    reason = forms.CharField(
        label=gettext_lazy("Reason for the applicant"),
        max_length=500,
        help_text=gettext_lazy("One or two sentences. The new letter begins with them."),
    )
    is_for_all = forms.BooleanField(
        label=gettext_lazy("Also replace all other sent letters of this kind, for this reason"),
        required=False,
        help_text=gettext_lazy("Such as after a wrong text. First correct the text of the call."),
    )

    def execute(self) -> str:
        reason = self.cleaned_data["reason"]
        if self.cleaned_data["is_for_all"]:
            count = correct_letters_like(self.letter, self.user, reason)
            return _("Replacement letters that wait now: %(count)d.") % {"count": count}
        correct_letter(self.letter, self.user, reason)
        return _("The replacement letter was created. It waits until somebody sends it.")


class SingleLetterPage(StaffPage):
    """Loads the letter that the address names."""

    permission = TO_SEE["projects.letter"]
    record: Call

    def load(self) -> None:
        super().load()
        rows = letters_of(self.record).select_related("project", "made_by", "sent_by")
        number = self.kwargs["number"]
        letter = rows.filter(pk=number).first() if number < 2**63 else None
        if letter is None:
            raise Http404
        self.letter = letter


class LetterPage(SingleLetterPage):
    name = "letter"
    route = "letter/<int:number>/"
    parent = OutboxPage
    template_name = "admin/projects/letters/letter.html"

    def crumb(self) -> str:
        return self.letter.project.reference

    def title(self) -> str:
        return f"{self.letter.project.reference}: {self.letter.get_kind_display()}"

    def context(self) -> Mapping[str, object]:
        return {"letter": self.letter}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(forms=self.forms())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        forms = self.forms()
        form = next((form for form in forms if form.is_bound), None)
        if form is not None and form.is_valid():
            try:
                messages.success(request, form.execute())
                return redirect(self.url_of(OutboxPage.name))
            except ValidationError as error:
                form.add_error(None, error)
        if form is None:
            messages.error(request, _("Nothing was done: this letter has changed. Check it again."))
        return self.render(forms=forms, has_errors=True)

    def forms(self) -> list[LetterForm]:
        """A form for each possible action on the letter. A submitted form is bound."""
        classes: list[type[LetterForm]] = []
        if self.letter.waits():
            classes = [SendForm, CancelForm]
        elif letters_of(self.record).last_sent().filter(pk=self.letter.pk).exists():
            classes = [CorrectForm]
        sent = self.request.POST
        return [
            form_class(
                sent if sent.get("act") == form_class.name else None,
                auto_id=f"id_{form_class.name}_%s",
                letter=self.letter,
                user=self.user,
            )
            for form_class in classes
        ]


class LetterPdf(SingleLetterPage):
    name = "letter_pdf"
    route = "letter/<int:number>/pdf/"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _pdf([self.letter], f"{self.letter.project.reference.replace('/', '-')}.pdf")


class LettersPdf(StaffPage):
    """All waiting letters of the call in one file, or all sent ones."""

    name = "letters_pdf"
    route = "letters/<slug:which>/pdf/"
    permission = TO_SEE["projects.letter"]
    record: Call

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        every = letters_of(self.record).select_related("project")
        which = kwargs["which"]
        rows = {"waiting": every.waiting(), "sent": every.sent()}.get(which, every.none())
        if not rows:
            raise Http404
        return _pdf(rows, f"{self.record.slug}-{which}.pdf")


LETTER_PAGES = [OutboxPage, MarkAllPage, LetterPage, LetterPdf, LettersPdf]


def _pdf(rows: Iterable[Letter], name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(as_pdf(list(rows)), content_type="application/pdf", headers=headers)
