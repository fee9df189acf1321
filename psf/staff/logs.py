"""The lists of what happened: change sets, which can be undone, and the audit log."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from psf.audit.models import AuditEvent
from psf.history.models import Change, ChangeSet
from psf.history.recording import Account
from psf.history.restore import conflicting_change_sets, undo_blockers, undo_change_set, write_undo
from psf.history.states import Place
from psf.history.tracking import model_of
from psf.history.visibility import hide_reasons, sees_all, visible, visible_change_sets
from psf.history.words import Names, sentences_by_change_set
from psf.impact.preview import preview_impact
from psf.staff.history_pages import HistoryForm
from psf.staff.pages import ActionPage, page_of
from psf.staff.record_admin import ReadOnly, RecordAdmin

CHANGES_A_PAGE = 200
MOST_PREVIEWED = 20  # an import would take as long as its undoing


class ChangeSetList(ChangeList):
    """Adds a summary of the changed records to each change set of the page."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        hide_reasons(self.result_list, request.user)
        words = summaries(self.result_list, request.user)
        for change_set in self.result_list:
            change_set.summary = words[change_set.pk]


def summaries(change_sets: Iterable[ChangeSet], user: Account) -> dict[int, str]:
    """The changed records of each set that the user may see, by the key of the set."""
    keys = [row.pk for row in change_sets]
    changes = Change.objects.filter(change_set__in=keys)
    records = (
        visible(changes, user)
        .order_by()
        .values_list("change_set", "record_kind")
        .annotate(number=Count("record_key", distinct=True), key=Min("record_key"))
        .order_by("change_set", "record_kind")
    )
    rows = list(records)
    names = Names((kind, key) for _set, kind, number, key in rows if number == 1)
    phrases: dict[int, list[str]] = {key: [] for key in keys}
    for change_set, kind, number, key in rows:
        phrases[change_set].append(_records_phrase(kind, number, names.of(kind, key)))
    return {key: "; ".join(words) for key, words in phrases.items()}


def _records_phrase(kind: str, number: int, name: str) -> str:
    """The records of a kind in a change set; a single record is named."""
    options = model_of(kind)._meta
    if number == 1:
        label = capfirst(str(options.verbose_name))
        return _("%(kind)s “%(name)s”") % {"kind": label, "name": name}
    label = capfirst(str(options.verbose_name_plural))
    return _("%(kind)s: %(number)s") % {"kind": label, "number": number}


class ChangeSetPage(ActionPage):
    """A change set by record, with a form to undo the set."""

    name = "change"
    breadcrumb = gettext_lazy("Changes made together")
    permission = "view"
    template_name = "admin/history/change_set.html"
    fields = HistoryForm
    stays = True
    record: ChangeSet

    def load(self) -> None:
        super().load()
        may_undo = self.user.has_perm("history.undo_changeset")
        self.may_undo = may_undo and sees_all(self.record, self.user)
        self.shown_set = self.record

    def crumbs(self) -> list[tuple[str, str]]:
        return []

    def prepare(self, form: HistoryForm) -> None:
        is_undo = self.record.undoes_id is not None
        again = _("Make the undone changes again")
        form.button = again if is_undo else _("Undo these changes")

    def success_url(self) -> str:
        return self.admin.page_url(self.name, self.shown_set.pk)

    def context(self) -> Mapping[str, object]:
        change_set, user = self.record, self.request.user
        changes = visible(change_set.changes.order_by("pk"), user)
        page = page_of(self.request, changes, CHANGES_A_PAGE)
        undone_by = list(change_set.undone_by.all())
        blocking_sets = conflicting_change_sets(change_set) if self.may_undo else []
        blockers = undo_blockers(change_set) if self.may_undo else []
        may_preview = self.may_undo and not blockers and page.paginator.count <= MOST_PREVIEWED
        hide_reasons([change_set, *undone_by, *blocking_sets], user)
        return {
            "change_set": change_set,
            "page": page,
            "records": self._by_record(list(page)),
            "undone_by": undone_by,
            "may_undo": self.may_undo,
            "undo_blockers": blockers,
            "impact": preview_impact(lambda: write_undo(change_set)) if may_preview else None,
            "blocking_sets": blocking_sets,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.may_undo:
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def execute(self, form: HistoryForm) -> str:
        self.shown_set = undo_change_set(self.record, self.user, self.reason(form))
        return _("The changes were undone.")

    def _by_record(self, changes: list[Change]) -> list[tuple[str, str, str, list[str]]]:
        """Return kind, name, history address ("" for none) and sentences of each record."""
        by_record: dict[Place, list[str]] = {}
        for sentences in sentences_by_change_set(changes).values():
            for sentence in sentences:
                by_record.setdefault(sentence.record, []).append(sentence.sentence)
        names = Names(by_record)
        return [
            (
                capfirst(str(model_of(kind)._meta.verbose_name)),
                names.of(kind, key),
                self._history_of(kind, key),
                texts,
            )
            for (kind, key), texts in by_record.items()
        ]

    def _history_of(self, kind: str, key: str) -> str:
        site, model = self.admin.admin_site, model_of(kind)
        page = site.get_model_admin(model) if site.is_registered(model) else None
        if not getattr(page, "has_history", False):  # mergers, assessments
            return ""
        return reverse(f"admin:{kind.replace('.', '_')}_history", args=[key])


@admin.register(ChangeSet)
class ChangeSetAdmin(ReadOnly, RecordAdmin):
    pages = [ChangeSetPage]
    has_history = False

    list_display = ["made_at", "by_whom", "channel", "records", "reason"]
    list_filter = ["channel", ("user", admin.RelatedOnlyFieldListFilter)]
    sortable_by = ["made_at", "by_whom", "channel"]  # not by reasons: some are hidden
    date_hierarchy = "made_at"
    show_facets = admin.ShowFacets.NEVER  # one count of the whole history for each choice
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return visible_change_sets(request.user).order_by(*self.ordering)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return ChangeSetList

    @admin.display(description=gettext_lazy("who"), ordering="who")
    def by_whom(self, change_set: ChangeSet) -> str:
        return change_set.who or "–"

    @admin.display(description=gettext_lazy("records"))
    def records(self, change_set: ChangeSet) -> str:
        return getattr(change_set, "summary", "")


@admin.register(AuditEvent)
class AuditLog(ReadOnly, RecordAdmin):
    """The events, for accounts with the permission to see them. Nobody can change an event."""

    list_display = ["made_at", "kind", "who", "client", "note"]
    list_display_links = None
    # By the key of the account: an address of a page, which logs keep, has no name of a person.
    list_filter = ["kind", ("user", admin.RelatedOnlyFieldListFilter)]
    has_history = False
    versioned_by = ["kind"]
    date_hierarchy = "made_at"
    fields = ["made_at", "kind", "who", "client", "note"]
