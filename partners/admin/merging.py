"""Staff pages for possible duplicates, mergers and the undoing of mergers."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.matching.duplicates import find_duplicates_of, mark_as_different
from partners.matching.merge import (
    merge_blockers,
    merge_partners,
    merger_undo_blockers,
    undo_merger,
)
from partners.matching.merge_preview import preview_merger
from partners.models import DuplicateCandidate, Merger, Partner
from psf.database.record_version import lock
from psf.impact.preview import preview_impact
from psf.staff.records import Link, RecordAdmin
from psf.staff.widgets import SafeAutocompleteSelect

MERGE = "partners.merge_partner"
ROWS = 25


def may_merge(request: HttpRequest) -> bool:
    return request.user.has_perm(MERGE)


class MergeWithForm(forms.Form):
    """Asks for the record to merge with."""

    other = forms.ModelChoiceField(
        Partner.objects.all(),
        label=gettext_lazy("Other record"),
        help_text=gettext_lazy("Type part of one of its names."),
    )

    def __init__(self, *args: Any, admin_site: AdminSite, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["other"]
        widget = SafeAutocompleteSelect(Partner._meta.get_field("successor"), admin_site)
        widget.choices = field.choices
        field.widget = widget


class MergingAdmin(RecordAdmin):
    """Adds the pages for duplicates and mergers to the pages of organisations."""

    def get_urls(self) -> list[Any]:
        pages: list[tuple[str, Any, str]] = [
            ("duplicates/", self.duplicates_view, "duplicates"),
            ("mergers/", self.mergers_view, "mergers"),
            ("mergers/<int:merger_id>/undo/", self.undo_view, "undo"),
            ("<int:winner_id>/merge/", self.choose_view, "choose"),
            ("<int:winner_id>/merge/<int:loser_id>/", self.merge_view, "merge"),
        ]
        return [
            *(
                path(address, self.admin_site.admin_view(view), name=f"partners_partner_{name}")
                for address, view, name in pages
            ),
            *super().get_urls(),
        ]

    def links(self, request: HttpRequest, obj: Model) -> list[Link]:
        links = super().links(request, obj)
        if may_merge(request):
            url = reverse("admin:partners_partner_choose", args=[obj.pk])
            links.append(Link(_("Merge…"), url))
        return links

    def _page(self, request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
        request.current_app = self.admin_site.name
        common = self.admin_site.each_context(request)
        return TemplateResponse(
            request,
            f"admin/partners/partner/{name}.html",
            {**common, "title": title, "opts": Partner._meta, **context},
        )

    # Possible duplicates

    def duplicates_view(self, request: HttpRequest) -> HttpResponse:
        """The undecided pairs; a POST marks a pair as different."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._mark_as_different(request)
        rows = DuplicateCandidate.objects.waiting().for_list()
        page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
        keys = {key for row in page for key in (row.first_id, row.second_id)}
        records = Partner.objects.for_staff_list().in_bulk(keys)
        pairs = [(row, [records[row.first_id], records[row.second_id]]) for row in page]
        return self._page(
            request,
            "duplicates",
            _("Possible duplicates"),
            page=page,
            pairs=pairs,
            may_merge=may_merge(request),
            may_decide=self.has_change_permission(request),
        )

    def _mark_as_different(self, request: HttpRequest) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        key = request.POST.get("pair", "")
        row = get_object_or_404(
            DuplicateCandidate.objects.for_list(), pk=int(key) if key.isdecimal() else 0
        )
        mark_as_different(row.first, row.second, _account(request))
        names = {"first": row.first, "second": row.second}
        message = _("“%(first)s” and “%(second)s” are marked as different organisations.") % names
        for partner in [row.first, row.second]:
            self.log_change(request, partner, message)
        self.message_user(request, message, messages.SUCCESS)
        return redirect("admin:partners_partner_duplicates")

    # Merging

    def choose_view(self, request: HttpRequest, winner_id: int) -> HttpResponse:
        """Choose the record to merge with: a possible duplicate, or any other record."""
        winner = self._record(request, winner_id)
        data = request.POST if request.method == "POST" else None
        form = MergeWithForm(data, admin_site=self.admin_site)
        if form.is_valid():
            loser = form.cleaned_data["other"]
            return redirect("admin:partners_partner_merge", winner.pk, loser.pk)
        waiting = DuplicateCandidate.objects.waiting().of(winner).for_list()
        duplicates = [(row, row.other_than(winner)) for row in waiting]
        title = _("Merge “%(winner)s” with another record") % {"winner": winner}
        return self._page(
            request,
            "choose",
            title,
            original=winner,
            form=form,
            media=form.media,
            duplicates=duplicates,
        )

    def merge_view(self, request: HttpRequest, winner_id: int, loser_id: int) -> HttpResponse:
        winner, loser = self._record(request, winner_id), self._record(request, loser_id)
        blockers = merge_blockers(winner, loser)
        if request.method == "POST":
            blockers = self._merge(request, winner, loser)
            if not blockers:
                return redirect("admin:partners_partner_change", winner.pk)
            winner, loser = self._record(request, winner_id), self._record(request, loser_id)
        return self._page(
            request,
            "merge",
            _("Merge “%(loser)s” into “%(winner)s”") % {"loser": loser, "winner": winner},
            original=winner,
            loser=loser,
            blockers=blockers,
            version=self._versions_shown(winner, loser),
            preview=preview_merger(winner, loser),
            impact=preview_impact(lambda: merge_partners(winner, loser, _account(request))),
        )

    def _versions_shown(self, *partners: Partner) -> str:
        return " ".join(f"{partner.pk}:{partner.version}" for partner in partners)

    def _merge(self, request: HttpRequest, winner: Partner, loser: Partner) -> list[str]:
        """Merge the records; return the errors, [] on success."""
        message = _("“%(loser)s” was merged into this record.") % {"loser": loser}
        try:
            with transaction.atomic():
                rows = lock(Partner.objects.filter(pk__in=[winner.pk, loser.pk]))
                locked = {row.pk: row for row in rows}
                current = [locked.get(winner.pk, winner), locked.get(loser.pk, loser)]
                if request.POST.get("version") != self._versions_shown(*current):
                    raise ValidationError(
                        _("Not merged: the records were changed after you opened this page.")
                    )
                self.log_change(request, loser, _("Merged into “%(winner)s”.") % {"winner": winner})
                merge_partners(winner, loser, _account(request))
                self.log_change(request, winner, message)
        except ValidationError as error:
            return error.messages
        self.message_user(request, message, messages.SUCCESS)
        return []

    # Undoing

    def mergers_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Merger.objects.select_related("winner", "merged_by", "undone_by")
        page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
        page.object_list = list(page.object_list)  # so that the template runs no query
        return self._page(
            request, "mergers", _("Merged organisations"), page=page, may_merge=may_merge(request)
        )

    def undo_view(self, request: HttpRequest, merger_id: int) -> HttpResponse:
        if not may_merge(request):
            raise PermissionDenied
        merger = get_object_or_404(Merger.objects.select_related("winner"), pk=merger_id)
        blockers = merger_undo_blockers(merger)
        if request.method == "POST" and not blockers:
            return self._undo(request, merger)
        title = _("Undo: %(merger)s") % {"merger": merger}
        return self._page(request, "undo", title, merger=merger, blockers=blockers)

    def _undo(self, request: HttpRequest, merger: Merger) -> HttpResponse:
        with transaction.atomic():
            restored = undo_merger(merger, _account(request))
            message = _("“%(name)s” is a separate record again.") % {"name": merger.name}
            for partner in [merger.winner, restored]:
                self.log_change(request, partner, message)
            find_duplicates_of(restored)
        self.message_user(request, message, messages.SUCCESS)
        return redirect("admin:partners_partner_change", restored.pk)

    def _record(self, request: HttpRequest, key: int) -> Partner:
        if not may_merge(request):
            raise PermissionDenied
        return get_object_or_404(Partner.objects.select_related("country"), pk=key)


def _account(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
