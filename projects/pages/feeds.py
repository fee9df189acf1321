"""Atom feeds of the site, of filtered lists, and of single records."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from partners.models import Country, Partner
from partners.pages.filters import PartnerFilterSet
from partners.slugs import winner_of
from projects.models import Call, Partnership, Project
from projects.pages.filters import CallFilterSet, ProjectFilterSet
from projects.pages.withdrawn import withdrawn_page
from projects.publication.events import CALL, PROJECT, call_events, project_events, site_news
from psf.database.keysets import keys_of
from psf.database.sql import in_keys
from psf.history.tracking import kind_of
from psf.lists.filterset import ListFilterSet
from psf.public_changes.change_log import load_entries, load_log
from psf.public_changes.events import MAX_ENTRIES, Event, EventEntry, feed_response
from psf.public_changes.versions import KINDS

# The events of a kind, other than changes of its records.
EVENTS: dict[str, Callable[[Any, int], list[EventEntry]]] = {
    PROJECT: project_events,
    CALL: call_events,
}
LISTS: dict[str, tuple[type[ListFilterSet], Any, object]] = {
    "projects": (ProjectFilterSet, Project, gettext_lazy("Projects")),
    "calls": (CallFilterSet, Call, gettext_lazy("Calls")),
    "partners": (PartnerFilterSet, Partner, gettext_lazy("Partners")),
}


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    return feed_response(
        site_news(MAX_ENTRIES),
        title=_("Project Support Facility"),
        description=_("Calls that opened, results, new projects and withdrawals."),
        page="/",
        address=request.path,
    )


@require_safe
def changes_feed(request: HttpRequest) -> HttpResponse:
    return feed_response(
        load_log(),
        title=_("Project Support Facility: changes"),
        description=_("Everything that was published, changed, corrected or withdrawn."),
        page="/changes/",
        address=request.path,
    )


@require_safe
def list_feed(request: HttpRequest, name: str) -> HttpResponse:
    """The changes of the records in a filtered list.

    An unknown filter or value gets a sentence, with status 400.
    """
    filterset_class, model, title = LISTS[name]
    filterset = filterset_class(request.GET)
    if unknown := [key for key in request.GET if key not in filterset.filters]:
        if not filterset.filters:
            return bad_request(_("This list has no filters."))
        sentence = _("There is no filter “%(name)s”. Filters: %(known)s.")
        return bad_request(sentence % {"name": unknown[0], "known": ", ".join(filterset.filters)})
    if sentence := filterset.form.error_sentence():
        return bad_request(sentence)
    records = model.objects.public().filter(pk__in=in_keys(model, keys_of(filterset.remaining)))
    chosen = [f"{choice['name']}: {choice['value']}" for choice in filterset.chosen()]
    query = filterset.query().urlencode()
    ending = f"?{query}" if query else ""
    return feed_response(
        entries_of(records),
        title=", ".join([str(title), *chosen]),
        description=_("Publications, changes and corrections of the records in this list."),
        page=f"{request.path.removesuffix('.atom')}/{ending}",
        address=f"{request.path}{ending}",
    )


def bad_request(sentence: str) -> HttpResponse:
    return HttpResponse(sentence, "text/plain; charset=utf-8", status=400)


def entries_of(records: QuerySet[Any]) -> list[EventEntry]:
    """The publications of these records and the newest changes, all of one kind."""
    kind = kind_of(records.model)
    keys = {str(key) for key in records.values_list("pk", flat=True)}
    published = EVENTS[kind](records, MAX_ENTRIES) if kind in EVENTS else []
    changes = [Event.CHANGED, Event.CORRECTED]
    return published + [
        entry
        for entry in load_log()
        if entry.kind == kind and entry.key in keys and entry.event in changes
    ]


def record_feed(request: HttpRequest, name: object, entries: Iterable[EventEntry]) -> HttpResponse:
    """The feed at the address of a record with `.atom` in place of the last slash."""
    return feed_response(
        entries,
        title=str(name),
        description=_("Publication, changes and corrections of this record and its projects."),
        page=f"{request.path.removesuffix('.atom')}/",
        address=request.path,
    )


def changes_of(record: Any) -> list[EventEntry]:
    return load_entries(KINDS[kind_of(type(record))], [str(record.pk)])


@require_safe
def project_feed(request: HttpRequest, slug: str) -> HttpResponse:
    project = Project.objects.public().filter(slug=slug).first()
    if project is None:
        return withdrawn_page(Project.objects.unpublished(), slug=slug)
    published = project_events(Project.objects.public().filter(pk=project.pk), 1)
    return record_feed(request, project, [*published, *changes_of(project)])


@require_safe
def call_feed(request: HttpRequest, slug: str) -> HttpResponse:
    calls = Call.objects.public().filter(slug=slug)
    call = calls.first()
    if call is None:
        return withdrawn_page(Call.objects.unpublished(), slug=slug)
    entries = [*call_events(calls, MAX_ENTRIES), *changes_of(call)]
    entries += entries_of(Project.objects.public().filter(call=call))
    return record_feed(request, call, entries)


@require_safe
def partner_feed(request: HttpRequest, slug: str) -> HttpResponse:
    partner = Partner.objects.public().filter(slug=slug).first()
    if partner is None:
        return redirect("projects:partner-feed", winner_of(slug).slug, permanent=True)
    parts = Partnership.objects.public().filter(partner=partner).values("project")
    entries = entries_of(Project.objects.public().filter(pk__in=parts))
    return record_feed(request, partner, [*entries, *changes_of(partner)])


@require_safe
def country_feed(request: HttpRequest, slug: str) -> HttpResponse:
    country = get_object_or_404(Country.objects.public(), slug=slug)
    parts = Partnership.objects.public().filter(country=country).values("project")
    projects = Project.objects.public().filter(pk__in=parts)
    return record_feed(request, country, entries_of(projects))
