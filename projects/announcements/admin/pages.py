"""Pages beside the calls: an announcement that is read, and one that is written."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from partners.models import Country
from projects.announcements.admin.draft_forms import Draft, PasteForm, refuse_too_large
from projects.announcements.country_names import Places
from projects.announcements.drafts import drafts_of
from projects.announcements.parsed import Reading
from projects.announcements.parser import read_announcement
from projects.announcements.save import Given, Saved, save
from projects.announcements.writer import as_context, as_text, told
from projects.models import Call, LineKind, Project
from projects.permissions import may_decide

NEEDED = [
    "projects.add_call",
    "projects.change_call",
    "projects.add_project",
    "projects.add_partnership",
    "partners.add_partner",
    "partners.add_partnername",
]


class AnnouncementPages(admin.ModelAdmin):
    """For the admin of calls: paste a text and see its draft; see the text of a decided call."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("announcement/", view(self.announcement_view), name="projects_call_announcement"),
            path("<int:pk>/announcement/", view(self.written_view), name="projects_call_written"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {"may_announce": request.user.has_perms(NEEDED)}
        return super().changelist_view(request, extra | (extra_context or {}))

    # Reading

    def announcement_view(self, request: HttpRequest) -> HttpResponse:
        """Asks for a text; shows what was read of it beside the draft; saves the draft."""
        if not request.user.has_perms(NEEDED):
            raise PermissionDenied
        form = PasteForm(request.POST if request.method == "POST" else None)
        if not form.is_bound or not form.is_valid():
            return self._paste_page(request, form)
        try:
            reading = read_announcement(form.cleaned_data["text"])
            places = Places.from_database()
            drafts = drafts_of(reading, places, form.cleaned_data["call"])
            refuse_too_large(drafts)
        except ValidationError as error:
            form.add_error("text", error)
            return self._paste_page(request, form)
        data = request.POST if "_save" in request.POST else None
        draft = Draft(drafts, places, may_decide(request), data)
        problems: list[str] = []
        if data is not None and draft.is_valid():
            try:
                return self._save(request, draft, reading, form.source())
            except ValidationError as error:
                problems = error.messages
        return self._draft_page(request, form, reading, draft, problems)

    def _save(
        self, request: HttpRequest, draft: Draft, reading: Reading, source: Given
    ) -> HttpResponse:
        with transaction.atomic():
            assert isinstance(request.user, User)
            saved = save(draft.apply(), reading.lines, may_decide(request), request.user, source)
            self._log(request, saved)
        for sentence in saved.left:
            self.message_user(request, sentence, messages.WARNING)
        done = ngettext(
            "Saved as drafts: %(count)d project in %(calls)s. Readers see nothing of it yet.",
            "Saved as drafts: %(count)d projects in %(calls)s. Readers see nothing of it yet.",
            len(saved.projects),
        )
        calls = get_text_list([f"“{call}”" for call in saved.calls], _("and"))
        values = {"count": len(saved.projects), "calls": calls}
        self.message_user(request, done % values, messages.SUCCESS)
        return redirect("admin:projects_call_change", saved.calls[0].pk)

    def _log(self, request: HttpRequest, saved: Saved) -> None:
        for call in saved.calls:
            self.log_change(request, call, _("Read from an announcement."))
        for record in [*saved.projects, *saved.organisations]:
            self.log_addition(request, record, _("Read from an announcement."))

    def _paste_page(self, request: HttpRequest, form: PasteForm) -> HttpResponse:
        context = {"title": _("Read an announcement"), "form": form}
        return self._page(request, "admin/projects/announcements/announcement.html", context)

    def _draft_page(
        self,
        request: HttpRequest,
        form: PasteForm,
        reading: Reading,
        draft: Draft,
        problems: list[str],
    ) -> HttpResponse:
        context = {
            "title": _("Draft from an announcement"),
            # Browsers drop the first line break. What was left out is not sent back either.
            "text": "\n" + "\n".join(line.text for line in reading.lines),
            "call": form.cleaned_data["call"],
            "source": form.source(),
            "sections": list(_sections(reading, draft)),
            "not_understood": reading.not_understood(),
            "problems": problems,
            "has_errors": any(part.errors for part in draft.forms() if part.is_bound),
            "countries": Country.objects.all(),
        }
        return self._page(request, "admin/projects/announcements/draft.html", context)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        base = self.admin_site.each_context(request)
        return TemplateResponse(request, name, {**base, "opts": self.opts, **context})

    # Writing

    def written_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The announcement of a decided call, as text and as HTML to copy."""
        if not request.user.has_perms(["projects.view_call", "projects.view_project"]):
            raise PermissionDenied
        try:
            call = Call.objects.select_related("decision").get(pk=pk)
            announced = told(call, call.projects.all())
        except ObjectDoesNotExist:
            raise Http404 from None
        places = Places.from_database()
        # Escaped by its own engine, which does not tell the one of this page.
        html = SafeString(
            render_to_string("projects/announcement.html", as_context(announced, places))
        )
        context = {
            "title": _("Announcement of “%(call)s”") % {"call": call},
            "original": call,
            "as_text": as_text(announced, places),
            "html": html,
        }
        return self._page(request, "admin/projects/announcements/written.html", context)


def announcement_url(call: Call) -> str:
    return reverse("admin:projects_call_written", args=[call.pk])


def _sections(reading: Reading, draft: Draft) -> Iterator[dict[str, Any]]:
    """The call and each project: the lines that it was read from, what to look at, its fields."""
    number = 0
    for index, call in enumerate(reading.calls):
        lines = [line for line in reading.lines if line.call == index]
        yield {
            "title": call.heading or _("The call"),
            "lines": [line for line in lines if line.project is None and not _is_empty(line)],
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


def _is_empty(line: Any) -> bool:
    return line.kind == LineKind.BLANK


def evidence_of(project: Project) -> SafeString:
    """The lines of an announcement from which a project was made, each with what it became."""
    lines = project.announcement_lines.select_related("announcement")
    return format_html(
        '<ol class="psf-evidence">{}</ol>',
        format_html_join(
            "",
            '<li><span class="psf-line__kind">{} · {}</span> <span>{}</span></li>',
            [
                (_("line %(number)d") % {"number": line.number}, line.get_kind_display(), line.text)
                for line in lines
            ],
        ),
    )
