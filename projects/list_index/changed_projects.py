"""The projects that changes of any record affect."""

from typing import Any

from django.db.models import DateTimeField, QuerySet

from projects.models import Listing, Partnership, Project
from psf.counts.changes import Changes
from psf.database.parameters import Parameter
from psf.database.prepared import Prepared
from psf.database.sql import in_keys


def changed_projects(changes: Changes) -> set[int]:
    """The projects whose rows in lists may differ, deleted projects included.

    Also the projects that became public in the meantime.
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
def _published() -> QuerySet[Any]:
    """The projects that became public after one moment and not after another."""
    first, last = Parameter("first", DateTimeField()), Parameter("last", DateTimeField())
    return Listing.objects.filter(since__gt=first, since__lte=last).values_list("pk")


def changed_partners(changes: Changes) -> set[int]:
    """The organisations whose public participations may differ."""
    projects = changed_projects(changes)
    parts = Partnership.objects.filter(project__in=in_keys(Project, projects)).order_by()
    return {
        *map(int, changes.keys_of("partners.partner")),
        *map(int, changes.values_of("projects.partnership", "partner_id")),
        *parts.exclude(partner=None).values_list("partner", flat=True),
    }
