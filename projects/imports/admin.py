"""Pages by which a file of projects is imported into a call: choose, look, confirm."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from projects.imports import jobs as uploads
from projects.imports import template_files as templates
from projects.imports.csv_rows import ENCODINGS
from projects.imports.number_formats import NOTATIONS
from projects.imports.problems import Problem, Refused, refuse
from projects.imports.progress import STOPPED_AFTER, stand_of
from projects.models import Call, Import
from projects.permissions import may_decide, may_import
from projects.stages import CallStage
from psf.staff.records import Link

TEMPLATES = {
    "csv": (templates.as_csv, "text/csv; charset=utf-8"),
    "xlsx": (
        templates.as_xlsx,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}
LOOK_AGAIN_AFTER = 3  # seconds
NEW = "new"  # the choice of none of the organisations with a like name


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV, XLSX or JSON. Drag it here, or choose it."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.json", "class": "psf-file-input"}),
        allow_empty_file=True,  # it is answered like every other file that holds nothing
    )
    notation = forms.ChoiceField(
        label=gettext_lazy("How numbers and days are written"),
        choices=[
            (name, f"{notation.name}: {notation.example}") for name, notation in NOTATIONS.items()
        ],
        help_text=gettext_lazy("What the file’s cells could also mean is never guessed."),
    )
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding of a CSV file"),
        choices=ENCODINGS,
        help_text=gettext_lazy("XLSX and JSON have one of their own."),
    )


class ImportingAdmin(admin.ModelAdmin):
    """Adds to a call's pages those of the import."""

    def get_urls(self) -> list[Any]:
        pages: list[tuple[str, Callable[..., HttpResponse], str]] = [
            ("import/", self.import_view, "import"),
            ("import/template.<str:kind>", self.import_template_view, "import_template"),
            ("import/<int:key>/", self.import_preview_view, "import_preview"),
        ]
        return [
            *(
                path(
                    f"<path:object_id>/{address}",
                    self.admin_site.admin_view(view),
                    name=f"projects_call_{name}",
                )
                for address, view, name in pages
            ),
            *super().get_urls(),
        ]

    def links(self, request: HttpRequest, obj: Call) -> list[Link]:
        links: list[Link] = super().links(request, obj)  # type: ignore[misc]
        if may_import(request):
            url = reverse("admin:projects_call_import", args=[obj.pk])
            links.append(Link(_("Import projects…"), url, CallStage.PREPARATION))
        return links

    def _call_to_fill(self, request: HttpRequest, object_id: str) -> Call:
        if not may_import(request):
            raise PermissionDenied
        call = self.get_object(request, unquote(object_id))
        if call is None:
            raise Http404
        return call

    def import_template_view(self, request: HttpRequest, object_id: str, kind: str) -> HttpResponse:
        self._call_to_fill(request, object_id)
        if kind not in TEMPLATES:
            raise Http404
        make, content_type = TEMPLATES[kind]
        name = f'attachment; filename="projects.{kind}"'
        return HttpResponse(make(), content_type, headers={"Content-Disposition": name})

    def import_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Choose a file. One that cannot be read is answered with every reason, and not kept."""
        call = self._call_to_fill(request, object_id)
        form = ImportForm(request.POST or None, request.FILES or None)
        problems: list[Problem] = []
        if request.method == "POST" and form.is_valid():
            sent = form.cleaned_data
            try:
                row = uploads.receive(
                    sent["file"], call, request.user, sent["encoding"], sent["notation"]
                )
            except Refused as refusal:
                problems = refusal.problems
            else:
                return redirect(_address(row))
        title = _("Import projects into “%(call)s”") % {"call": call}
        context = {
            "form": form,
            "problems": problems,
            "columns": templates.explained(),
            "may_decide": may_decide(request),
            "imports": list(call.imports.saved().select_related("owner")[:10]),
        }
        return self._import_page(request, call, "upload", title, context)

    def import_preview_view(self, request: HttpRequest, object_id: str, key: int) -> HttpResponse:
        """What the file would do, and what became of it. Only for the one who brought it."""
        call = self._call_to_fill(request, object_id)
        rows = Import.objects.select_related("call", "owner")
        row = get_object_or_404(rows, pk=key, call=call, owner=request.user)
        if request.method == "POST":
            return self._act(request, row)
        return require_safe(self._show)(request, row)

    def _act(self, request: HttpRequest, row: Import) -> HttpResponse:
        try:
            if row.saved_at or _is_busy(row):
                pass  # what was asked for is done, or being done
            elif request.POST.get("act") == "look":
                uploads.look_again(row)
            elif request.POST.get("sha256") == row.sha256:
                row.choices = _choices(request, row)
                uploads.save_soon(row)
            else:
                messages.error(request, _("Nothing was saved: confirm what this page shows."))
        except Refused as refusal:
            messages.error(request, _("Nothing was saved. %(why)s") % {"why": refusal})
            with suppress(Refused):
                uploads.look_again(row)
        return redirect(_address(row))

    def _show(self, request: HttpRequest, row: Import) -> HttpResponse:
        state = _state_of(row)
        titles = {
            "saved": _("“%(file)s” was imported"),
            "busy": _("“%(file)s” is being worked on"),
            "stopped": _("“%(file)s” stopped on its way"),
            "refused": _("“%(file)s” cannot be imported as it is"),
            "preview": _("What importing “%(file)s” would do"),
        }
        context = {
            "row": row,
            "state": state,
            "stand": stand_of(row.pk),
            "problems": [Problem(*problem) for problem in row.problems],
            "preview": row.preview,
        }
        title = titles[state] % {"file": row.file_name}
        response = self._import_page(request, row.call, state, title, context)
        if state == "busy":
            response.headers["Refresh"] = str(LOOK_AGAIN_AFTER)
        return response

    def _import_page(
        self, request: HttpRequest, call: Call, page: str, title: str, context: dict[str, Any]
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": call,
            **context,
        }
        return TemplateResponse(request, f"admin/projects/imports/{page}.html", context)


def _choices(request: HttpRequest, row: Import) -> list[list[Any]]:
    """What was chosen of each name that is like a recorded one; raises `Refused` if nothing was."""
    choices = []
    for number, found in enumerate(row.preview.get("near", [])):
        keys = {str(near["pk"]): near["pk"] for near in found["near"]} | {NEW: None}
        chosen = request.POST.get(f"near-{number}", "")
        if chosen not in keys:
            why = _("Choose which organisation “%(name)s” is.") % {"name": found["name"]}
            raise refuse(why)
        choices.append([*found["key"], keys[chosen]])
    return choices


def _address(row: Import) -> str:
    return reverse("admin:projects_call_import_preview", args=[row.call_id, row.pk])


def _is_busy(row: Import) -> bool:
    """Whether somebody works on it: the work was said to go on not long ago."""
    if row.working_since is None:
        return False
    just_begun = (timezone.now() - row.working_since).total_seconds() < STOPPED_AFTER
    return just_begun or stand_of(row.pk) is not None


def _state_of(row: Import) -> str:
    if row.saved_at:
        return "saved"
    if row.working_since:
        return "busy" if _is_busy(row) else "stopped"
    return "refused" if row.problems else "preview"
