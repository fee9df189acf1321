"""Atom feeds of the site, of filtered lists, and of single records."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from partners.models import Country, Partner
from partners.pages.filters import PartnerFilterSet
from partners.pages.views import winner_of
from projects.models import Call, Partnership, Project
from projects.pages.filters import CallFilterSet, ProjectFilterSet
from projects.pages.views import withdrawn_page
from projects.publication.events import CALL, PROJECT, call_events, project_events, site_news
from psf.database.keysets import keys_of
from psf.database.sql import in_keys
from psf.http.requests import accepts_parameters
from psf.lists.filterset import ListFilterSet
from psf.public_changes.events import MAX_ENTRIES, Event, EventEntry, feed_response
from psf.public_changes.record_changes import load_entries, load_log
from psf.public_changes.versions import KINDS
from psf.public_changes.views import ChangesForm

PARTNER = "partners.partner"


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
@accepts_parameters("since", "event", "kind")
def changes_feed(request: HttpRequest, query: QueryDict) -> HttpResponse:
    form = ChangesForm(query)
    if sentence := form.error_sentence():
        return bad_request(sentence)
    ending = f"?{query.urlencode()}" if query else ""
    return feed_response(
        form.entries(load_log()),
        title=_("Project Support Facility: changes"),
        description=_("Everything that was published, changed, corrected or withdrawn."),
        page=f"/changes/{ending}",
        address=f"{request.path}{ending}",
    )


@require_safe
def project_list_feed(request: HttpRequest) -> HttpResponse:
    filterset = ProjectFilterSet(request.GET)
    if refusal := filter_refusal(request, filterset):
        return refusal
    projects = Project.objects.public()
    if filterset.key_sets:
        projects = projects.filter(pk__in=in_keys(Project, keys_of(filterset.remaining)))
    return list_feed(request, filterset, _("Projects"), entries_of_projects(projects))


@require_safe
def call_list_feed(request: HttpRequest) -> HttpResponse:
    filterset = CallFilterSet(request.GET)
    if refusal := filter_refusal(request, filterset):
        return refusal
    return list_feed(request, filterset, _("Calls"), entries_of_calls(filterset.result_rows()))


@require_safe
def partner_list_feed(request: HttpRequest) -> HttpResponse:
    """The changes of the organisations in a list."""
    filterset = PartnerFilterSet(request.GET)
    if refusal := filter_refusal(request, filterset):
        return refusal
    keys = {str(key) for key in keys_of(filterset.remaining)}
    return list_feed(request, filterset, _("Partners"), _changes_in_log(PARTNER, keys))


def filter_refusal(request: HttpRequest, filterset: ListFilterSet) -> HttpResponse | None:
    """A sentence, with status 400, about a filter or a value that the list does not have.

    Values that are valid in small letters redirect to these.
    """
    parameters = filterset.filters.keys()
    if unknown := [name for name in request.GET if name not in parameters]:
        sentence = _("There is no filter “%(name)s”. Filters: %(known)s.")
        sentence %= {"name": unknown[0], "known": ", ".join(parameters)}
    elif current := filterset.current_parameters():
        return redirect(f"{request.path}?{current}", permanent=True)
    else:
        sentence = filterset.form.error_sentence()
    return bad_request(sentence) if sentence else None


def bad_request(sentence: str) -> HttpResponse:
    return HttpResponse(sentence, "text/plain; charset=utf-8", status=400)


def list_feed(
    request: HttpRequest, filterset: ListFilterSet, title: str, entries: list[EventEntry]
) -> HttpResponse:
    chosen = [f"{choice['name']}: {choice['value']}" for choice in filterset.chosen()]
    query = filterset.query().urlencode()
    ending = f"?{query}" if query else ""
    return feed_response(
        entries,
        title=", ".join([title, *chosen]),
        description=_("Publications, changes and corrections of the records in this list."),
        page=f"{request.path.removesuffix('.atom')}/{ending}",
        address=f"{request.path}{ending}",
    )


def entries_of_projects(projects: QuerySet[Project]) -> list[EventEntry]:
    """The publications of the projects and the newest changes of their records."""
    keys = {str(key) for key in projects.values_list("pk", flat=True)}
    return [*project_events(projects, MAX_ENTRIES), *_changes_in_log(PROJECT, keys)]


def entries_of_calls(calls: QuerySet[Call]) -> list[EventEntry]:
    keys = {str(key) for key in calls.values_list("pk", flat=True)}
    return [*call_events(calls, MAX_ENTRIES), *_changes_in_log(CALL, keys)]


def _changes_in_log(kind: str, keys: set[str]) -> list[EventEntry]:
    return [
        entry
        for entry in load_log()
        if entry.kind == kind
        and entry.key in keys
        and entry.event in [Event.CHANGED, Event.CORRECTED]
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


def changes_of(kind: str, key: object) -> list[EventEntry]:
    return load_entries(KINDS[kind], [str(key)])


@require_safe
def project_feed(request: HttpRequest, slug: str) -> HttpResponse:
    project = Project.objects.public().filter(slug=slug).first()
    if project is None:
        return withdrawn_page(Project.objects.unpublished(), slug=slug)
    published = project_events(Project.objects.public().filter(pk=project.pk), 1)
    return record_feed(request, project, [*published, *changes_of(PROJECT, project.pk)])


@require_safe
def call_feed(request: HttpRequest, slug: str) -> HttpResponse:
    calls = Call.objects.public().filter(slug=slug)
    call = calls.first()
    if call is None:
        return withdrawn_page(Call.objects.unpublished(), slug=slug)
    entries = [*call_events(calls, MAX_ENTRIES), *changes_of(CALL, call.pk)]
    entries += entries_of_projects(Project.objects.public().filter(call=call))
    return record_feed(request, call, entries)


@require_safe
def partner_feed(request: HttpRequest, slug: str) -> HttpResponse:
    partner = Partner.objects.public().filter(slug=slug).first()
    if partner is None:
        return redirect("projects:partner-feed", winner_of(slug).slug, permanent=True)
    parts = Partnership.objects.public().filter(partner=partner).values("project")
    entries = entries_of_projects(Project.objects.public().filter(pk__in=parts))
    return record_feed(request, partner, [*entries, *changes_of(PARTNER, partner.pk)])


@require_safe
def country_feed(request: HttpRequest, slug: str) -> HttpResponse:
    country = get_object_or_404(Country.objects.public(), slug=slug)
    parts = Partnership.objects.public().filter(country=country).values("project")
    projects = Project.objects.public().filter(pk__in=parts)
    return record_feed(request, country, entries_of_projects(projects))
