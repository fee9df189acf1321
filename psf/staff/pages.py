"""The page of a record as readers see it, or would see it, shown to staff."""

from abc import abstractmethod
from typing import Any, ClassVar

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from psf.staff.records import RecordAdmin, Tool


class PreviewedAdmin(RecordAdmin):
    """A kind of record whose public page can be seen beside its form, public or not."""

    preview_template: ClassVar[str]

    @abstractmethod
    def preview_context(self, obj: Any) -> dict[str, Any]:
        """What the public page is given."""

    @abstractmethod
    def preview_words(self, obj: Any) -> str:
        """What the banner above the page says of it."""

    def get_urls(self) -> list[Any]:
        return [self.page("preview", self.preview_view), *super().get_urls()]

    def page(self, name: str, view: Any) -> Any:
        """The address of a page of its own beside a record's form."""
        return path(
            f"<path:object_id>/{name.replace('_', '-')}/",
            self.admin_site.admin_view(view),
            name=self.url_name(name),
        )

    def url_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def url_of(self, page: str, obj: Any) -> str:
        return reverse(f"admin:{self.url_name(page)}", args=[obj.pk])

    def tools(self, request: HttpRequest, obj: Any) -> list[Tool]:
        return [Tool(_("Preview"), self.url_of("preview", obj))]

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The page as readers would see it: the very same template."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return require_safe(self._preview)(request, object_id)

    def _preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        obj = self.record_or_404(request, object_id)
        context = self.preview_context(obj) | {
            "preview": self.preview_words(obj),
            "edit_url": self.url_of("change", obj),
        }
        return TemplateResponse(request, self.preview_template, context)

    def record_or_404(self, request: HttpRequest, object_id: str) -> Any:
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        return obj
