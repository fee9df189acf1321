"""Staff pages that read an announcement into drafts, and that write the one of a call."""

from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy

from projects.announcements.reader import ParsedCall, parse_announcement
from projects.announcements.save import save_records
from projects.announcements.writer import announcement_of, announcement_text
from projects.imports.preview import summary
from projects.models import AnnouncementFlag, Call, Project
from projects.permissions import CHANGE_CALL, VIEW_CALL, VIEW_PROJECT, may_decide, may_import
from projects.stages import CallStage
from psf.impact.preview import preview_impact
from psf.staff.forms import RowsInline, StaffForm
from psf.staff.pages import StaffPage
from psf.staff.widgets import AmountField, NumberField


class FlagInline(RowsInline):
    """Flags are settled here. Only reading an announcement adds them."""

    model = AnnouncementFlag
    can_delete = False
    readonly_fields = ["line"]
    fieldsets = [(None, {"fields": [("line", "is_settled")]})]

    def has_add_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        return False


def announcement_lines_of(project: Project) -> SafeString:
    """The lines from which the project was made, each with its number and kind; "" without."""
    rows = project.announcement_lines.all()
    lines = format_html_join(
        "",
        '<li><span class="psf-line__kind">{} · {}</span> <span>{}</span></li>',
        [(line.number, line.get_kind_display(), line.text) for line in rows],
    )
    return format_html('<ol class="psf-evidence">{}</ol>', lines) if lines else lines


class AnnouncementForm(StaffForm):
    """The text of an announcement, with the facts of the call that staff type beside it."""

    form_id = "announcement_form"
    button = gettext_lazy("Read the text")
    reading: ParsedCall | None = None
    text = forms.CharField(
        label=gettext_lazy("Text of the announcement"),
        strip=False,  # lines are counted from the first
        widget=forms.Textarea(attrs={"rows": 20}),
        help_text=gettext_lazy(
            "As it was published, mistakes included. Lines with contact data are left out."
        ),
    )
    call = forms.ModelChoiceField(
        Call.objects.all(),
        label=gettext_lazy("Call"),
        required=False,
        empty_label=gettext_lazy("a new call, from the text"),
        help_text=gettext_lazy("The numbers below fill what is still empty."),
    )
    received_count, eligible_count, funded_count = (
        cast(Any, Call._meta.get_field(name)).formfield(form_class=NumberField)
        for name in ["received_count", "eligible_count", "funded_count"]
    )
    ceiling_eur = AmountField(
        label=gettext_lazy("Ceiling of a grant"),
        required=False,
        help_text=gettext_lazy("Each funded project gets this ceiling until its award is known."),
    )
    source_url = forms.URLField(
        label=gettext_lazy("Web address of the publication"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=gettext_lazy("Shown to readers as the source of the call and its projects."),
    )

    def clean_text(self) -> str:
        """Read the text. The page sends it back without personal data."""
        self.reading = parse_announcement(self.cleaned_data["text"])
        text = "\n".join(line.text for line in self.reading.lines)
        self.data = {**{name: self.data[name] for name in self.data}, "text": text}
        self.fields["text"].widget = forms.HiddenInput()
        self.button, self.version = gettext_lazy("Save the draft"), "read"
        return text


class WrittenForm(StaffForm):
    """The announcement that was written from the records, to copy."""

    is_blocked = True
    widget = forms.Textarea(attrs={"rows": 20, "readonly": True})
    text = forms.CharField(label=gettext_lazy("As text, to copy"), required=False, widget=widget)
    code = forms.CharField(label=gettext_lazy("As HTML, to copy"), required=False, widget=widget)


class ReadAnnouncementPage(StaffPage):
    """Asks for a text, shows the text beside the draft that was read from it, saves the draft."""

    of_record = False
    name = "announcement"
    label = gettext_lazy("Read an announcement…")
    template_name = "admin/projects/announcements/draft.html"

    def is_allowed(self) -> bool:
        may_edit = self.request.user.has_perms(["projects.add_call", CHANGE_CALL])
        return may_edit and may_import(self.request)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Save a draft that was shown, unless readers would see a change that was not shown."""
        form, impact = AnnouncementForm(request.POST or None), None
        if form.is_valid() and form.reading:
            call, typed = form.cleaned_data["call"], form.cleaned_data
            save = partial(save_records, form.reading, call, may_decide(request), self.user, typed)
            impact, seen = preview_impact(save), request.POST.get("version")
            form.version = sha256(repr(impact).encode()).hexdigest()
            if seen and (seen == form.version or not any(impact or [])):
                try:
                    plan = save()
                except ValidationError as error:
                    form.add_error(None, error)
                else:
                    notes = [f"{row.reference}: {n}" for row in plan.projects for n in row.notes]
                    done = [_("Saved as drafts."), *summary(plan), *notes]
                    messages.success(request, " ".join(done))
                    return redirect(self.url_of("change", plan.call.pk))
        form.cancel_url = self.url_of(self.name if form.reading else "changelist")
        return self.render(form=form, impact=impact)

    post = get


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
            announced = announcement_of(self.record, self.record.projects.all())
        except ObjectDoesNotExist:
            raise Http404 from None
        code = render_to_string("projects/announcement_to_copy.html", announced)
        form = WrittenForm(initial={"text": announcement_text(announced), "code": code})
        # Another template engine has escaped the code.
        return {"html": SafeString(code), "form": form}
