"""Pages that import a file of projects into a call: upload, preview, save."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast

from crispy_forms.layout import HTML, Hidden, LayoutObject
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _, gettext_lazy

from projects.imports import jobs, template
from projects.imports.apply import RECORDS_CHANGED
from projects.imports.cells import NOTATIONS
from projects.imports.organisations import Key, Organisation, key_of
from projects.imports.problems import Problem, Refused, grouped
from projects.models import Call, Import
from projects.permissions import may_decide, may_import
from projects.stages import CallStage
from psf.exports.responses import CONTENT_TYPES
from psf.history.models import ChangeSet
from psf.history.restore import is_undone
from psf.staff.forms import StaffForm
from psf.staff.history_pages import HistoryForm
from psf.staff.pages import ActionPage, StaffPage
from psf.text.folding import fold

NEW = "new"  # choice of a new organisation
NOT_SAVED = gettext_lazy("Nothing was saved. %(why)s")
UNDO = "history.undo_changeset"
MOST_LISTED = 10  # earlier imports


class UploadForm(StaffForm):
    button = gettext_lazy("Preview the import")
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "XLSX or CSV UTF-8 of at most 5 MB. Drag the file here, or choose it. An operator "
            "imports larger files with the command import_projects."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx", "class": "psf-drop"}),
        allow_empty_file=True,  # the import explains an empty file
    )
    notation = forms.ChoiceField(
        label=gettext_lazy("How numbers and days are written"),
        choices=[
            (name, f"{notation.name}: {notation.example}") for name, notation in NOTATIONS.items()
        ],
        help_text=gettext_lazy("The import never guesses an ambiguous cell."),
    )


class SaveForm(StaffForm):
    """Confirms a preview. Asks for each new name whether it means a recorded organisation."""

    button = gettext_lazy("Save the import")

    def __init__(self, data: Mapping[str, str] | None, row: Import) -> None:
        super().__init__(data)
        self.row = row
        # The name of a field says which organisation it is about, also in a newer preview.
        self.similar = {
            f"similar-{row.country}-{fold(row.name)}": row
            for row in cast(list[Organisation], row.preview.get("similar", []))
        }
        for name, similar in self.similar.items():
            words = {"name": similar.name, "country": similar.country}
            error = _("Choose the organisation “%(name)s”.") % words
            same = _("Same as “%(name)s”: %(why)s")
            self.fields[name] = forms.ChoiceField(
                label=f"{similar.name} ({similar.country})",
                choices=[
                    *(
                        (str(pk), same % {"name": n, "why": why})
                        for pk, n, why in similar.options()
                    ),
                    (NEW, _("Not the same: add a new organisation")),
                ],
                widget=forms.RadioSelect,
                error_messages={"required": error, "invalid_choice": error},
            )

    def layout(self) -> list[str | LayoutObject]:
        heading = [HTML('{% include "admin/projects/imports/_similar_names.html" %}')]
        return [
            Hidden("preview", self.row.fingerprint),
            *(heading if self.similar else []),
            *super().layout(),
        ]

    def choices(self) -> dict[Key, int | None]:
        """The key of the chosen organisation for each name, None for a new organisation."""
        chosen = {name: self.cleaned_data[name] for name in self.similar}
        return {
            key_of(row.name, row.country): None if chosen[name] == NEW else int(chosen[name])
            for name, row in self.similar.items()
        }


class ImportBase(StaffPage):
    record: Call

    def is_allowed(self) -> bool:
        return may_import(self.request) and (not self.permission or super().is_allowed())


class ImportPage(ImportBase):
    """Upload a file. An unreadable file is not stored; the page lists all problems."""

    name = "import"
    label = gettext_lazy("Import projects…")
    heading = gettext_lazy("Import projects into “%(record)s”")
    stage = CallStage.OPEN
    template_name = "admin/projects/imports/upload.html"

    def context(self) -> Mapping[str, object]:
        return {
            "columns": template.column_table(may_decide=may_decide(self.request)),
            "may_decide": may_decide(self.request),
            "imports": [
                (row, row.change_set and is_undone(row.change_set))
                for row in self.record.imports.saved()
                .select_related("owner", "change_set")
                .prefetch_related("change_set__undone_by__undone_by")[:MOST_LISTED]
            ],
            "may_undo": self.user.has_perm(UNDO),
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(form=UploadForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = UploadForm(request.POST, request.FILES)
        problems: list[Problem] = []
        if form.is_valid():
            data = form.cleaned_data
            try:
                row = jobs.receive(data["file"], self.record, self.user, data["notation"])
            except Refused as refusal:
                problems = refusal.problems
            else:
                return redirect(self.url_of(PreviewImportPage.name, row.pk))
        return self.render(form=form, problems=problems, faults=grouped(problems))


class ImportTemplatePage(ImportBase):
    """A file to fill in."""

    name = "import_template"
    route = "import/template.xlsx"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        content = template.workbook(may_decide=may_decide(request))
        name = 'attachment; filename="projects.xlsx"'
        return HttpResponse(content, CONTENT_TYPES["xlsx"], headers={"Content-Disposition": name})


class PreviewImportPage(ImportBase):
    """The preview of an import. Only for the account that uploaded the file."""

    name = "import_preview"
    route = "import/<int:key>/"
    parent: ClassVar[type[StaffPage]] = ImportPage
    template_name = "admin/projects/imports/preview.html"
    is_of_applications: ClassVar[bool] = False  # and not of a table

    def load(self) -> None:
        super().load()
        rows = Import.objects.select_related("call", "owner")
        own = rows.filter(call=self.record, owner=self.user)
        kind = {"is_of_applications": self.is_of_applications}
        self.row = get_object_or_404(own, pk=self.kwargs["key"], **kind)

    def crumb(self) -> str:
        return self.row.file_name

    def title(self) -> str:
        return _("Preview of the import of “%(file)s”") % {"file": self.row.file_name}

    def make_form(self, data: QueryDict | None) -> SaveForm:
        """Compare the file with the records of now. Raises `Refused`."""
        jobs.compare_file(self.row)
        return SaveForm(data, self.row)

    def save_form(self, form: Any) -> str:
        """Save what the preview showed, and say what was saved. Raises `Refused`."""
        return jobs.save_import(self.row, form.choices())

    def saved_url(self) -> str:
        return self.url_of(ImportPage.name)

    def refused_url(self) -> str:
        return self.url_of(ImportPage.name)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._show(None)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Save what the preview showed. After another change the new preview comes first."""
        return self._show(request.POST)

    def _show(self, data: QueryDict | None) -> HttpResponseBase:
        row = self.row
        if row.saved_at:
            return redirect(self.saved_url())
        try:
            form = self.make_form(data)
            if data is not None and data.get("preview") != row.fingerprint:
                messages.error(self.request, NOT_SAVED % {"why": RECORDS_CHANGED})
            elif data is not None and form.is_valid():
                messages.success(self.request, self.save_form(form))
                return redirect(self.saved_url())
        except Refused as refusal:
            messages.error(self.request, NOT_SAVED % {"why": refusal})
            return redirect(self.refused_url())
        form.cancel_url = self.url_of(self.parent.name)
        return self.render(form=form, row=row, preview=row.preview)


class UndoImportForm(HistoryForm):
    keep = forms.MultipleChoiceField(
        label=gettext_lazy("Projects that stay as imported"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Projects that were changed after the import stay in any case."),
    )
    field_order = ["keep", "reason"]


class UndoImportPage(ActionPage):
    """Undoes a saved import, except of some of its projects."""

    name = "import_undo"
    route = "import/<int:key>/undo/"
    parent = ImportPage
    breadcrumb = gettext_lazy("Undo")
    button = gettext_lazy("Undo the import")
    fields = UndoImportForm
    record: Call

    def is_allowed(self) -> bool:
        return may_import(self.request) and self.user.has_perm(UNDO)

    def load(self) -> None:
        super().load()
        saved = self.record.imports.saved().filter(change_set__isnull=False)
        self.row = get_object_or_404(saved, pk=self.kwargs["key"])

    def title(self) -> str:
        return _("Undo the import of “%(file)s”") % {"file": self.row.file_name}

    def prepare(self, form: UndoImportForm) -> None:
        rows = jobs.imported_projects(self.row)
        keep: Any = form.fields["keep"]
        keep.choices = [(str(row.pk), f"{row.reference} {row.title}") for row in rows]

    def blockers(self) -> list[str]:
        is_undone_now = is_undone(cast(ChangeSet, self.row.change_set))
        return [_("This import is already undone.")] if is_undone_now else []

    def previews(self) -> Mapping[str, Callable[[], object]]:
        return {"": lambda: jobs.undo_import(self.row, self.user, set(), "")}

    def execute(self, form: UndoImportForm) -> str:
        kept = {int(key) for key in form.cleaned_data["keep"]}
        jobs.undo_import(self.row, self.user, kept, self.reason(form))
        return _("The import was undone.")


IMPORT_PAGES = [ImportPage, ImportTemplatePage, PreviewImportPage, UndoImportPage]
