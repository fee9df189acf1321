"""The base of the staff pages of all our records."""

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, ClassVar, NamedTuple, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import NestedObjects, label_for_field
from django.contrib.admin.views.main import ORDER_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.db.models import (
    Case,
    Exists,
    ForeignKey,
    IntegerField,
    Model,
    Q,
    QuerySet,
    TextChoices,
    When,
)
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from psf.database.record_version import fingerprint, lock
from psf.history import recording
from psf.history.models import Channel
from psf.history.tracking import is_tracked
from psf.staff.download import FORMATS, DownloadPage
from psf.staff.edit_conflicts import dump_base, last_entry
from psf.staff.forms import RecordForm
from psf.staff.history_pages import DeletedPage, HistoryPage, StatePage
from psf.staff.pages import StaffPage
from psf.staff.saving import Save
from psf.staff.sections import sections_of, without_slug
from psf.staff.widgets import StaffFields
from psf.text.folding import words_of
from psf.text.slugs import free_slug

DeletionRules = list[tuple[Q | Exists, str]]
YEAR = re.compile(r"[12][0-9]{3}\Z")  # Django itself breaks at a year without a next one
# A condition of a value, or of the key of a related record.
SAFE_TRANSFORM = re.compile(r"(?:(?:id|code)(?:__|\Z))?(?:exact|isnull|gte|lt|month|day)?\Z")


class PageLink(NamedTuple):
    """A link above a list, or above the form of a record, with the stage of its page."""

    label: str | Promise
    url: str
    stage: TextChoices | None = None


def count_column(label: Any, annotation: str) -> Callable[[Any, Any], int]:
    """A column of a list that shows a number from the query, and sorts by it."""

    @admin.display(description=label, ordering=annotation)
    def column(model_admin: object, row: object) -> int:
        return getattr(row, annotation)

    return column


class ChangeReasonForm(forms.Form):
    """The reason for a change, below the form of a record."""

    why = forms.CharField(
        label=gettext_lazy("Reason (optional, kept in the history)"),
        max_length=recording.REASON_LENGTH,
        required=False,
    )


class RecordAdmin(StaffFields, admin.ModelAdmin):
    """The list and the form of a model, and the pages beside them.

    Answers reveal nothing that the account may not see. Forms and confirmations carry the version
    of the record. They also carry the number of the last entry in the history: later entries show
    who changed the record since then.
    """

    form = RecordForm
    pages: ClassVar[Sequence[type[StaffPage]]] = []
    first_page: ClassVar[str] = "change"  # where the name of a record leads; else its bare address
    form_stage: ClassVar[TextChoices | None] = None  # of the form, as `StaffPage.stage`
    has_history = True  # whether the history keeps the changes
    versioned_by: ClassVar[list[str]] = []  # the fields that replace a version, without one
    list_per_page = 50
    show_full_result_count = False
    change_form_template = "admin/record_form.html"

    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check the permission before the lookup, which reveals whether the record exists."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, *args, **kwargs)

    def lookup_allowed(self, lookup: str, value: object, request: HttpRequest) -> bool:
        """Allow the filters beside the list, and the primary key.

        With any other lookup somebody could guess the value of a hidden field letter by letter.
        """
        name, _between, transform = lookup.partition("__")
        if name not in self._filter_names(request):
            return False
        if transform == "year":
            return bool(YEAR.match(str(value)))
        return bool(SAFE_TRANSFORM.match(transform))

    def _filter_names(self, request: HttpRequest) -> list[str]:
        filters: list[Any] = [
            item[0] if isinstance(item, tuple | list) else item
            for item in self.get_list_filter(request)
        ]
        names = [getattr(item, "parameter_name", item) for item in filters]
        return ["pk", self.opts.pk.name, *names, *filter(None, [self.date_hierarchy])]

    # Pages beside the list and the form

    def get_urls(self) -> list[URLPattern]:
        """Our pages, and Django's pages of other names."""
        pages = self.page_urls()
        names = {page.name for page in pages}
        return [*pages, *(page for page in super().get_urls() if page.name not in names)]

    def page_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(page.full_route(), view(page.as_view(admin=self)), name=self.page_name(page.name))
            for page in self.all_pages()
        ]

    def all_pages(self) -> list[type[StaffPage]]:
        of_records = [HistoryPage, StatePage, DeletedPage, DownloadPage]
        return [*self.pages, *(of_records if self.has_history else [])]

    def page_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def page_url(self, page: str, *args: object) -> str:
        return reverse(f"admin:{self.page_name(page)}", args=args)

    def links(self, request: HttpRequest, obj: Any) -> list[PageLink]:
        """The links to the pages of a record. Above its form stand those of the same stage."""
        return self._links_to(request, obj)

    def head(self, request: HttpRequest, obj: Any, stage: TextChoices | None) -> object:
        """What stands under the title of every page of a record; None without such a head.

        `stage` is the stage of the page.
        """
        return None

    def _links_to(self, request: HttpRequest, record: Model | None) -> list[PageLink]:
        """The links to the pages of a record, or of the list."""
        links = []
        for page in self.all_pages():
            if page.label and page.of_record == (record is not None):
                view = page(admin=self, record=record)
                view.setup(request)
                if view.is_offered():
                    links.append(PageLink(view.label, view.url_of(view.name), view.stage))
        return links

    # The list and the form

    def slug_texts(self, obj: Any) -> list[str]:
        """Texts for the slug of a new record; [] for a model without a slug."""
        return []

    def deletion_rules(self) -> DeletionRules:
        """The conditions on which nobody may delete a record, whatever their permissions.

        Each has a sentence with `%(record)s`: why, and what can be done instead.
        """
        return []

    def notices(self, obj: Any) -> list[str]:
        """Sentences that staff should read before they change this record."""
        return self.saved_warnings(obj)

    def declared_sections(self, request: HttpRequest, obj: Model | None) -> list[Any]:
        """The sections with fields for this record. A new one has no address yet."""
        sections = [(title, {**more}) for title, more in super().get_fieldsets(request, obj)]
        if not obj:
            for _title, more in sections:
                more["fields"] = without_slug(more["fields"])
        return sections

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        sections = self.declared_sections(request, obj)
        return [
            (title, {"fields": more["fields"], "description": more.get("description", "")})
            for title, more in sections
        ]

    def head_facts(self, obj: Any) -> list[str]:
        """What always stays in view above the form: status, publication and the like."""
        return []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        readonly = super().get_readonly_fields(request, obj)
        has_slug = any(field.name == "slug" for field in self.opts.get_fields())
        return [*readonly, "slug"] if has_slug else readonly

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A link may fill in foreign keys of a new record, and no other field."""
        fields = {field.name for field in self.opts.get_fields() if isinstance(field, ForeignKey)}
        return {name: value for name, value in request.GET.items() if name in fields}

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Find records with every word in any of their names. Case and accents do not matter.

        The best matches come first, unless the list is sorted by a column.
        """
        if search_term and hasattr(queryset, "best_first") and ORDER_VAR not in request.GET:
            return queryset.found_by(search_term).best_first(search_term), False
        if hasattr(queryset, "found_by"):
            return queryset.found_by(search_term), False
        return super().get_search_results(request, queryset, " ".join(words_of(search_term)))

    def get_view_on_site_url(self, obj: Model | None = None) -> str | None:
        """Return the address of the public page, None without one."""
        # A lead partner shares the page of its organisation, public even where it leads nothing.
        records = cast(Any, self.opts.concrete_model)._default_manager
        if obj is None or not hasattr(records, "public"):
            return None
        is_public = records.public().filter(pk=obj.pk).exists()
        return cast(Any, obj).get_absolute_url() if is_public else None

    # Saving

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any
    ) -> HttpResponse:
        """Django shows the form of a record; a sent form is saved by `Save`."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, *args)
        # After an IntegrityError the second attempt finds the cause and explains it in the form.
        for _attempt in range(2):
            with suppress(IntegrityError), transaction.atomic():
                return Save(self, request, object_id).answer()
        refusal = _(
            "Not saved: a related record was changed or deleted at the same time. "
            "Check this record, then save again."
        )
        with transaction.atomic():
            return Save(self, request, object_id, refusal).answer()

    def recording(self, request: HttpRequest, channel: Channel) -> AbstractContextManager[Any]:
        """Record the changes of a sent form as one change set, with its reason."""
        if request.method != "POST" or not self.has_history:
            return nullcontext()
        reason = request.POST.get("why", "").replace("\0", "").strip()
        return recording.change_set(request.user, channel=channel, reason=reason)

    def version_of(self, obj: Model) -> str:
        if self.versioned_by:
            return fingerprint(obj, self.versioned_by)
        return str(cast(Any, obj).version)

    def locked(self, request: HttpRequest, key: str) -> Any:
        """Lock and return the current record; None if the list does not have it."""
        with suppress(ValidationError, ValueError):
            lock(self.model._base_manager.filter(pk=key).only("pk"))
        return self.get_object(request, key)

    def is_seen(self, obj: Model) -> bool:
        """Whether readers may see the record. Records without a page of their own always count.

        Accounts are never public.
        """
        model: Any = self.opts.concrete_model
        has_page = hasattr(model._default_manager, "public")
        return is_tracked(model) and not (has_page and self.get_view_on_site_url(obj) is None)

    def saved_warnings(self, obj: Any) -> list[str]:
        """Sentences about a record that was saved. `save_model()` may run twice, and sends none."""
        return []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        texts = self.slug_texts(obj)
        if texts and not change:
            obj.slug = free_slug(self.is_slug_taken, *texts)
        super().save_model(request, obj, form, change)

    def is_slug_taken(self, slug: str) -> bool:
        """Whether a record has this slug already."""
        return self.model._default_manager.filter(slug=slug).exists()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        context.setdefault("refusal", "")
        context["sections"] = sections_of(
            self.declared_sections(request, obj),
            context["adminform"],
            context["inline_admin_formsets"],
            context.get("summaries", {}),
        )
        stored_version = context.pop("stored_version", "")  # of a sent form
        if obj:
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            context["base"] = dump_base(context["adminform"].form, formsets)
            version = stored_version or self.version_of(obj)
            context["version"] = f"{version}.{last_entry(self.model, obj.pk)}"
            if self.has_history and self.has_change_permission(request, obj):
                why = request.POST.get("why", "")
                context["reason_form"] = ChangeReasonForm(initial={"why": why})
            context["notices"] = self.notices(obj)
            links, stage = self.links(request, obj), self.form_stage
            context["links"] = [link for link in links if stage in [None, link.stage]]
            context["head"] = self.head(request, obj, self.form_stage)
            context["head_facts"] = self.head_facts(obj)
            context["can_preview"] = self.is_seen(obj)
            context["stays"] = self.deletion_blockers(obj)
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        downloads = [
            (suffix.upper(), self.page_url(DownloadPage.name, suffix))
            for suffix in (FORMATS if self.has_history else [])
        ]
        # The first column stays: it has the links.
        columns = [
            (name, label_for_field(name, self.model, self))
            for name in self.get_list_display(request)[1:]
        ]
        context = {
            "title": title,
            "list_links": self._links_to(request, None),
            "downloads": downloads,
            "columns": columns,
        }
        return super().changelist_view(request, context | (extra_context or {}))

    # Deleting: the confirmation has the version that its page showed

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        [obj] = objs
        if blockers := self.deletion_blockers(obj) or self._changed_since_shown(obj, request):
            return [], {}, set(), blockers
        _rows, counts, lacking, _protected = super().get_deleted_objects(objs, request)
        collector = _NamedObjects(using=DEFAULT_DB_ALIAS)
        collector.collect(objs)
        protected = _described([*collector.protected])
        return _described(collector.nested()), counts, lacking, protected

    def _changed_since_shown(self, obj: Model, request: HttpRequest) -> list[str]:
        """A sentence, if a record that was confirmed is not as the page showed it."""
        if request.method != "POST":
            return []
        records = lock(self.model._base_manager.filter(pk=obj.pk))
        is_same = [self.version_of(row) for row in records] == [request.POST.get("version")]
        return [] if is_same else [_("It was changed after this page was opened. Check it again.")]

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with self.recording(request, Channel.FORM):
            return super().delete_view(request, *args, **kwargs)

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        context["version"] = self.version_of(context["object"])
        response = super().render_delete_form(request, context)
        if self.deletion_blockers(context["object"]):
            response.status_code = 403
        return response

    def deletion_blockers(self, obj: Model) -> list[str]:
        """The sentence of the first rule that applies; [] if the record may be deleted."""
        rules = self.deletion_rules()
        cases = [When(rule, then=place) for place, (rule, _words) in enumerate(rules)]
        first = Case(*cases, output_field=IntegerField())
        records = self.model._default_manager.filter(pk=obj.pk).annotate(rule=first)
        places = records.filter(rule__isnull=False).values_list("rule", flat=True)
        return [rules[place][1] % {"record": obj} for place in places]


class ReadOnly:
    """The permissions of records or rows that nobody adds, changes or deletes there."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class _NamedObjects(NestedObjects):
    """The rows that a deletion deletes, with the related records that name them."""

    def related_objects(self, related_model: type[Model], *args: Any) -> QuerySet[Any]:
        related = [field.name for field in related_model._meta.fields if field.is_relation]
        return super().related_objects(related_model, *args).select_related(*related)


def _described(rows: list[Any]) -> list[Any]:
    """Describe nested rows, without those that only link a record to a priority or a topic."""
    items = [
        _described(row) if isinstance(row, list) else f"{capfirst(row._meta.verbose_name)}: {row}"
        for row in rows
        if isinstance(row, list) or not row._meta.auto_created
    ]
    return [item for item in items if item]
