"""Pages of staff beside a list of records, or beside the form of one record.

`RecordAdmin.pages` lists the pages. `RecordAdmin` makes their addresses and links.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from itertools import groupby
from typing import Any, ClassVar, cast

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
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _, gettext_lazy
from django.views import View

from psf.database.record_version import lock
from psf.history import recording
from psf.history.models import Channel
from psf.impact.preview import preview_impact
from psf.staff.forms import StaffForm

# The version of a form with errors that was older than the records: its next save is refused.
OUTDATED = "outdated"


def page_of(request: HttpRequest, rows: Any, per_page: int) -> Page:
    """The rows on the page that the address names, or on the nearest page that exists."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


class StaffPage(View):
    """A page of staff beside the form of a record, or beside a list."""

    name: ClassVar[str]  # "outbox": end of the URL's name
    of_record: ClassVar[bool] = True  # False for a page beside a list
    route: ClassVar[str] = ""  # "letter/<int:number>/"; by default the name, with hyphens
    prefix: ClassVar[str] = "<path:object_id>/"  # of a page of a record
    label: ClassVar[str | Promise] = ""  # "Letters…": the link; "" if none leads here
    breadcrumb: ClassVar[str | Promise] = ""  # by default the label
    heading: ClassVar[str | Promise] = ""  # "Letters of %(record)s"; by default the breadcrumb
    stage: ClassVar[TextChoices | None] = None  # of the record: the page belongs to it
    permission: ClassVar[str] = ""  # "projects.check_project"; "view", "change": of the admin
    parent: ClassVar["type[StaffPage] | None"] = None  # the breadcrumb before this page
    template_name: str

    admin: Any = None  # the `RecordAdmin` that shows the page
    record: Any = None

    @classmethod
    def full_route(cls) -> str:
        prefix = cls.prefix if cls.of_record else ""
        return prefix + (cls.route or f"{cls.name.replace('_', '-')}/")

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
        words = {"record": self.record_name()}
        return str(self.heading) % words if self.heading else self.crumb()

    def record_name(self) -> str:
        return str(self.record)

    def crumb(self) -> str:
        """The label of this page in breadcrumbs."""
        return self.crumb_label()

    def crumbs(self) -> list[tuple[str, str]]:
        """Label and address of the breadcrumbs between the list and this page."""
        record = [(str(self.record), self.url_of(self.admin.first_page))] if self.of_record else []
        parents = [self.parent] if self.parent else []
        return [*record, *((page.crumb_label(), self.url_of(page.name)) for page in parents)]

    def url_of(self, name: str, *args: object) -> str:
        """The address of a page beside this one, of the same record."""
        key = [self.record.pk] if self.of_record else []
        return self.admin.page_url(name, *key, *args)

    def context(self) -> Mapping[str, object]:
        return {}

    def load(self) -> None:
        """Load the record of the address. The account may open the page."""
        if self.of_record:
            key = unquote(str(self.kwargs["object_id"]))
            self.record = self.admin.get_object(self.request, key)
            if self.record is None:
                raise Http404

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.is_allowed():
            raise PermissionDenied
        self.load()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render()

    @cached_property
    def record_head(self) -> Any:
        """What stands above every page of the record; None without such a head."""
        return self.admin.head(self.request, self.record, self.stage)

    def render(self, **extra: object) -> HttpResponseBase:
        """The page with the context of all staff pages, its own `context()`, and `extra`."""
        self.request.current_app = self.admin.admin_site.name
        context = {
            **self.admin.admin_site.each_context(self.request),
            "opts": self.admin.opts,
            "title": self.title(),
            "crumbs": self.crumbs(),
            "crumb": self.crumb(),
            "original": self.record,
            "head": self.record_head,
            **self.context(),
            **extra,
        }
        return TemplateResponse(self.request, self.template_name, context)


class PreviewPage(StaffPage):
    """The page of a record as readers see it, or would see it: the public template."""

    name = "preview"
    label = gettext_lazy("Preview")
    permission = "view"

    def banner(self) -> str:
        """The sentence above the page."""
        if self.admin.get_view_on_site_url(self.record):
            return _("Preview: the page as readers see it.")
        return _(
            "Preview: the page as readers will see it once it is public. It counts public "
            "projects only."
        )

    def render(self, **extra: object) -> HttpResponseBase:
        """Without anything that other pages of staff show."""
        context = {**self.context(), "preview": self.banner(), "edit_url": self.url_of("change")}
        return TemplateResponse(self.request, self.template_name, context)


class ActionPage(StaffPage):
    """A page with one form. A valid form is carried out and leads to another page.

    A class declares permission, words, fields and template, what depends on the record
    (`prepare()`), why the action is not possible (`blockers()`), what readers would see
    (`previews()`) and the action itself (`execute()`).
    """

    template_name = "admin/action_page.html"
    fields: ClassVar[type[StaffForm]] = StaffForm
    button: ClassVar[str | Promise] = ""  # by default that of the fields
    cancel_label: ClassVar[str | Promise] = gettext_lazy("Cancel")
    channel: ClassVar[Channel | None] = None  # of the change set, unless `execute()` opens one
    stays: ClassVar[bool] = False  # whether the next page is this page again

    @abstractmethod
    def execute(self, form: Any) -> str:
        """Carry the action out, and return a sentence that says so.

        Only for a valid form. Raises ValidationError where the action is not possible.
        """

    def prepare(self, form: Any) -> None:
        """Add to a new form what depends on the record: choices, initial values, needs."""

    def blockers(self) -> list[str]:
        """Sentences that say why the action is not possible now."""
        return []

    def previews(self) -> Mapping[str, Callable[[], object]]:
        """The actions whose effect for readers is shown, by label; "" labels a single action."""
        return {}

    def fresh(self) -> Any:
        """A copy of the record. A preview changes the copy only."""
        return copy(self.record)

    def shown(self) -> list[Model]:
        """The records that the action depends on, as loaded, in the order of their locks."""
        return []

    def version(self) -> str:
        """The version of the shown data; "" if the action does not depend on a version."""
        return " ".join(f"{row.pk}:{cast(Any, row).version}" for row in self.shown())

    def differences(self, form: Any) -> list[str]:
        """Sentences about stored values that the next save of this form would replace."""
        return []

    def reason(self, form: Any) -> str:
        """The reason that the history keeps."""
        return str(form.cleaned_data.get("reason", ""))

    def success_url(self) -> str:
        """The address of the page after a successful action."""
        if self.stays:
            return self.url_of(self.name)
        return self.url_of(self.parent.name if self.parent else self.admin.first_page)

    def cancel_url(self) -> str:
        """The address behind **Cancel**; "" for a page without such a link."""
        return "" if self.stays else self.success_url()

    # The flow of a request

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(form=self.form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form()
        if form.is_valid():
            try:
                done = self.carry_out(form)
            except ValidationError as error:
                form.add_error(None, error)
                self.load()
            else:
                self.report(done)
                return redirect(self.success_url())
        elif request.POST.get("version", "") != self.version():
            form.version = OUTDATED
        return self.render(form=form)

    def form(self) -> Any:
        """The form with the data and files that were sent, or as it is opened."""
        request = self.request
        form = self.make_form(*((request.POST, request.FILES) if request.method == "POST" else ()))
        self.prepare(form)
        return form

    def make_form(self, *sent: Any) -> StaffForm:
        return self.fields(*sent)

    def carry_out(self, form: Any) -> str:
        """Execute the action, unless the shown data have changed. They stay locked meanwhile."""
        with self.recording(form):
            if records := self.shown():
                for model, rows in groupby(records, lambda row: row._meta.concrete_model):
                    lock(cast(Any, model)._base_manager.filter(pk__in=[row.pk for row in rows]))
                self.load()
            self.refuse_if_changed(form)
            return self.execute(form)

    def recording(self, form: StaffForm) -> AbstractContextManager[Any]:
        if self.channel is not None:
            return recording.change_set(self.user, channel=self.channel, reason=self.reason(form))
        return transaction.atomic() if self.shown() else nullcontext()

    def refuse_if_changed(self, form: Any) -> None:
        """Raises ValidationError if the page that was sent showed another version."""
        if self.request.POST.get("version", "") != self.version():
            sentence = _("Nothing was saved: the records have changed. Check the page again.")
            raise ValidationError([sentence, *self.differences(form)])

    def log(self, done: str, *records: Model) -> str:
        """Add the sentence to the logs of the records, and return it."""
        for record in records:
            self.admin.log_change(self.request, record, done)
        return done

    def report(self, done: str) -> None:
        messages.success(self.request, done)

    def render(self, **extra: object) -> HttpResponseBase:
        form = cast(StaffForm, extra["form"])
        form.version = form.version or self.version()
        form.cancel_url = self.cancel_url()
        form.button, form.cancel_label = self.button or form.button, self.cancel_label
        blockers = self.blockers()
        form.is_blocked |= bool(blockers)
        actions = {} if form.is_blocked else self.previews()
        tried = [(label, preview_impact(action)) for label, action in actions.items()]
        impacts = [(label, impact) for label, impact in tried if impact]
        return super().render(**extra, blockers=blockers, impacts=impacts)
