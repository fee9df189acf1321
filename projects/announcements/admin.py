"""Staff pages that read an announcement into drafts, and that write the one of a call."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.options import InlineModelAdmin
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy

from partners.matching.country_names import CountryNames
from projects.announcements.reader import ParsedProject, ParsedText, parse_announcement
from projects.announcements.save import (
    NUMBERS,
    SavedRecords,
    only_call,
    save_records,
    working_title,
)
from projects.announcements.writer import announced_call, announcement_context, announcement_text
from projects.models import AnnouncementFlag, Call, Project, Role
from projects.permissions import VIEW_CALL, VIEW_PROJECT, may_decide
from projects.stages import CallStage
from psf.database.constraints import GREATEST_COUNT
from psf.impact.preview import preview_impact
from psf.staff.forms import Button, RowsInline, StaffForm
from psf.staff.pages import StaffPage
from psf.staff.widgets import AmountField, NumberField

NEEDED = [
    "projects.add_call",
    "projects.change_call",
    "projects.add_project",
    "projects.add_partnership",
    "partners.add_partner",
]


class FlagInline(RowsInline):
    """Flags are settled here. Only reading an announcement adds them."""

    model = AnnouncementFlag
    can_delete = False
    readonly_fields = ["line"]
    fieldsets = [(None, {"fields": [("line", "is_settled")]})]

    def has_add_permission(self, request: HttpRequest, obj: Call | Project | None = None) -> bool:
        return False


def with_flags(
    inlines: Sequence[type[InlineModelAdmin]], record: Call | Project | None
) -> list[type[InlineModelAdmin]]:
    """The inlines, and the flags of the record if it has any."""
    return [*inlines, *([FlagInline] if record and record.flags.exists() else [])]


def announcement_lines_of(project: Project) -> SafeString:
    """The lines from which the project was made, each with its number and kind; "" without."""
    lines = format_html_join(
        "",
        '<li><span class="psf-line__kind">{} · {}</span> <span>{}</span></li>',
        [
            (_("line %(number)d") % {"number": line.number}, line.get_kind_display(), line.text)
            for line in project.announcement_lines.select_related("announcement")
        ],
    )
    return format_html('<ol class="psf-evidence">{}</ol>', lines) if lines else lines


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


class AnnouncementForm(PasteForm):
    """The same data, hidden, with the facts of the call that staff type beside the text."""

    form_id = "draft_form"
    changes_pages = False  # whether the page shows what readers will see change
    title = forms.CharField(label=gettext_lazy("Title of the call"), max_length=200, required=False)
    received_count, eligible_count, funded_count = (
        NumberField(label=label, min_value=0, max_value=GREATEST_COUNT, required=False)
        for label in [
            gettext_lazy("Applications received"),
            gettext_lazy("Applications eligible"),
            gettext_lazy("Projects funded"),
        ]
    )
    ceiling_eur = AmountField(
        label=gettext_lazy("Ceiling of a grant"),
        required=False,
        help_text=gettext_lazy("Each funded project gets this ceiling until its award is known."),
    )

    def __init__(self, *args: Any, chosen: Call | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in PasteForm.base_fields:
            self.fields[name].widget = self.fields[name].hidden_widget()
        if chosen:
            numbers = [name for name in NUMBERS if getattr(chosen, name) is not None]
            for name in ["title", *numbers]:
                del self.fields[name]

    def buttons(self) -> list[Button]:
        if self.changes_pages:
            return [Button(_("Save and change these pages"), "_confirm", is_default=True)]
        return [Button(_("Save the draft"), "_save", is_default=True)]


class WrittenForm(StaffForm):
    """The announcement that was written from the records, to copy."""

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

    def buttons(self) -> list[Button]:
        return []


class ReadAnnouncementPage(StaffPage):
    """Asks for a text, shows the text beside the draft that was read from it, saves the draft."""

    of_record = False
    name = "announcement"
    label = gettext_lazy("Read an announcement…")
    template_name = "admin/projects/announcements/paste.html"

    def is_allowed(self) -> bool:
        return self.request.user.has_perms(NEEDED)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._ask_for_text(PasteForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        pasted = PasteForm(request.POST)
        if not pasted.is_valid():
            return self._ask_for_text(pasted)
        try:
            reading = parse_announcement(pasted.cleaned_data["text"])
            parsed = only_call(reading)
        except ValidationError as error:
            pasted.add_error("text", error)
            return self._ask_for_text(pasted)
        chosen = pasted.cleaned_data["call"]
        if not {"_save", "_confirm"} & request.POST.keys():
            # Personal data were left out of the lines, so the page does not send them back.
            text = "\n".join(line.text for line in reading.lines)
            initial = pasted.cleaned_data | {"text": text, "title": parsed.heading}
            return self._show_draft(AnnouncementForm(initial=initial, chosen=chosen), reading)
        form = AnnouncementForm(request.POST, chosen=chosen)
        if form.is_valid():
            try:
                return self._save_or_show_impact(form, reading)
            except ValidationError as error:
                form.add_error(None, error)
        return self._show_draft(form, reading)

    def _ask_for_text(self, form: PasteForm) -> HttpResponseBase:
        form.cancel_url = self.url_of("changelist")
        return self.render(form=form)

    def _show_draft(
        self, form: AnnouncementForm, reading: ParsedText, **extra: object
    ) -> HttpResponseBase:
        form.cancel_url = self.url_of(self.name)
        self.template_name = "admin/projects/announcements/draft.html"
        return self.render(
            title=_("Draft from an announcement"),
            crumbs=[(self.crumb(), self.url_of(self.name))],
            crumb=_("Draft"),
            form=form,
            reading=reading,
            projects=[_shown(project, reading.places) for project in reading.projects()],
            **extra,
        )

    def _save_or_show_impact(self, form: AnnouncementForm, reading: ParsedText) -> HttpResponseBase:
        """Save the draft. If readers would see a change, show the change first."""

        def save() -> SavedRecords:
            typed = form.cleaned_data
            return save_records(
                reading,
                typed["call"],
                decided=may_decide(self.request),
                by=self.user,
                typed=typed,
            )

        if "_confirm" not in self.request.POST:
            impact = preview_impact(save)
            if impact and any(impact):
                form.changes_pages = True
                return self._show_draft(form, reading, impact=impact)
        with transaction.atomic():
            saved = save()
            message = _("Read from an announcement.")
            self.admin.log_change(self.request, saved.call, message)
            for record in [*saved.projects, *saved.organisations]:
                self.admin.log_addition(self.request, record, message)
        for sentence in saved.warnings:
            messages.warning(self.request, sentence)
        messages.success(
            self.request,
            _("Saved as drafts in “%(call)s”: projects %(projects)d, new organisations %(new)d.")
            % {
                "call": saved.call,
                "projects": len(saved.projects),
                "new": len(saved.organisations),
            },
        )
        return redirect(self.url_of("change", saved.call.pk))


def _shown(project: ParsedProject, places: CountryNames) -> dict[str, object]:
    """What the draft shows of a project. The partners have the names of their countries."""
    names = places.name_of
    return {
        "project": project,
        "title": project.title or working_title(project, places) or _("A project"),
        "announced": ", ".join(names(code) for code in project.announced),
        "partners": [
            (Role(role).label, names(row.country) if row.country else "", row)
            for role, row in project.partners()
        ],
    }


class WrittenAnnouncementPage(StaffPage):
    """The announcement of a decided call, as text and as HTML to copy."""

    name = "written"
    route = "announcement/"
    label = gettext_lazy("Announcement")
    heading = gettext_lazy("Announcement of “%(record)s”")
    stage = CallStage.PUBLISH
    template_name = "admin/projects/announcements/written.html"
    record: Call

    def is_allowed(self) -> bool:
        return self.request.user.has_perms([VIEW_CALL, VIEW_PROJECT])

    def is_offered(self) -> bool:
        return self.is_allowed() and hasattr(self.record, "decision")

    def context(self) -> Mapping[str, object]:
        try:
            announced = announced_call(self.record, self.record.projects.all())
        except ObjectDoesNotExist:
            raise Http404 from None
        places = CountryNames.from_database()
        code = render_to_string(
            "projects/announcement_to_copy.html", announcement_context(announced, places)
        )
        form = WrittenForm(initial={"text": announcement_text(announced, places), "code": code})
        # Another template engine has escaped the code.
        return {"html": SafeString(code), "form": form}
