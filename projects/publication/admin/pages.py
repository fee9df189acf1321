"""Publishing and taking back: pages of their own beside a record's form."""

from abc import abstractmethod
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.publication.admin.forms import in_words
from psf.database.record_version import lock
from psf.history import recording
from psf.history.models import Channel
from psf.impact.preview import preview_impact
from psf.staff.action_forms import PreviewedActionForm
from psf.staff.history.record_admin import HistoryAdmin
from psf.staff.records import Link

PUBLISH, TAKE_BACK = "publish", "take_back"


class PublicationAdmin(HistoryAdmin):
    """A record that is made public by an act, which has a permission and is confirmed."""

    publish_permission: ClassVar[str]
    act_forms: ClassVar[dict[str, type[PreviewedActionForm]]]
    act_titles = {
        PUBLISH: gettext_lazy("Publish %(record)s"),
        TAKE_BACK: gettext_lazy("Take %(record)s back from the public"),
    }

    @abstractmethod
    def act_context(self, act: str, obj: Any) -> dict[str, Any]:
        """What the page that asks for confirmation shows."""

    def shown_with(self, obj: Any) -> QuerySet:
        """The records that are published with this one, as the page says that asks for it."""
        return self.model._base_manager.none()

    @abstractmethod
    def can_publish(self, obj: Any) -> bool:
        """Whether something of the record is not before readers yet."""

    @abstractmethod
    def can_take_back(self, obj: Any) -> bool:
        """Whether readers see something of it, now or later."""

    def get_urls(self) -> list[Any]:
        acts = [(PUBLISH, self.publish_view), (TAKE_BACK, self.take_back_view)]
        return [*(self.page(name, view) for name, view in acts), *super().get_urls()]

    def links(self, request: HttpRequest, obj: Any) -> list[Link]:
        links = super().links(request, obj)
        if request.user.has_perm(self.publish_permission):
            if self.can_publish(obj):
                links.append(Link(_("Publish…"), self.page_url(PUBLISH, obj.pk)))
            if self.can_take_back(obj):
                links.append(Link(_("Take back…"), self.page_url(TAKE_BACK, obj.pk)))
        return links

    def notices(self, request: HttpRequest, obj: Any) -> list[str]:
        return [self.standing(obj), *super().notices(request, obj)]

    @admin.display(description=gettext_lazy("publication"), ordering="published_at")
    def publication(self, obj: Any) -> str:
        """Whether readers see the record, in a word."""
        if obj.published_at is None:
            return _("taken back") if obj.unpublished_at else _("not public")
        return _("public") if obj.is_public() else _("later")

    def standing(self, obj: Any) -> str:
        """The same in sentences."""
        told = ""
        if obj.published_at:
            words = (
                _("Public since %(moment)s.")
                if obj.is_public()
                else _("Public from %(moment)s on.")
            )
            told = words % {"moment": in_words(obj.published_at)}
        if obj.is_public() or not obj.unpublished_at:
            return told or _("Not public.")
        gone = _("Taken back on %(moment)s: %(reason)s") % {
            "moment": in_words(obj.unpublished_at),
            "reason": obj.unpublished_reason,
        }
        return f"{told} {gone}".strip()

    def publish_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._act_view(request, object_id, PUBLISH)

    def take_back_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._act_view(request, object_id, TAKE_BACK)

    def _act_view(self, request: HttpRequest, object_id: str, act: str) -> HttpResponse:
        if not request.user.has_perm(self.publish_permission):
            raise PermissionDenied
        obj = self.record_or_404(request, object_id)
        form = self.act_forms[act](request.POST if request.method == "POST" else None, record=obj)
        if form.is_bound and form.is_valid():
            done = self._carry_out(request, form)
            if done:
                self._report(request, obj, done)
                return redirect(self.page_url("change", obj.pk))
            obj = self.record_or_404(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": self.act_titles[act] % {"record": f"“{obj}”"},
            "opts": self.opts,
            "original": obj,
            "form": form,
            "version": self._version_shown(obj),
            "publication": self.standing(obj),
            "trials": [
                (what, seen)
                for what, act in form.preview().items()
                if (seen := preview_impact(act))
            ],
            **self.act_context(act, obj),
        }
        request.current_app = self.admin_site.name
        name = f"admin/projects/publication/{self.opts.model_name}_{act}.html"
        return TemplateResponse(request, name, context)

    def _carry_out(self, request: HttpRequest, form: PreviewedActionForm) -> str:
        """What was done, for the history of each record; "" if it could not be."""
        try:
            reason = form.cleaned_data.get("reason", "")
            with recording.change_set(request.user, channel=Channel.PUBLICATION, reason=reason):
                self._check_it_is_as_shown(request, form.record)
                done = form.execute()
                for record in [form.record, *form.also]:
                    self.log_change(request, record, done)
        except ValidationError as error:
            form.add_error(None, error)
            return ""
        return done

    def _version_shown(self, obj: Any) -> str:
        rows = self.shown_with(obj).order_by("pk").values_list("pk", "version")
        return " ".join([self.version_of(obj), *(f"{pk}:{version}" for pk, version in rows)])

    def _check_it_is_as_shown(self, request: HttpRequest, obj: Any) -> None:
        rows = lock(self.model._base_manager.filter(pk=obj.pk))
        if not rows:
            raise Http404
        lock(self.shown_with(obj))
        if request.POST.get("version") != self._version_shown(rows[0]):
            raise ValidationError(
                _("What you were shown has changed, so nothing was done: look at it again.")
            )

    def _report(self, request: HttpRequest, obj: Any, done: str) -> None:
        url = self.get_view_on_site_url(obj)
        if url:
            link = format_html('<a href="{}">{}</a>', url, _("See the public page"))
            self.message_user(request, format_html("{} {}", done, link), messages.SUCCESS)
        else:
            self.message_user(request, done, messages.SUCCESS)
