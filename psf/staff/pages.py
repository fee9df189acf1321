"""Pages of staff beside a list of records, or beside the form of one record.

`RecordAdmin.pages` lists the pages. `RecordAdmin` makes their addresses and links.
"""

from abc import abstractmethod
from collections.abc import Mapping
from itertools import groupby
from typing import Any, ClassVar, Generic, cast

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Model, TextChoices
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy
from django.views import View

from psf.database.record_version import lock
from psf.history import recording
from psf.history.models import Channel
from psf.impact.preview import preview_impact
from psf.staff.action_forms import ActionForm, PreviewedActionForm, Record


def page_of(request: HttpRequest, rows: Any, per_page: int) -> Page:
    """The rows on the page that the address names, or on the nearest page that exists."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


class StaffPage(View):
    """The base of pages beside a list and beside a record."""

    name: ClassVar[str]  # "outbox": end of the URL's name
    route: ClassVar[str] = ""  # "letter/<int:number>/"; by default the name, with hyphens
    prefix: ClassVar[str] = ""
    label: ClassVar[str | Promise] = ""  # "Letters…": the link; "" if none leads here
    breadcrumb: ClassVar[str | Promise] = ""  # by default the label
    stage: ClassVar[TextChoices | None] = None  # the group of the link
    permission: ClassVar[str] = ""  # "projects.check_project"; "view", "change": of the admin
    parent: ClassVar["type[StaffPage] | None"] = None  # the breadcrumb before this page
    template_name: str

    admin: Any = None  # the `RecordAdmin` that shows the page

    @classmethod
    def full_route(cls) -> str:
        return cls.prefix + (cls.route or f"{cls.name.replace('_', '-')}/")

    @classmethod
    def crumb_label(cls) -> str:
        """The label of the page in breadcrumbs."""
        return str(cls.breadcrumb or cls.label).rstrip("…")

    @property
    def user(self) -> User:
        """The account. Every page of staff requires one."""
        return cast(User, self.request.user)

    def is_allowed(self) -> bool:
        """Whether the account may open the page."""
        if self.permission in ["view", "change"]:
            return getattr(self.admin, f"has_{self.permission}_permission")(self.request)
        return self.request.user.has_perm(self.permission)

    def is_offered(self) -> bool:
        """Whether a link leads here."""
        return self.is_allowed()

    def title(self) -> str:
        return self.crumb()

    def crumb(self) -> str:
        """The label of this page in breadcrumbs."""
        return self.crumb_label()

    def crumbs(self) -> list[tuple[str, str]]:
        """Label and address of the breadcrumbs between the list and this page."""
        return [(self.parent.crumb_label(), self.url_of(self.parent.name))] if self.parent else []

    def url_of(self, name: str, *args: object) -> str:
        """The address of a page beside this one."""
        return self.admin.page_url(name, *args)

    def context(self) -> Mapping[str, object]:
        return {}

    def load(self) -> None:
        """Load the record of the address. The account may open the page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.is_allowed():
            raise PermissionDenied
        self.load()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render()

    def render(self, **extra: object) -> HttpResponseBase:
        """The page with the context of all staff pages, its own `context()`, and `extra`."""
        self.request.current_app = self.admin.admin_site.name
        context = {
            **self.admin.admin_site.each_context(self.request),
            "opts": self.admin.opts,
            "title": self.title(),
            "crumbs": self.crumbs(),
            "crumb": self.crumb(),
            **self.context(),
            **extra,
        }
        return TemplateResponse(self.request, self.template_name, context)


class ListPage(StaffPage):
    """A separate page beside a list, such as the page that reads an announcement."""


class RecordPage(StaffPage, Generic[Record]):
    """A separate page beside the form of a record, such as the letters of a call."""

    prefix = "<path:object_id>/"
    heading: ClassVar[str | Promise] = ""  # "Letters of %(record)s"; by default the breadcrumb
    record: Record

    def title(self) -> str:
        words = {"record": self.record_name()}
        return str(self.heading) % words if self.heading else super().title()

    def record_name(self) -> str:
        return str(self.record)

    def load(self) -> None:
        self.record = self.admin.get_object(self.request, unquote(self.kwargs["object_id"]))
        if self.record is None:
            raise Http404

    def crumbs(self) -> list[tuple[str, str]]:
        return [(str(self.record), self.url_of("change")), *super().crumbs()]

    def url_of(self, name: str, *args: object) -> str:
        """The address of a page beside this one, of the same record."""
        return self.admin.page_url(name, self.record.pk, *args)

    def render(self, **extra: object) -> HttpResponseBase:
        return super().render(original=self.record, **extra)


class PreviewPage(RecordPage[Record]):
    """The page of a record as readers see it, or would see it."""

    name = "preview"
    label = gettext_lazy("Preview")
    permission = "view"

    @abstractmethod
    def banner(self) -> str:
        """The sentence above the page."""

    def render(self, **extra: object) -> HttpResponseBase:
        """The public template, without anything that other pages of staff show."""
        context = {**self.context(), "preview": self.banner(), "edit_url": self.url_of("change")}
        return TemplateResponse(self.request, self.template_name, context)


class FormPage(StaffPage):
    """A page with one form. A valid form is carried out and leads to another page."""

    template_name = "admin/action_page.html"
    form_class: ClassVar[type[ActionForm]]

    def form(self) -> ActionForm:
        return self.form_class(*self.sent(), user=self.request.user, **self.form_arguments())

    def sent(self) -> tuple[Any, ...]:
        """The data and files of a sent form; () if the page is only opened."""
        return (self.request.POST, self.request.FILES) if self.request.method == "POST" else ()

    def form_arguments(self) -> Mapping[str, object]:
        """The arguments of the form beside the request and the account."""
        return {}

    def version(self) -> str:
        """The version of the shown data; "" if the action does not depend on a version."""
        return ""

    @abstractmethod
    def success_url(self) -> str:
        """The address of the page after a successful action."""

    def cancel_url(self) -> str:
        """The address behind **Cancel**; "" for a page without such a link."""
        return self.success_url()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(form=self.form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form()
        if form.is_valid():
            try:
                done = self.execute(form)
            except ValidationError as error:
                form.add_error(None, error)
                self.load()
            else:
                self.report(done)
                return redirect(self.success_url())
        return self.render(form=form)

    def execute(self, form: ActionForm) -> str:
        """Carry the action out, unless the shown data have changed."""
        try:
            self.refuse_if_changed()
        except ValidationError as error:
            raise ValidationError([*error, *form.differences()]) from None
        return form.execute()

    def refuse_if_changed(self) -> None:
        """Raises ValidationError if the page that was sent showed another version."""
        if self.request.POST.get("version", "") != self.version():
            raise ValidationError(
                _("Nothing was saved: the records have changed. Check the page again.")
            )

    def report(self, done: str) -> None:
        messages.success(self.request, done)

    def render(self, **extra: object) -> HttpResponseBase:
        form = cast(ActionForm, extra["form"])
        form.version, form.cancel_url = self.version(), self.cancel_url()
        blockers = form.blockers()
        form.is_blocked = bool(blockers)
        impacts = []
        if isinstance(form, PreviewedActionForm):
            tried = [(label, preview_impact(action)) for label, action in form.preview().items()]
            impacts = [(label, impact) for label, impact in tried if impact]
        return super().render(**extra, blockers=blockers, impacts=impacts)


class LockedFormPage(FormPage):
    """A page with a form that changes the records that it shows. They stay locked meanwhile."""

    @abstractmethod
    def shown(self) -> list[Model]:
        """The records that the action depends on, as loaded, in the order of their locks."""

    def version(self) -> str:
        return " ".join(f"{row.pk}:{cast(Any, row).version}" for row in self.shown())

    def execute(self, form: ActionForm) -> str:
        with transaction.atomic():
            for model, rows in groupby(self.shown(), lambda row: row._meta.concrete_model):
                lock(cast(Any, model)._base_manager.filter(pk__in=[row.pk for row in rows]))
            self.load()
            return super().execute(form)


class ActionPage(FormPage, RecordPage[Record]):
    """A page with one form for an action on its record."""

    stays: ClassVar[bool] = False  # whether the next page is this page again

    def form_arguments(self) -> Mapping[str, object]:
        return {"record": self.record}

    def success_url(self) -> str:
        if self.stays:
            return self.url_of(self.name)
        return self.url_of(self.parent.name if self.parent else "change")

    def cancel_url(self) -> str:
        return "" if self.stays else self.success_url()


class RecordedActionPage(LockedFormPage, ActionPage[Record]):
    """An action whose changes are one change set, with an entry in the log of each record."""

    channel: ClassVar[Channel]

    def shown(self) -> list[Model]:
        return [self.record]

    def execute(self, form: ActionForm) -> str:
        reason = form.cleaned_data.get(form.reason_field, "")
        with recording.change_set(self.request.user, channel=self.channel, reason=reason):
            done = super().execute(form)
            for record in [self.record, *form.also]:
                self.admin.log_change(self.request, record, done)
        return done
