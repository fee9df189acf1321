"""The public versions of calls and projects; see `psf.public_changes`."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from partners.models import Partner
from projects.models import Call, Decision, Partnership, Project, Source
from projects.models.publication import public_since
from projects.publication.public_facts import LISTS, call_facts, project_facts, project_name
from psf.database.sql import in_keys
from psf.impact.facts import PublicPage
from psf.public_changes.record_kinds import Moments, PublicKind, last_written


def load_project_since(keys: list[str]) -> Moments:
    """When the present publication of the public projects among these keys began."""
    projects = Project.objects.public().filter(pk__in=map(int, keys))
    columns = projects.values_list("pk", public_since(), "call")
    rows = [(str(key), since, str(call)) for key, since, call in columns]
    written = last_written("projects.project", [row[0] for row in rows], "published_at")
    of_calls = last_written("projects.call", {row[2] for row in rows}, "published_at")
    return {
        key: max([since, *_known(written, key), *_known(of_calls, call)])
        for key, since, call in rows
    }


def _known(moments: Moments, key: str) -> list[datetime]:
    return [moments[key]] if key in moments else []


def load_call_since(keys: list[str]) -> Moments:
    calls = Call.objects.public().filter(pk__in=map(int, keys)).values_list("pk", "published_at")
    published = {str(key): at for key, at in calls if at}
    written = last_written("projects.call", list(published), "published_at")
    return {key: max([at, *_known(written, key)]) for key, at in published.items()}


def load_results_since(keys: list[str]) -> Moments:
    """When the results of the calls with these keys were published, perhaps before their calls."""
    public = Decision.objects.public().filter(call__in=map(int, keys))
    decisions = list(public.values_list("pk", "call", "published_at"))
    written = last_written(
        "projects.decision", [str(key) for key, *_row in decisions], "published_at"
    )
    return {str(call): max([at, *_known(written, str(key))]) for key, call, at in decisions if at}


def load_partner_since(keys: Collection[str]) -> Moments:
    """Since when each organisation takes part in a public project; others are missing."""
    parts = Partnership.objects.public().filter(partner__in=in_keys(Partner, keys)).order_by()
    columns = ["pk", "partner", "project", "project__call"]
    rows = list(parts.values_list(*columns, public_since("project__")))
    written = [
        last_written(kind, {str(row[place]) for row in rows}, column)
        for place, kind, column in [
            (0, "projects.partnership", "partner_id"),
            (2, "projects.project", "published_at"),
            (3, "projects.call", "published_at"),
        ]
    ]
    since: Moments = {}
    for part, partner, project, call, moment in rows:
        places = zip(written, [part, project, call], strict=True)
        at = max([moment, *(at for moments, key in places for at in _known(moments, str(key)))])
        since[str(partner)] = min(since.get(str(partner), at), at)
    return since


def describe_project(project: Project, at: datetime, results_since: datetime | None) -> PublicPage:
    return PublicPage(project_name(project), project.get_absolute_url(), project_facts(project))


def describe_call(call: Call, at: datetime, results_since: datetime | None) -> PublicPage:
    """The page at a moment. Results that were withdrawn later are on no page."""
    if results_since is None or at < results_since:
        Call._meta.get_field("decision").set_cached_value(call, None)
    return PublicPage(call.title, call.get_absolute_url(), call_facts(call, at))


def _lists_of(model: type[Call] | type[Project], names: list[str]) -> list[type]:
    return [getattr(model, name).through for name in names]


PROJECTS = PublicKind(
    Project,
    _("Projects"),
    [Partnership, Source, *_lists_of(Project, LISTS)],
    load_project_since,
    describe_project,
)
CALLS = PublicKind(
    Call,
    _("Calls"),
    [Decision, Source, *_lists_of(Call, ["priorities", "topics"])],
    load_call_since,
    describe_call,
    load_results_since,
    _("The results were published."),
    is_rare=True,
)
