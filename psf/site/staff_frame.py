"""The frame of all staff pages: the side column, and the search over all records."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, cast

from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from partners.models import Partner
from projects.cockpit.state import FOR_STAGE, CallState, running_states
from projects.deadlines.kinds import may_see_any
from projects.models import Call, Project
from psf.staff.record_admin import RecordAdmin

# The kinds of records in the order in which staff think of them.
RECORDS = ["projects.Call", "projects.Project", "projects.Assessment", "partners.LeadPartner"]
RECORDS += ["partners.Partner", "partners.Country", "partners.Membership"]
RECORDS += ["projects.Priority", "projects.Topic"]
EVERYTHING = ["history.ChangeSet", "auth.User", "auth.Group", "psf.AuditEvent"]


class Entry(NamedTuple):
    """A link of the side column with a note beside it."""

    label: str | Promise
    url: str
    is_current: bool
    note: str = ""


Group = tuple[str | Promise, list[Entry]]


def listed_kinds(apps: Iterable[Any]) -> dict[str, Any]:
    """The kinds of records with a list that this person may see, by label of their models.

    `apps` are those of Django's admin.
    """
    kinds = {kind["model"]._meta.label: kind for app in apps for kind in app["models"]}
    in_order = [label for label in [*RECORDS, *EVERYTHING] if label in kinds]
    return {label: kinds[label] for label in in_order if kinds[label]["admin_url"]}


def side_column(
    request: HttpRequest, kinds: Mapping[str, Any], states: list[CallState] | None = None
) -> list[Group]:
    """The entries of the side column by group, with the `listed_kinds()`.

    `states` are those of the running calls, if known.
    """
    here = request.path

    def entry(label: str | Promise, url: str, note: str = "", *, exact: bool = False) -> Entry:
        return Entry(label, url, here == url or (not exact and here.startswith(url)), note)

    first = [entry(gettext_lazy("Today"), reverse("admin:index"), exact=True)]
    if may_see_any(request.user):
        first.append(entry(gettext_lazy("Calendar"), reverse("admin:calendar")))
    groups: list[Group] = [("", first)]
    if "projects.Call" in kinds:
        rows = [
            entry(
                state.call.title,
                reverse("admin:projects_call_cockpit", args=[state.call.pk]),
                str(state.stage.label),
            )
            for state in (running_states(request.user, FOR_STAGE) if states is None else states)
        ]
        every = reverse("admin:projects_call_changelist")
        rows.append(entry(gettext_lazy("All calls"), every, exact=True))
        groups.append((gettext_lazy("Calls"), rows))
    for title, labels in [(_("Records"), RECORDS[1:]), (_("Everything"), EVERYTHING)]:
        chosen = [kinds[label] for label in labels if label in kinds]
        groups.append((title, [entry(kind["name"], kind["admin_url"]) for kind in chosen]))
    return [(label, rows) for label, rows in groups if rows]


# The search

MOST_FOUND = 10  # of each kind


class Found(NamedTuple):
    """The records of one kind that match, and the list with all of them ("" if none is left)."""

    label: str
    rows: list[tuple[str, str, str]]  # name, address and a note
    all_url: str


# The kinds that the search reads, with the note beside a record.
SEARCHED: dict[type[Model], Callable[[Any], object]] = {
    Call: lambda row: row.phase().label,
    Project: lambda row: f"{row.reference}, {row.get_status_display()}",
    Partner: lambda row: row.country,
    User: lambda row: row.get_full_name(),
}


def staff_search(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """What the words find among records, accounts and pages that this account may open."""
    words = request.GET.get("q", "").strip()
    context = site.each_context(request)
    found = [*_pages(context["side_column"], words), *_records(site, request, words)]
    context |= {"title": _("Search"), "words": words, "found": found if words else []}
    request.current_app = site.name
    return TemplateResponse(request, "admin/search.html", context)


def _pages(groups: list[Group], words: str) -> list[Found]:
    """The pages of the side column whose name contains the words. Calls are records."""
    entries = [entry for _label, rows in groups for entry in rows]
    rows = [
        (capfirst(str(entry.label)), entry.url, "")
        for entry in entries
        if not entry.note and words.casefold() in str(entry.label).casefold()
    ]
    return [Found(_("Pages"), rows, "")] if rows else []


def _records(site: AdminSite, request: HttpRequest, words: str) -> Iterable[Found]:
    for model, note in SEARCHED.items():
        admin = cast(RecordAdmin, site.get_model_admin(model))
        if not admin.has_view_permission(request):
            continue
        matching, _distinct = admin.get_search_results(request, admin.get_queryset(request), words)
        rows = list(matching[: MOST_FOUND + 1])
        if rows:
            yield Found(
                str(capfirst(admin.opts.verbose_name_plural)),
                [
                    (str(row), admin.page_url(admin.first_page, row.pk), str(note(row)))
                    for row in rows[:MOST_FOUND]
                ],
                f"{admin.page_url('changelist')}?{urlencode({'q': words})}"
                if len(rows) > MOST_FOUND
                else "",
            )
