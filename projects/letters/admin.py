"""The outbox of a call: its letters are written here, looked at, printed and sent."""

from abc import abstractmethod
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from projects import letters
from projects.models import Call, Letter, LetterKind
from projects.permissions import may_decide
from projects.stages import CallStage
from psf.staff.pages import PreviewedAdmin
from psf.staff.records import Tool

HAND, MAIL = "hand", "mail"


class LetterAct(forms.Form):
    """What somebody does with one letter."""

    button: ClassVar[Any]

    @abstractmethod
    def carry_out(self, letter: Letter, by: Any) -> str:
        """Do it, and say in a sentence what was done."""


class SendForm(LetterAct):
    button = gettext_lazy("It is sent")
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
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not letters.can_mail():
            del self.fields["way"], self.fields["address"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("way") == MAIL and not data.get("address") and "address" not in self.errors:
            self.add_error("address", _("Say to whom it goes."))
        return data

    def carry_out(self, letter: Letter, by: Any) -> str:
        if self.cleaned_data.get("way") == MAIL:
            address = self.cleaned_data["address"]
            letters.send_by_mail(letter, by, address)
            return _("The letter was sent to %(address)s.") % {"address": address}
        letters.mark_as_sent([letter], by)
        return _("The letter is marked as sent by hand.")


class CancelForm(LetterAct):
    button = gettext_lazy("Do not send it")
    why = forms.CharField(label=gettext_lazy("Why it is not sent"), max_length=500)

    def carry_out(self, letter: Letter, by: Any) -> str:
        letters.cancel(letter, by, self.cleaned_data["why"])
        return _("The letter was cancelled.")


class CorrectForm(LetterAct):
    button = gettext_lazy("Write a letter that takes its place")
    reason = forms.CharField(
        label=gettext_lazy("Why, for the applicant"),
        max_length=500,
        help_text=gettext_lazy("One or two sentences. The new letter begins with them."),
    )

    def carry_out(self, letter: Letter, by: Any) -> str:
        letters.correct(letter, by, self.cleaned_data["reason"])
        return _("A letter that takes the place of the other one waits now.")


class LettersAdmin(PreviewedAdmin):
    """Adds to a call's pages those of its letters."""

    def get_urls(self) -> list[Any]:
        found: list[tuple[str, Any, str]] = [
            ("letters/<slug:which>/pdf/", self.letters_pdf_view, "letters_pdf"),
            ("letter/<int:number>/", self.letter_view, "letter"),
            ("letter/<int:number>/pdf/", self.letter_pdf_view, "letter_pdf"),
        ]
        return [
            self.page("outbox", self.outbox_view),
            self.page("send_letters", self.send_letters_view),
            *(
                path(
                    f"<path:object_id>/{address}",
                    self.admin_site.admin_view(view),
                    name=self.url_name(name),
                )
                for address, view, name in found
            ),
            *super().get_urls(),
        ]

    def tools(self, request: HttpRequest, obj: Call) -> list[Tool]:
        tools = super().tools(request, obj)
        if may_decide(request):
            tools.append(Tool(_("Letters…"), self.url_of("outbox", obj), CallStage.DECISION))
        return tools

    def outbox_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """All letters of the call; writes those that are lacking, and our texts for them."""
        call = self._call_of_letters(request, object_id)
        problems: list[str] = []
        if request.method == "POST":
            try:
                self.message_user(request, self._write(request, call), messages.SUCCESS)
                return redirect(self.url_of("outbox", call))
            except ValidationError as error:
                problems = error.messages
        every = letters.letters_of(call).select_related("project", "sent_by")
        untrue = letters.untrue(call)
        there = set(call.letter_templates.values_list("kind", flat=True))
        context = {
            "title": _("Letters of %(call)s") % {"call": call},
            "problems": problems,
            "lacking": [kind.label for kind in LetterKind if kind not in there],
            "has_texts": bool(there),
            "untold": letters.untold(call),
            "waiting": every.waiting(),
            "sent": [(letter, untrue.get(letter, "")) for letter in every.sent()],
            "cancelled": every.filter(cancelled_at__isnull=False),
        }
        return self._letters_page(request, call, "outbox", context)

    def _write(self, request: HttpRequest, call: Call) -> str:
        if "_texts" in request.POST:
            letters.add_our_texts(call, request.user)
            return _("Our texts are with the call now. Read them and make them yours.")
        count = len(letters.write_letters(call, request.user))
        return ngettext(
            "%(count)d letter was written. It waits until somebody sends it.",
            "%(count)d letters were written. They wait until somebody sends them.",
            count,
        ) % {"count": count}

    def send_letters_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Says of all letters that wait that somebody has printed and sent them."""
        call = self._call_of_letters(request, object_id)
        waiting = list(letters.letters_of(call).waiting().select_related("project"))
        version = " ".join(str(letter.pk) for letter in waiting)
        form = forms.Form(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                if request.POST.get("version") != version:
                    raise ValidationError(
                        _("What you were shown has changed, so nothing was done: look at it again.")
                    )
                letters.mark_as_sent(waiting, request.user)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                done = _("The letters are marked as sent by hand.")
                self.message_user(request, done, messages.SUCCESS)
                return redirect(self.url_of("outbox", call))
        context = {
            "title": _("Mark all letters of %(call)s as sent") % {"call": call},
            "form": form,
            "waiting": waiting,
            "version": version,
        }
        return self._letters_page(request, call, "send_letters", context)

    def letter_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """One letter, and what can be done with it."""
        call = self._call_of_letters(request, object_id)
        letter = self._letter(call, number)
        acts = self._acts(request, call, letter)
        form = acts.get(request.POST.get("act", ""))
        if request.method == "POST" and form is not None and form.is_valid():
            try:
                done = form.carry_out(letter, request.user)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                self.message_user(request, done, messages.SUCCESS)
                return redirect(self.url_of("outbox", call))
        context = {
            "title": f"{letter.project.reference}: {letter.get_kind_display()}",
            "letter": letter,
            "acts": acts,
            "has_errors": form is not None and bool(form.errors),
        }
        return self._letters_page(request, call, "letter", context)

    def _acts(self, request: HttpRequest, call: Call, letter: Letter) -> dict[str, LetterAct]:
        kinds: dict[str, type[LetterAct]] = {}
        if letter.waits():
            kinds = {"send": SendForm, "cancel": CancelForm}
        elif letters.letters_of(call).told_last().filter(pk=letter.pk).exists():
            kinds = {"correct": CorrectForm}
        chosen = request.POST.get("act", "")
        return {
            name: kind(request.POST if name == chosen else None, auto_id=f"id_{name}_%s")
            for name, kind in kinds.items()
        }

    def letter_pdf_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        letter = self._letter(self._call_of_letters(request, object_id), number)
        return _pdf([letter], f"{letter.project.reference.replace('/', '-')}.pdf")

    def letters_pdf_view(self, request: HttpRequest, object_id: str, which: str) -> HttpResponse:
        """All letters of the call that wait, or all that were sent, to be printed."""
        call = self._call_of_letters(request, object_id)
        every = letters.letters_of(call).select_related("project")
        chosen = {"waiting": every.waiting(), "sent": every.sent()}.get(which)
        found = list(chosen) if chosen is not None else []
        if not found:
            raise Http404
        return _pdf(found, f"{call.slug}-{which}.pdf")

    def _call_of_letters(self, request: HttpRequest, object_id: str) -> Call:
        if not may_decide(request):
            raise PermissionDenied
        return self.record_or_404(request, object_id)

    def _letter(self, call: Call, number: int) -> Letter:
        found = letters.letters_of(call).select_related("project", "made_by", "sent_by")
        letter = found.filter(pk=number).first() if number < 2**63 else None
        if letter is None:
            raise Http404
        return letter

    def _letters_page(
        self, request: HttpRequest, call: Call, page: str, context: dict[str, Any]
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "original": call}
        return TemplateResponse(request, f"admin/projects/letters/{page}.html", shared | context)


def _pdf(found: list[Letter], name: str) -> HttpResponse:
    response = HttpResponse(letters.as_pdf(found), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
