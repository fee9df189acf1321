"""The base of the staff pages of all our records."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, NamedTuple, cast

from django.contrib import admin
from django.contrib.admin.utils import NestedObjects, quote, unquote
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.exceptions import PermissionDenied
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Case, Exists, ForeignKey, Model, Q, QuerySet, TextChoices, When
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise, cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.staff.confidentiality import is_safe_lookup
from psf.staff.pages import ListPage, RecordPage, StaffPage
from psf.staff.reader_preview import ReaderPreviewAdmin
from psf.staff.widgets import StaffFields
from psf.text.folding import words_of
from psf.text.slugs import free_slug

DeletionRules = list[tuple[Q | Exists, str]]


class PageLink(NamedTuple):
    """A link above a list, or above the form of a record. Links of one stage are grouped."""

    label: str | Promise
    url: str
    stage: TextChoices | None = None


def section(
    title: Promise | None, *fields: str | tuple[str, ...], description: Promise | str = ""
) -> tuple[Any, Any]:
    """A part of a form for `fieldsets`."""
    return title, {"fields": list(fields), "description": description}


def count_column(label: Any, annotation: str) -> Callable[[Any, Any], int]:
    """A column of a list that shows a number from the query, and sorts by it."""

    @admin.display(description=label, ordering=annotation)
    def column(model_admin: object, row: object) -> int:
        return getattr(row, annotation)

    return column


class RecordList(ChangeList):
    """Django's list, without a search through all URL patterns for each row."""

    def url_for_result(self, result: Model) -> str:
        return f"{self._address}{quote(getattr(result, self.pk_attname))}/change/"

    @cached_property
    def _address(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


class RecordAdmin(StaffFields, ReaderPreviewAdmin):
    """The list and the form of a model, and the pages beside them.

    Answers reveal nothing that the account may not see.
    """

    purpose: str | Promise = ""  # one line for the home page of staff
    pages: ClassVar[Sequence[type[StaffPage]]] = []
    common_pages: ClassVar[Sequence[type[StaffPage]]] = []  # of all admins of a base class
    list_per_page = 50
    show_full_result_count = False
    change_form_template = "admin/record_form.html"

    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check the permission before the lookup, which reveals whether the record exists."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, *args, **kwargs)

    def lookup_allowed(self, lookup: str, value: object, request: HttpRequest) -> bool:
        return is_safe_lookup(self, lookup, value, request)

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
            for page in [*self.pages, *self.common_pages]
        ]

    def page_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def page_url(self, page: str, *args: object) -> str:
        return reverse(f"admin:{self.page_name(page)}", args=args)

    def links(self, request: HttpRequest, obj: Any) -> list[PageLink]:
        """The links above the form of a record."""
        return self._links_to(RecordPage, request, record=obj)

    def link_groups(self, obj: Any, links: list[PageLink]) -> list[tuple[str, list[PageLink]]]:
        """The links by the label of their group. Here all are in one group without a label."""
        return [("", links)]

    def list_links(self, request: HttpRequest) -> list[PageLink]:
        return self._links_to(ListPage, request)

    def _links_to(
        self, kind: type[StaffPage], request: HttpRequest, **record: object
    ) -> list[PageLink]:
        links = []
        for page in [*self.pages, *self.common_pages]:
            if issubclass(page, kind) and page.label:
                view = page(admin=self, **record)
                view.setup(request)
                if view.is_offered():
                    links.append(PageLink(view.label, view.url_of(view.name), view.stage))
        return links

    # The list and the form

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RecordList

    def slug_texts(self, obj: Any) -> list[str]:
        """Texts for the slug of a new record; [] for a model without a slug."""
        return []

    def deletion_rules(self) -> DeletionRules:
        """The conditions on which nobody may delete a record, whatever their permissions.

        Each has a sentence with `%(record)s`: why, and what can be done instead.
        """
        return []

    def notices(self, request: HttpRequest, obj: Any) -> list[str]:
        """Sentences that staff should read before they change this record."""
        return []

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj:
            return fieldsets
        return [fieldset for fieldset in fieldsets if fieldset[1]["fields"] != ["slug"]]

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
        if obj:
            context["notices"] = self.notices(request, obj)
            context["link_groups"] = self.link_groups(obj, self.links(request, obj))
            context["stays"] = self.deletion_blockers([obj])
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        context = {"title": title, "list_links": self.list_links(request)}
        return super().changelist_view(request, context | (extra_context or {}))

    # Deleting

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (
            obj and self.deletion_blockers([obj])
        )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        if blockers := self.deletion_blockers(objs):
            return [], {}, set(), blockers
        _deleted, counts, lacking, reasons = super().get_deleted_objects(objs, request)
        collector = _NamedObjects(using=DEFAULT_DB_ALIAS)
        collector.collect(objs)
        users = [_describe(row) for row in collector.protected]
        return _describe_all(collector.nested()), counts, lacking, users or reasons

    def delete_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if obj and super().has_delete_permission(request, obj) and self.deletion_blockers([obj]):
            response = self._refuse_deletion(request, obj)
            response.status_code = 403
            return response
        return super().delete_view(request, object_id, *args)

    def deletion_blockers(self, objs: Iterable[Model]) -> list[str]:
        """The sentence of the first rule that applies, for each record that nobody may delete."""
        rules = self.deletion_rules()
        if not rules:
            return []
        first = Case(*(When(rule, then=place) for place, (rule, _words) in enumerate(rules)))
        records = self.model._default_manager.filter(pk__in=[obj.pk for obj in objs])
        blocked = records.annotate(rule=first).filter(rule__isnull=False)
        places = dict(blocked.values_list("pk", "rule"))
        return [rules[places[obj.pk]][1] % {"record": obj} for obj in objs if obj.pk in places]

    def _refuse_deletion(self, request: HttpRequest, obj: Model) -> HttpResponse:
        name = self.opts.verbose_name
        return self.render_delete_form(
            request,
            {
                **self.admin_site.each_context(request),
                "title": _("Cannot delete %(name)s") % {"name": name},
                "object": obj,
                "object_name": str(name),
                "opts": self.opts,
                "protected": self.deletion_blockers([obj]),
                "for_good": True,
            },
        )


class ReadOnly:
    """The permissions of records or rows that nobody adds, changes or deletes there."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, RecordAdmin):
    """A list of records that nobody edits there."""


class _NamedObjects(NestedObjects):
    """The rows that a deletion deletes, with the related records that name them."""

    def related_objects(self, related_model: type[Model], *args: Any) -> QuerySet[Any]:
        related = [field.name for field in related_model._meta.fields if field.is_relation]
        return super().related_objects(related_model, *args).select_related(*related)


def _describe(row: Model) -> str:
    return f"{capfirst(row._meta.verbose_name)}: {row}"


def _describe_all(rows: list[Any]) -> list[Any]:
    """Describe nested rows, without those that only link a record to a priority or a topic."""
    items = [
        _describe_all(row) if isinstance(row, list) else _describe(row)
        for row in rows
        if isinstance(row, list) or not row._meta.auto_created
    ]
    return [item for item in items if item]
