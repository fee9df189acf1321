"""The letters of a call: one table, the opened letter beside it, and what is done with letters."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from projects.letters.compose import (
    as_pdf,
    correct_letter,
    correct_letters_like,
    create_letters,
    letters_of,
    letters_that_change,
    projects_without_letter,
    text_warnings,
)
from projects.letters.default_texts import add_default_texts
from projects.letters.outbox import cancel_letter, edit_letter, mark_as_sent, send_by_mail
from projects.letters.table import LetterRow, State, letter_rows
from projects.models import Call, Letter, LetterKind
from projects.models.choices import LETTERS
from projects.permissions import TO_SEE
from projects.stages import CallStage
from psf.database.record_version import fingerprint
from psf.exports.files import DataTable
from psf.staff.download import table_file
from psf.staff.forms import Button, StaffForm
from psf.staff.pages import ActionPage, StaffPage
from psf.staff.widgets import LongTextField
from psf.text.mails import can_mail

HAND, MAIL = "hand", "mail"


class CreateForm(StaffForm):
    can_create = has_texts = lacks_texts = False

    def buttons(self) -> list[Button]:
        create = Button(_("Create letters"), "_write", is_default=True)
        texts = Button(_("Use default texts"), "_texts", is_default=not self.has_texts)
        return [*([create] if self.can_create else []), *([texts] if self.lacks_texts else [])]


class OutboxPage(ActionPage):
    """All letters of the call as a table, with one of them. Letters and texts are made here."""

    name = "outbox"
    label: ClassVar[str | Promise] = gettext_lazy("Letters…")
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
        self.missing_texts = [kind.label for kind in LetterKind if kind not in kinds]
        self.has_texts = bool(kinds)
        self.rows = letter_rows(self.record)
        self.without_letter = projects_without_letter(self.record)
        known = {"state": State.values, "kind": LetterKind.values}
        query = self.request.GET
        self.chosen = {name: query[name] for name in known if query.get(name) in known[name]}

    def prepare(self, form: CreateForm) -> None:
        form.has_texts, form.lacks_texts = self.has_texts, bool(self.missing_texts)
        is_old = any(row.state == State.OUTDATED and row.letter.waits() for row in self.rows)
        form.can_create = self.has_texts and bool(self.without_letter or is_old)
        form.is_blocked = not form.buttons()

    def listed(self, **chosen: str) -> list[LetterRow]:
        state, kind = chosen.get("state"), chosen.get("kind")
        return [
            row
            for row in self.rows
            if state in (None, row.state) and kind in (None, row.letter.kind)
        ]

    def choices(self, name: str, options: type[TextChoices]) -> list[dict[str, object]]:
        """The links that narrow the list by state, or by kind, each with its number."""
        others = {key: value for key, value in self.chosen.items() if key != name}
        links = [(others, _("All")), *(({**others, name: o.value}, o.label) for o in options)]
        return [
            {"query": urlencode(query), "label": label, "number": number, "is_here": is_here}
            for query, label in links
            for number, is_here in [(len(self.listed(**query)), query == self.chosen)]
            if number or is_here or query == others
        ]

    def context(self) -> Mapping[str, object]:
        rows = self.listed(**self.chosen)
        opened = self.request.GET.get("letter", "")
        places = [place for place, row in enumerate(rows) if str(row.letter.pk) == opened]
        place = places[0] if places else 0
        open_row = rows[place] if rows else None
        newer = open_row.letter.corrected_by.filter(cancelled_at=None) if open_row else []
        return {
            "has_texts": self.has_texts,
            "missing_texts": self.missing_texts,
            "without_letter": self.without_letter,
            "rows": rows,
            "states": self.choices("state", State),
            "kinds": self.choices("kind", LetterKind),
            "query": urlencode(self.chosen),
            "row": open_row,
            "can_replace": open_row is not None and can_replace(open_row.letter),
            "replaced_by": next(iter(newer), None),
            "before": rows[place - 1].letter if place else None,
            "after": rows[place + 1].letter if place + 1 < len(rows) else None,
            "ready": sum(row.is_ready for row in rows),
            "warnings": text_warnings(self.record),
            "form_mails": self.record.form_mails.waiting().count(),
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


class LettersTable(OutboxPage):
    """The letters that the list shows, as a file."""

    name = "letters_table"
    route = "letters/<slug:suffix>/"
    label = ""
    http_method_names = ["get"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        heads = [_("Application"), _("Kind"), _("Lead partner"), _("E-mail address"), _("State")]
        rows = [
            [
                row.letter.project.reference,
                row.letter.get_kind_display(),
                row.whom,
                row.recipient,
                str(row.state.label),
                row.note,
            ]
            for row in self.listed(**self.chosen)
        ]
        name = f"{self.record.slug}-letters"
        return table_file(kwargs["suffix"], DataTable(name, [*heads, _("Note")], rows))


def can_replace(letter: Letter) -> bool:
    """Whether the letter is the last one that was sent, and the application has an outcome."""
    last = Letter.objects.last_sent().filter(pk=letter.pk, project__status__in=LETTERS)
    return last.exclude(corrected_by__in=Letter.objects.waiting()).exists()


class ChosenLetters(StaffPage):
    """A page about the letters that were ticked or the address names, or else all waiting ones."""

    permission = TO_SEE["projects.letter"]
    parent = OutboxPage
    record: Call

    def load(self) -> None:
        super().load()
        request = self.request
        chosen = request.POST.getlist("letter") or request.GET.getlist("letter")
        self.rows = [
            row
            for row in letter_rows(self.record)
            if (str(row.letter.pk) in chosen if chosen else row.letter.waits())
        ]
        self.letters = [row.letter for row in self.rows]


class SendForm(StaffForm):
    letter = forms.Field(widget=forms.MultipleHiddenInput, required=False)
    way = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=[
            (MAIL, gettext_lazy("send them now by e-mail")),
            (HAND, gettext_lazy("they were sent by hand: only mark them as sent")),
        ],
        initial=MAIL,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not can_mail():
            del self.fields["way"]

    def buttons(self) -> list[Button]:
        label = _("Send these letters") if "way" in self.fields else _("Mark as sent by hand")
        return [Button(label, is_default=True)]


class SendPage(ChosenLetters, ActionPage):
    """Send the chosen letters, after a list of whom. Sent and outdated letters are left out."""

    name = "send_letters"
    breadcrumb = gettext_lazy("Send letters")
    heading = gettext_lazy("Send letters of %(record)s")
    template_name = "admin/projects/letters/send.html"
    fields = SendForm

    def load(self) -> None:
        super().load()
        self.rows = [row for row in self.rows if row.can_be_sent]
        self.letters = [row.letter for row in self.rows]

    def prepare(self, form: SendForm) -> None:
        form.initial["letter"] = [letter.pk for letter in self.letters]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The ticked letters are listed first. Their number is too large for an address."""
        if "version" in request.POST:
            return super().post(request, *args, **kwargs)
        form = SendForm()
        self.prepare(form)
        return self.render(form=form)

    def version(self) -> str:
        words = ["subject", "text", "letterhead"]
        letters = [f"{row.recipient} {fingerprint(row.letter, words)}" for row in self.rows]
        return sha256(" ".join(letters).encode()).hexdigest()

    def context(self) -> Mapping[str, object]:
        return {"rows": self.rows}

    def blockers(self) -> list[str]:
        return [] if self.rows else [_("No letter can be sent.")]

    def execute(self, form: SendForm) -> str:
        if blockers := self.blockers():
            raise ValidationError(blockers)
        if form.cleaned_data.get("way") == MAIL:
            count = send_by_mail(self.letters, self.user)
            return ngettext("%(count)d letter was sent.", "%(count)d letters were sent.", count) % {
                "count": count
            }
        mark_as_sent(self.letters, self.user)
        return _("The letters are marked as sent by hand.")


class LettersPdf(ChosenLetters):
    """The chosen letters in one file."""

    name = "letters_pdf"
    route = "letters/pdf/"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.letters:
            raise Http404
        name = self.record.slug
        if len(self.letters) == 1:
            name = self.letters[0].project.reference.replace("/", "-")
        headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
        return HttpResponse(as_pdf(self.letters), content_type="application/pdf", headers=headers)

    post = get


class LetterPage(ActionPage):
    """An action on the letter that the address names."""

    permission = TO_SEE["projects.letter"]
    parent = OutboxPage
    record: Call

    def load(self) -> None:
        super().load()
        number = self.kwargs["number"]
        letters = letters_of(self.record).select_related("project")
        letter = letters.filter(pk=number).first() if number < 2**63 else None
        if letter is None:
            raise Http404
        self.letter = letter

    def record_name(self) -> str:
        return f"{self.letter.project.reference}, {self.letter.get_kind_display()}"

    def opened(self) -> Letter:
        """The letter that the next page shows."""
        return self.letter

    def success_url(self) -> str:
        return f"{super().success_url()}?letter={self.opened().pk}"

    def blockers(self) -> list[str]:
        return [] if self.letter.waits() else [_("This letter is no longer waiting.")]


class EditForm(StaffForm):
    button = gettext_lazy("Save the letter")
    address = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        required=False,
        help_text=gettext_lazy("For this letter only. Empty: the contact person on record."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=700)
    text = LongTextField(
        20,
        label=gettext_lazy("Text"),
        max_length=20000,
        help_text=gettext_lazy("Empty lines separate paragraphs."),
    )


class EditPage(LetterPage):
    name = "edit_letter"
    route = "letter/<int:number>/"
    breadcrumb = gettext_lazy("Edit the letter")
    heading = gettext_lazy("Edit the letter: %(record)s")
    fields = EditForm

    def version(self) -> str:
        return fingerprint(self.letter, ["subject", "text", "address"])

    def prepare(self, form: EditForm) -> None:
        for name, field in form.fields.items():
            field.initial = getattr(self.letter, name)

    def execute(self, form: EditForm) -> str:
        edit_letter(self.letter, self.user, **form.cleaned_data)
        return _("The letter was saved.")


class CancelForm(StaffForm):
    button = gettext_lazy("Cancel the letter")
    why = forms.CharField(label=gettext_lazy("Why it is not sent"), max_length=500)


class CancelPage(LetterPage):
    name = "cancel_letter"
    route = "letter/<int:number>/cancel/"
    breadcrumb = gettext_lazy("Cancel the letter")
    heading = gettext_lazy("Cancel the letter: %(record)s")
    fields = CancelForm
    cancel_label = gettext_lazy("Keep the letter")

    def execute(self, form: CancelForm) -> str:
        cancel_letter(self.letter, self.user, form.cleaned_data["why"])
        return _("The letter was cancelled.")


class ReplaceForm(StaffForm):
    button = gettext_lazy("Create a replacement letter")
    reason = forms.CharField(
        label=gettext_lazy("Reason for the applicant"),
        max_length=500,
        help_text=gettext_lazy("One or two sentences. The new letter begins with them."),
    )
    is_for_all = forms.BooleanField(
        label=gettext_lazy("Also replace the other sent letters of this kind, for this reason"),
        required=False,
    )


class ReplacePage(LetterPage):
    name = "replace_letter"
    route = "letter/<int:number>/replace/"
    breadcrumb = gettext_lazy("Replace the letter")
    heading = gettext_lazy("Replace the letter: %(record)s")
    fields = ReplaceForm

    def prepare(self, form: ReplaceForm) -> None:
        count, field = len(letters_that_change(self.letter)), form.fields["is_for_all"]
        words = _(
            "First correct the text of the call. Letters that would change now: %(count)d. All "
            "others stay as they are."
        )
        field.disabled, field.help_text = not count, words % {"count": count}

    def blockers(self) -> list[str]:
        return [] if self.letter.sent_at else [_("This letter was not sent.")]

    def execute(self, form: ReplaceForm) -> str:
        reason = form.cleaned_data["reason"]
        if form.cleaned_data["is_for_all"]:
            count = correct_letters_like(self.letter, self.user, reason)
            return _("Replacement letters that wait now: %(count)d.") % {"count": count}
        correct_letter(self.letter, self.user, reason)
        return _("The replacement letter was created. It waits until somebody sends it.")

    def opened(self) -> Letter:
        """The new letter, which somebody reads next."""
        return self.letter.corrected_by.waiting().first() or self.letter


LETTER_PAGES = [
    OutboxPage,
    SendPage,
    LettersPdf,
    LettersTable,
    EditPage,
    CancelPage,
    ReplacePage,
]
