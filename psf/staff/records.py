"""What the staff's pages of all our records share."""

import re
from abc import abstractmethod
from typing import Any, NamedTuple, cast

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import ForeignKey, Model, QuerySet
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.staff.optimistic_locking import OptimisticLockAdmin
from psf.staff.widgets import SafeAutocompleteSelect, StaffFields
from psf.text.folding import words_of
from psf.text.slugs import free_slug

MAX_PARTS = 60
SAFE_LOOKUPS = ["exact", "isnull", "gte", "lt", "month", "day"]
YEAR = re.compile(r"[12][0-9]{3}\Z")  # Django itself breaks at a year without a next one


class Tool(NamedTuple):
    """A link above a record's form; where there are many, `box` says with which it stands."""

    label: str
    url: str
    box: str = ""


class ConfidentialAdmin(admin.ModelAdmin):
    """Tells nobody, by what it answers, anything that they may not see.

    Nothing but the filters on the page can be asked of its list: any other lookup would tell,
    letter by letter, what a hidden field holds.
    """

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django looks for the record first: that would tell which there are."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Only what the filters beside the list ask, and the record's own number."""
        name, *rest = lookup.split("__")
        if name not in self._filter_names(request):
            return False
        if rest and rest[0] == self._key_of(name):
            rest = rest[1:]
        if rest == ["year"]:
            return bool(YEAR.match(str(value)))
        return not rest or (len(rest) == 1 and rest[0] in SAFE_LOOKUPS)

    def _filter_names(self, request: HttpRequest) -> list[str]:
        filters: list[Any] = [
            item[0] if isinstance(item, tuple | list) else item
            for item in self.get_list_filter(request)
        ]
        names = [getattr(item, "parameter_name", item) for item in filters]
        return ["pk", self.opts.pk.name, *names, *filter(None, [self.date_hierarchy])]

    def _key_of(self, name: str) -> str:
        """The key of the records to which that field leads."""
        related = [field.related_model for field in self.opts.get_fields() if field.name == name]
        return related[0]._meta.pk.name if related and related[0] else ""


class RecordList(ChangeList):
    """Django's, which looks for the address of each row among those of all pages."""

    def url_for_result(self, result: Any) -> str:
        return f"{self._address}{quote(getattr(result, self.pk_attname))}/change/"

    @cached_property
    def _address(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


class RecordAdmin(ConfidentialAdmin, StaffFields, OptimisticLockAdmin):
    """The pages of one kind of record."""

    purpose: str | Promise = ""  # one line for the first page: what this is for
    list_per_page = 50
    show_full_result_count = False
    change_form_template = "admin/record_form.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return RecordList

    def slug_texts(self, obj: Any) -> list[str]:
        """From what the address of a new record is made; [] for a kind without one of its own."""
        return []

    def undeletable(self, records: QuerySet) -> QuerySet:
        """Those of the records that nobody may delete, whatever their permissions."""
        return records.none()

    @abstractmethod
    def deletion_blocker(self, obj: Any) -> str:
        """The reason, and what can be done instead."""

    def notices(self, request: HttpRequest, obj: Any) -> list[str]:
        """What staff should know before they change this record."""
        return []

    def tools(self, request: HttpRequest, obj: Any) -> list[Tool]:
        """What else can be done with this record."""
        return []

    def in_boxes(self, obj: Any, tools: list[Tool]) -> list[tuple[str, list[Tool]]]:
        """The tools as they stand together, each lot with what it is for: here all without."""
        return [("", tools)]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj:
            return fieldsets
        return [fieldset for fieldset in fieldsets if fieldset[1]["fields"] != ["slug"]]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        try:
            self.opts.get_field("slug")
        except FieldDoesNotExist:
            return super().get_readonly_fields(request, obj)
        return [*super().get_readonly_fields(request, obj), "slug"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A link may say to what a new record belongs, and nothing else."""
        fields = {field.name for field in self.opts.get_fields() if isinstance(field, ForeignKey)}
        return {name: value for name, value in request.GET.items() if name in fields}

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Every word of the text, without case and accents, in any name the record ever had.

        The best matches first, as long as nobody has chosen a column to sort by.
        """
        if hasattr(queryset, "best_first") and ORDER_VAR not in request.GET:
            return queryset.found_by(search_term).best_first(search_term), False
        if hasattr(queryset, "found_by"):
            return queryset.found_by(search_term), False
        return super().get_search_results(request, queryset, " ".join(words_of(search_term)))

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """The public page, where there is one."""
        # A lead partner's page is that of the organisation, which may be public without leading.
        records = cast(Any, self.opts.concrete_model)._default_manager
        if obj is None or not hasattr(records, "public"):
            return None
        is_public = records.public().filter(pk=obj.pk).exists()
        return obj.get_absolute_url() if is_public else None

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
            context["toolboxes"] = self.in_boxes(obj, self.tools(request, obj))
            context["stays"] = [self.deletion_blocker(record) for record in self._staying([obj])]
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title} | (extra_context or {}))

    # Deleting

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and self._staying([obj]))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        if staying := self._staying(objs):
            return [], {}, set(), [self.deletion_blocker(obj) for obj in staying]
        found, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return _without_links(found), counts, lacking, protected

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if obj and super().has_delete_permission(request, obj) and self._staying([obj]):
            response = self._refuse_deletion(request, obj)
            response.status_code = 403
            return response
        return super().delete_view(request, object_id, extra_context)

    def _staying(self, objs: Any) -> list[Any]:
        records = self.model._default_manager.filter(pk__in=[obj.pk for obj in objs])
        return list(self.undeletable(records))

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
                "protected": [self.deletion_blocker(obj)],
                "for_good": True,
            },
        )


def _without_links(found: list[Any]) -> list[Any]:
    """What goes with a record, without the rows that only link it to a priority or a topic."""
    links = tuple(
        f"{capfirst(model._meta.verbose_name)}: "
        for model in apps.get_models(include_auto_created=True)
        if model._meta.auto_created
    )
    kept = [
        _without_links(item) if isinstance(item, list) else item
        for item in found
        if isinstance(item, list) or not item.startswith(links)
    ]
    return [item for item in kept if item]


class PartForm(forms.ModelForm):
    """A row of a list of parts; it asks nothing again of what was loaded with the row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            widget = getattr(field.widget, "widget", field.widget)
            if not isinstance(widget, SafeAutocompleteSelect):
                continue
            relation = self.instance._meta.get_field(name)
            if relation.is_cached(self.instance) and (related := getattr(self.instance, name)):
                widget.known = {str(related.pk): str(related)}


class PartsFormSet(BaseInlineFormSet):
    def is_kept(self, form: forms.ModelForm) -> bool:
        """Whether the row says something and is not to be deleted."""
        return bool(form.cleaned_data) and not form.cleaned_data.get(DELETION_FIELD_NAME)

    def kept_rows(self) -> list[dict[str, Any]]:
        return [form.cleaned_data for form in self.forms if self.is_kept(form)]


class RowsInline(StaffFields, admin.StackedInline):
    """The parts of a record, edited with it; so many at most that one request stays small."""

    template = "admin/edit_inline/rows.html"
    form = PartForm
    extra = 0
    max_num = MAX_PARTS

    def name_of(self, part: Any) -> str:
        """By what a part is known among the others of its record."""
        return str(part)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, **{"absolute_max": MAX_PARTS} | kwargs)
