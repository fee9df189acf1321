"""All changes of all records, the newest first, and the undoing of whole sets."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Exists, Min, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from psf.history.models import Change, ChangeSet
from psf.history.tracking import model_of
from psf.history.undo import conflicting_change_sets, undo_blockers, undo_change_set
from psf.history.visibility import hidden_change_sets
from psf.history.wording import Names, sentences_by_change_set
from psf.staff.confidentiality import ConfidentialAdmin
from psf.staff.history.pages import ReasonForm, answer, page_of
from psf.staff.history.record_admin import HistoryAdmin

CHANGES_A_PAGE = 200


class KindFilter(admin.SimpleListFilter):
    title = gettext_lazy("kind of record")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [
            (model._meta.label_lower, capfirst(model._meta.verbose_name_plural))
            for model, ours in model_admin.admin_site._registry.items()
            if isinstance(ours, HistoryAdmin) and not model._meta.proxy
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        touched = Change.objects.filter(change_set=OuterRef("pk"), record_kind=self.value())
        return queryset.filter(Exists(touched))


class ChangeSetList(ChangeList):
    """Says of each set which records it touched, for the whole page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        touched = (
            Change.objects.filter(change_set__in=[each.pk for each in self.result_list])
            .order_by()
            .values("change_set", "record_kind")
            .annotate(number=Count("record_key", distinct=True), key=Min("record_key"))
            .order_by("change_set", "record_kind")
        )
        rows = list(touched)
        names = Names((row["record_kind"], row["key"]) for row in rows if row["number"] == 1)
        said: dict[int, list[str]] = {}
        for row in rows:
            said.setdefault(row["change_set"], []).append(_touched(row, names))
        for change_set in self.result_list:
            change_set.said = "; ".join(said.get(change_set.pk, []))


def _touched(row: Any, names: Names) -> str:
    options = model_of(row["record_kind"])._meta
    if row["number"] == 1:
        name = names.of(row["record_kind"], row["key"])
        return _("%(kind)s “%(name)s”") % {"kind": capfirst(options.verbose_name), "name": name}
    return _("%(kind)s: %(number)s") % {
        "kind": capfirst(options.verbose_name_plural),
        "number": row["number"],
    }


@admin.register(ChangeSet)
class ChangeSetAdmin(ConfidentialAdmin):
    purpose = gettext_lazy("Who changed what and when; whole sets can be undone.")

    list_display = ["made_at", "by_whom", "door", "records", "reason"]
    list_filter = ["door", KindFilter, ("user", admin.RelatedOnlyFieldListFilter)]
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "made_at"
    ordering = ["-pk"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).exclude(pk__in=hidden_change_sets(request.user))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return ChangeSetList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title} | (extra_context or {}))

    @admin.display(description=gettext_lazy("who"), ordering="who")
    def by_whom(self, change_set: ChangeSet) -> str:
        return change_set.who or "–"

    @admin.display(description=gettext_lazy("records"))
    def records(self, change_set: Any) -> str:
        return change_set.said

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """One set of changes, record by record, and the way to undo it."""
        if object_id is None or not self.has_view_permission(request):
            raise PermissionDenied
        change_set = self.get_object(request, object_id)
        if change_set is None:
            raise Http404
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_bound and not request.user.has_perm("history.undo_changeset"):
            raise PermissionDenied
        if form.is_bound and form.is_valid() and (made := self._undo(request, change_set, form)):
            self.message_user(request, _("All of it is undone."), messages.SUCCESS)
            return redirect(reverse("admin:history_changeset_change", args=[made.pk]))
        return self._page(request, change_set, form)

    def _undo(self, request: HttpRequest, change_set: Any, form: ReasonForm) -> ChangeSet | None:
        try:
            return undo_change_set(change_set, request.user, form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
            return None

    def _page(self, request: HttpRequest, change_set: Any, form: ReasonForm) -> HttpResponse:
        page = page_of(request, change_set.changes.order_by("pk"), CHANGES_A_PAGE)
        may_undo = request.user.has_perm("history.undo_changeset")
        context = {
            "title": _("What was changed together"),
            "change_set": change_set,
            "page": page,
            "records": self._by_record(list(page)),
            "undone_by": change_set.undone_by.all(),
            "may_undo": may_undo,
            "hindrances": undo_blockers(change_set) if may_undo else [],
            "later": conflicting_change_sets(change_set) if may_undo else [],
            "form": form,
        }
        return answer(self, request, "set", context)

    def _by_record(self, changes: list[Change]) -> list[tuple[str, str, str, list[str]]]:
        """Kind, name and address ("" for none) of each record with what happened to it."""
        told: dict[tuple[str, str], list[str]] = {}
        for one in [one for said in sentences_by_change_set(changes).values() for one in said]:
            told.setdefault(one.record, []).append(one.sentence)
        names = Names(told)
        return [
            (
                capfirst(model_of(kind)._meta.verbose_name),
                names.of(kind, key),
                self._history_of(kind, key),
                sentences,
            )
            for (kind, key), sentences in told.items()
        ]

    def _history_of(self, kind: str, key: str) -> str:
        ours = self.admin_site._registry.get(model_of(kind))
        if not isinstance(ours, HistoryAdmin):  # a text that was read, a merger, an assessment
            return ""
        return reverse(f"admin:{kind.replace('.', '_')}_history", args=[key])
