"""Pages that read an announcement into drafts, and that write the announcement of a call."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from partners.models import Country
from projects.announcements.admin.draft_forms import DraftForms, refuse_too_large
from projects.announcements.admin.paste_forms import (
    PasteForm,
    SaveDraftForm,
    WrittenForm,
)
from projects.announcements.country_names import Places
from projects.announcements.drafts import DraftCall, make_drafts
from projects.announcements.parsed_text import ParsedText
from projects.announcements.parser import parse_announcement
from projects.announcements.save import Publication, SavedRecords, save_drafts
from projects.announcements.writer import announced_call, announcement_context, announcement_text
from projects.models import Call, LineKind
from projects.permissions import VIEW_CALL, VIEW_PROJECT, may_decide
from psf.impact.preview import Impact, preview_impact
from psf.staff.pages import ListPage, RecordPage

NEEDED = [
    "projects.add_call",
    "projects.change_call",
    "projects.add_project",
    "projects.add_partnership",
    "partners.add_partner",
    "partners.add_partnername",
]


class ReadAnnouncementPage(ListPage):
    """Asks for a text, shows the text beside the draft that was read from it, saves the draft."""

    name = "announcement"
    label = gettext_lazy("Read an announcement…")
    template_name = "admin/projects/announcements/paste.html"

    def is_allowed(self) -> bool:
        return self.request.user.has_perms(NEEDED)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._ask_for_text(PasteForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = PasteForm(request.POST)
        if not form.is_valid():
            return self._ask_for_text(form)
        try:
            reading = parse_announcement(form.cleaned_data["text"])
            places = Places.from_database()
            drafts = make_drafts(reading, places, form.cleaned_data["call"])
            refuse_too_large(drafts)
        except ValidationError as error:
            form.add_error("text", error)
            return self._ask_for_text(form)
        data = request.POST if {"_save", "_confirm"} & request.POST.keys() else None
        draft = DraftForms(drafts, places, may_decide(request), data)
        problems: list[str] = []
        if data is not None and draft.is_valid():
            try:
                return self._save_or_show_impact(form, draft, reading)
            except ValidationError as error:
                problems = error.messages
        return self._show_draft(form, reading, draft, problems)

    def _ask_for_text(self, form: PasteForm) -> HttpResponseBase:
        form.cancel_url = self.url_of("changelist")
        return self.render(form=form)

    def _save_or_show_impact(
        self, form: PasteForm, draft: DraftForms, reading: ParsedText
    ) -> HttpResponseBase:
        """Save the draft. If readers would see a change, show the change first."""
        drafts, source = draft.apply(), form.source()
        if "_confirm" not in self.request.POST:
            impact = preview_impact(lambda: self._save_records(drafts, reading, source))
            if impact and any(impact):
                return self._show_draft(form, reading, draft, [], impact)
        return self._save(drafts, reading, source)

    def _show_draft(
        self,
        form: PasteForm,
        reading: ParsedText,
        draft: DraftForms,
        problems: Sequence[str],
        impact: Impact | None = None,
    ) -> HttpResponseBase:
        # Personal data were left out of the lines, so the page does not send them back.
        text = "\n".join(line.text for line in reading.lines)
        save_form = SaveDraftForm(initial={**form.cleaned_data, "text": text})
        save_form.cancel_url = self.url_of(self.name)
        save_form.changes_pages = impact is not None
        self.template_name = "admin/projects/announcements/draft.html"
        return self.render(
            title=_("Draft from an announcement"),
            crumbs=[(self.crumb(), self.url_of(self.name))],
            crumb=_("Draft"),
            form=save_form,
            sections=list(_sections(reading, draft)),
            not_understood=reading.not_understood(),
            problems=problems,
            impact=impact,
            has_errors=any(part.errors for part in draft.forms() if part.is_bound),
            countries=Country.objects.all(),
        )

    def _save_records(
        self, drafts: list[DraftCall], reading: ParsedText, source: Publication
    ) -> SavedRecords:
        return save_drafts(drafts, reading.lines, may_decide(self.request), self.user, source)

    def _save(
        self, drafts: list[DraftCall], reading: ParsedText, source: Publication
    ) -> HttpResponseBase:
        with transaction.atomic():
            saved = self._save_records(drafts, reading, source)
            self._log(saved)
        for sentence in saved.warnings:
            messages.warning(self.request, sentence)
        done = ngettext(
            "Saved as drafts: %(count)d project in %(calls)s. They are not public yet.",
            "Saved as drafts: %(count)d projects in %(calls)s. They are not public yet.",
            len(saved.projects),
        )
        calls = get_text_list([f"“{call}”" for call in saved.calls], _("and"))
        messages.success(self.request, done % {"count": len(saved.projects), "calls": calls})
        return redirect(self.url_of("change", saved.calls[0].pk))

    def _log(self, saved: SavedRecords) -> None:
        message = _("Read from an announcement.")
        for call in saved.calls:
            self.admin.log_change(self.request, call, message)
        for record in [*saved.projects, *saved.organisations]:
            self.admin.log_addition(self.request, record, message)


class WrittenAnnouncementPage(RecordPage[Call]):
    """The announcement of a decided call, as text and as HTML to copy."""

    name = "written"
    route = "announcement/"
    label = gettext_lazy("Announcement")
    heading = gettext_lazy("Announcement of “%(record)s”")
    template_name = "admin/projects/announcements/written.html"

    def is_allowed(self) -> bool:
        return self.request.user.has_perms([VIEW_CALL, VIEW_PROJECT])

    def is_offered(self) -> bool:
        return self.is_allowed() and hasattr(self.record, "decision")

    def context(self) -> Mapping[str, object]:
        try:
            announced = announced_call(self.record, self.record.projects.all())
        except ObjectDoesNotExist:
            raise Http404 from None
        places = Places.from_database()
        code = render_to_string(
            "projects/announcement_to_copy.html", announcement_context(announced, places)
        )
        form = WrittenForm(initial={"text": announcement_text(announced, places), "code": code})
        # Another template engine has escaped the code.
        return {"html": SafeString(code), "form": form}


def _sections(reading: ParsedText, draft: DraftForms) -> Iterator[dict[str, object]]:
    """The call and each project: the lines of the text, and the forms that were filled from them.

    A section without `rows` is the section of a call.
    """
    number = 0
    for index, call in enumerate(reading.calls):
        lines = [line for line in reading.lines if line.call == index]
        yield {
            "title": call.heading or _("The call"),
            "lines": [
                line for line in lines if line.project is None and line.kind != LineKind.BLANK
            ],
            "form": draft.calls[index],
        }
        for project in call.projects:
            form, rows = draft.projects[number]
            yield {
                "title": project.title or form.draft.working_title or _("A project"),
                "lines": [line for line in lines if line.project == number],
                "form": form,
                "rows": rows,
            }
            number += 1
