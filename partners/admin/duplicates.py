"""Staff pages for possible duplicates, mergers and the undoing of mergers."""

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _, gettext_lazy

from partners.matching.duplicates import find_duplicates_of, mark_as_different
from partners.matching.merge import (
    merge_blockers,
    merge_partners,
    merger_undo_blockers,
    preview_merger,
    undo_merger,
)
from partners.models import DuplicateCandidate, Merger, Partner
from psf.staff.forms import StaffForm
from psf.staff.pages import ActionPage, StaffPage, page_of
from psf.staff.widgets import SafeAutocompleteSelect

MERGE = "partners.merge_partner"
ROWS = 25


class DuplicatesPage(StaffPage):
    """The undecided pairs. A POST marks a pair as different."""

    of_record = False
    name = "duplicates"
    label = gettext_lazy("Possible duplicates")
    permission = "view"
    template_name = "admin/partners/partner/duplicates.html"

    def context(self) -> Mapping[str, object]:
        rows = DuplicateCandidate.objects.waiting().for_list()
        page = page_of(self.request, rows, ROWS)
        keys = {key for row in page for key in (row.first_id, row.second_id)}
        records = Partner.objects.for_staff_list().in_bulk(keys)
        return {
            "page": page,
            "pairs": [(row, [records[row.first_id], records[row.second_id]]) for row in page],
            "may_merge": self.request.user.has_perm(MERGE),
            "may_decide": self.admin.has_change_permission(self.request),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.admin.has_change_permission(request):
            raise PermissionDenied
        key = request.POST.get("pair", "")
        row = get_object_or_404(
            DuplicateCandidate.objects.for_list(), pk=int(key) if key.isdecimal() else 0
        )
        mark_as_different(row.first, row.second, self.user)
        names = {"first": row.first, "second": row.second}
        message = _("“%(first)s” and “%(second)s” are marked as different organisations.") % names
        for partner in [row.first, row.second]:
            self.admin.log_change(request, partner, message)
        messages.success(request, message)
        return redirect(self.url_of(self.name))


class MergersPage(StaffPage):
    """All mergers, with links to undo them."""

    of_record = False
    name = "mergers"
    label = gettext_lazy("Merged organisations")
    permission = "view"
    template_name = "admin/partners/partner/mergers.html"

    def context(self) -> Mapping[str, object]:
        rows = Merger.objects.select_related("winner", "merged_by", "undone_by")
        page = page_of(self.request, rows, ROWS)
        page.object_list = list(page.object_list)  # so that the template runs no query
        return {"page": page, "may_merge": self.request.user.has_perm(MERGE)}


class ChooseForm(StaffForm):
    """Asks for the record to merge with."""

    button = gettext_lazy("Preview the merger")
    other = forms.ModelChoiceField(
        Partner.objects.all(),
        label=gettext_lazy("Other record"),
        help_text=gettext_lazy("Type part of one of its names."),
    )


class ChoosePage(ActionPage):
    """Choose the record to merge with: a possible duplicate, or any other record."""

    name = "choose"
    route = "merge/"
    label = gettext_lazy("Merge…")
    heading = gettext_lazy("Merge “%(record)s” with another record")
    permission = MERGE
    template_name = "admin/partners/partner/choose_duplicate.html"
    fields = ChooseForm
    record: Partner

    def prepare(self, form: Any) -> None:
        field, site = form.fields["other"], self.admin.admin_site
        field.widget = SafeAutocompleteSelect(Partner._meta.get_field("successor"), site)
        field.widget.choices = field.choices

    def context(self) -> Mapping[str, object]:
        waiting = DuplicateCandidate.objects.waiting().of(self.record).for_list()
        return {"duplicates": [(row, row.other_than(self.record)) for row in waiting]}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form()
        if form.is_valid() and form.cleaned_data["other"] == self.record:
            form.add_error("other", merge_blockers(self.record, self.record))
        if form.is_valid():
            return redirect(self.url_of(MergePage.name, form.cleaned_data["other"].pk))
        return self.render(form=form)


class MergePage(ActionPage):
    """The moved and the lost data of a merger, with the button to merge."""

    name = "merge"
    route = "merge/<int:loser>/"
    breadcrumb = gettext_lazy("Merge")
    permission = MERGE
    template_name = "admin/partners/partner/merge.html"
    button = gettext_lazy("Merge the records")
    record: Partner

    def load(self) -> None:
        super().load()
        partners = Partner.objects.select_related("country")
        self.loser = get_object_or_404(partners, pk=self.kwargs["loser"])

    def title(self) -> str:
        names = {"loser": self.loser, "winner": self.record}
        return _("Merge “%(loser)s” into “%(winner)s”") % names

    def shown(self) -> list[Model]:
        return [self.record, self.loser]

    def context(self) -> Mapping[str, object]:
        return {"loser": self.loser, "preview": preview_merger(self.record, self.loser)}

    def blockers(self) -> list[str]:
        return merge_blockers(self.record, self.loser)

    def previews(self) -> Mapping[str, Callable[[], object]]:
        return {"": lambda: merge_partners(self.fresh(), copy(self.loser), self.user)}

    def execute(self, form: StaffForm) -> str:
        done = _("“%(loser)s” was merged into this record.") % {"loser": self.loser}
        merged = _("Merged into “%(winner)s”.") % {"winner": self.record}
        loser = copy(self.loser)  # it has no key once it is merged
        merge_partners(self.record, self.loser, self.user)
        self.log(merged, loser)
        return self.log(done, self.record)


class UndoMergerPage(ActionPage):
    name = "undo"
    of_record = False
    route = "mergers/<int:merger>/undo/"
    breadcrumb = gettext_lazy("Undo")
    permission = MERGE
    parent = MergersPage
    template_name = "admin/partners/partner/undo_merger.html"
    button = gettext_lazy("Undo the merger")

    def load(self) -> None:
        mergers = Merger.objects.select_related("winner")
        self.merger = get_object_or_404(mergers, pk=self.kwargs["merger"])
        self.restored: Partner | None = None

    def title(self) -> str:
        return _("Undo: %(merger)s") % {"merger": self.merger}

    def context(self) -> Mapping[str, object]:
        return {"merger": self.merger}

    def blockers(self) -> list[str]:
        return merger_undo_blockers(self.merger)

    def previews(self) -> Mapping[str, Callable[[], object]]:
        return {"": lambda: undo_merger(copy(self.merger), self.user)}

    def execute(self, form: StaffForm) -> str:
        done = _("“%(name)s” is a separate record again.") % {"name": self.merger.name}
        with transaction.atomic():
            self.restored = restored = undo_merger(self.merger, self.user)
            find_duplicates_of(restored)
            return self.log(done, cast(Partner, self.merger.winner), restored)

    def success_url(self) -> str:
        return self.url_of("change", self.restored.pk) if self.restored else self.cancel_url()

    def cancel_url(self) -> str:
        return self.url_of(MergersPage.name)


MERGING_PAGES = [DuplicatesPage, MergersPage, UndoMergerPage, ChoosePage, MergePage]
