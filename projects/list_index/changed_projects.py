"""The projects that changes of any record affect."""

from typing import Any

from django.db.models import CharField, DateTimeField, QuerySet, Value

from projects.models import Call, Partnership, Project
from psf.database.parameters import Parameter
from psf.database.prepared import Prepared
from psf.database.sql import given_keys
from psf.followed_values.changes import Changes, Columns

# No facet, amount or publication depends on the texts of a project.
TEXTS: Columns = {
    "projects.project": {
        *["title", "title_language", "acronym", "summary", "description", "website"],
        "internal_note",
    }
}


def changed_projects(changes: Changes) -> set[int]:
    """The projects whose rows in lists may differ, deleted projects included.

    Also the projects whose publication moment, or the moment of their call, has passed.
    """
    keys = {int(key) for key in changes.records_of("projects.project")}
    first, last = sorted([changes.since, changes.until])
    published = _published(first=first, last=last)
    keys |= {key for kind, key in published if kind == "project"}
    calls = {*map(int, changes.keys_of("projects.call"))}
    if calls := calls | {key for kind, key in published if kind == "call"}:
        of_calls = Project.objects.filter(call__in=calls).order_by()
        keys |= set(of_calls.values_list("pk", flat=True))
    for column, changed in [
        ("partner", changes.keys_of("partners.partner")),
        ("country", changes.records_of("partners.country")),
    ]:
        if changed:
            parts = Partnership.objects.filter(**{f"{column}__in": changed}).order_by()
            keys |= set(parts.values_list("project", flat=True))
    return keys


@Prepared
def _published() -> list[QuerySet[Any]]:
    """The projects and calls published in a period, each with its kind."""
    first, last = Parameter("first", DateTimeField()), Parameter("last", DateTimeField())
    return [
        model._default_manager.filter(published_at__gt=first, published_at__lte=last)
        .order_by()
        .values_list(Value(kind, output_field=CharField()), "pk")
        for kind, model in [("project", Project), ("call", Call)]
    ]


def recounted_projects(changes: Changes) -> set[int]:
    """The changed projects besides those of which only texts changed."""
    return changed_projects(changes.besides(TEXTS))


def changed_partners(changes: Changes) -> set[int]:
    """The organisations whose public participations may differ."""
    return {
        *map(int, changes.keys_of("partners.partner")),
        *map(int, changes.values_of("projects.partnership", "partner_id")),
        *(partner for (partner,) in _partners_in.of(recounted_projects(changes))),
    }


@Prepared
def _partners_in() -> QuerySet[Any]:
    parts = Partnership.objects.filter(project__in=given_keys(Project), partner__isnull=False)
    return parts.order_by().values_list("partner")
