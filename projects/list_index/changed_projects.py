"""The projects that changes of any record affect."""

from typing import Any

from django.db.models import DateTimeField, QuerySet

from projects.models import Partnership, Project
from psf.counts.changes import Changes
from psf.database.parameters import Parameter
from psf.database.prepared_queries import Prepared
from psf.database.sql import in_keys


def changed_projects(changes: Changes) -> set[int]:
    """The projects whose rows in lists may differ, deleted projects included.

    Also the projects whose publication moment, or the moment of their call, has passed.
    """
    keys = {int(key) for key in changes.records_of("projects.project")}
    first, last = sorted([changes.since, changes.until])
    keys |= {key for (key,) in _published(first=first, last=last)}
    if calls := {*map(int, changes.keys_of("projects.call"))}:
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
    """The projects with a publication, or with one of their call, in a period."""
    first, last = Parameter("first", DateTimeField()), Parameter("last", DateTimeField())
    return [
        Project.objects.filter(**{f"{column}__gt": first, f"{column}__lte": last})
        .order_by()
        .values_list("pk")
        for column in ["published_at", "call__published_at"]
    ]


def changed_partners(changes: Changes) -> set[int]:
    """The organisations whose public participations may differ."""
    projects = changed_projects(changes)
    parts = Partnership.objects.filter(project__in=in_keys(Project, projects)).order_by()
    return {
        *map(int, changes.keys_of("partners.partner")),
        *map(int, changes.values_of("projects.partnership", "partner_id")),
        *parts.exclude(partner=None).values_list("partner", flat=True),
    }
